import type { JSX, ReactNode } from 'react';
import type { CheckResult, Remediation, Severity } from '../../../shared/model/check.ts';
import { whyItMatters, type ReadinessCheckId } from '../../../shared/model/readiness-checks.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { CopyText } from '../../ui/copy-text.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { When } from '../../ui/when.tsx';

const severityWords: Readonly<Record<Severity, string>> = {
  critical: 'Critical: it decides the verdict.',
  warning: 'Warning: it does not decide the verdict.',
  info: 'For information.',
};

const Part = ({ title, children }: { title: string; children: ReactNode }): JSX.Element => (
  <div className="r-part">
    <h3>{title}</h3>
    <div>{children}</div>
  </div>
);

const ToDo = ({ remediation, check }: { remediation: Remediation; check: CheckResult }): JSX.Element => (
  <Part title="What to do">
    <p>
      <bdi>{remediation.text}</bdi>
    </p>
    {remediation.manual ? (
      <>
        <p className="q-quiet">By hand, in the tools of the system:</p>
        <p>
          <bdi>{remediation.manual}</bdi>
        </p>
      </>
    ) : null}
    {remediation.script ? (
      <>
        <p className="q-quiet">The same in PowerShell:</p>
        <CopyText text={remediation.script} label={`PowerShell for ${check.title}`} />
      </>
    ) : null}
    {remediation.link && check.id !== 'host.catalog' ? (
      <p>
        To read: <span className="q-address">{remediation.link}</span>
      </p>
    ) : null}
  </Part>
);

const Catalog = ({ report }: { report: ReadinessReport }): JSX.Element => (
  <Part title="Look it up with a phone">
    <div className="r-catalog">
      <QrCode text={report.catalog.address} />
      <div>
        <p>
          The Windows Server Catalog: <span className="q-address">{report.catalog.address}</span>
        </p>
        {report.catalog.lookUp === null ? (
          <p>Make and model are not known; read them off the server.</p>
        ) : (
          <p>
            Search there for <strong className="q-mono">{report.catalog.lookUp}</strong>.
          </p>
        )}
        <p className="q-quiet">Quorate does not connect to it. Scan the code to open the address on a phone.</p>
      </div>
    </div>
  </Part>
);

const whyOf = (id: string): string | undefined =>
  id in whyItMatters ? whyItMatters[id as ReadinessCheckId] : undefined;

/** Everything behind one check: what was expected and found, the evidence, why it matters, what to do, the source. */
export const CheckDetail = ({
  id,
  check,
  report,
}: {
  id: string;
  check: CheckResult;
  report: ReadinessReport;
}): JSX.Element => (
  <div id={id} className="r-detail" role="region" aria-label={`${check.title}: details`}>
    {whyOf(check.id) ? (
      <Part title="Why it matters">
        <p>
          {whyOf(check.id)} <span className="q-quiet">{severityWords[check.severity]}</span>
        </p>
      </Part>
    ) : null}
    <Part title="Expected">
      <p>
        <bdi>{check.expected}</bdi>
      </p>
    </Part>
    <Part title="Found">
      <p>
        <bdi>{check.observed}</bdi>
      </p>
      {check.because && check.because !== check.observed ? (
        <p>
          <bdi>{check.because}</bdi>
        </p>
      ) : null}
    </Part>
    {check.remediation ? <ToDo remediation={check.remediation} check={check} /> : null}
    {check.id === 'host.catalog' ? <Catalog report={report} /> : null}
    <Part title="Evidence">
      {check.evidence.length === 0 ? (
        <p>No fact was read for it.</p>
      ) : (
        <table className="r-evidence">
          <thead>
            <tr>
              <th scope="col">Fact</th>
              <th scope="col">Value</th>
              <th scope="col">Read from</th>
            </tr>
          </thead>
          <tbody>
            {check.evidence.map((evidence, index) => (
              <tr key={index}>
                <td className="q-mono">
                  <bdi>{evidence.fact}</bdi>
                </td>
                <td className="q-mono">{evidence.value === null ? <em>not known</em> : <bdi>{evidence.value}</bdi>}</td>
                <td>
                  <bdi>{evidence.from}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="q-quiet">
        Read on <bdi>{check.target}</bdi>, <When at={check.at} />.
      </p>
    </Part>
    <Part title="Source of the rule">
      <p className="q-quiet">
        <bdi>{check.source}</bdi>
      </p>
    </Part>
    <p className="q-quiet r-check-id">
      Check <code>{check.id}</code>
    </p>
  </div>
);
