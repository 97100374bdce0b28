import { Button, Field, Select } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { LogicalUnit, Purpose } from '../../../shared/model/qualification.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { isUnread } from '../../../shared/model/unit-fact.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { When } from '../../ui/when.tsx';
import { keyOfUnit, suggestPurpose, whyUnfit } from './purposes.ts';
import { QualifyForm } from './qualify-form.tsx';
import { nearSource } from './portals.ts';
import {
  discover,
  inspect,
  lastReportOf,
  setAccess,
  setPurpose,
  useQualification,
  type Discovery,
  type Inspection,
  type Unit,
} from './store.ts';
import { idOfReport, purposeWords, verdictMarks } from './words.ts';

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'Yes' : 'No');

/** Who holds what on a unit, as it was read. */
const Holders = ({ inspected }: { inspected: Inspection['luns'][number] | undefined }): JSX.Element | null => {
  if (!inspected) return null;
  const { reservations, capabilities } = inspected;
  if (inspected.problem) return <p className="q-strong">{inspected.problem}</p>;
  if (capabilities === null)
    return (
      <p className="q-said q-strong">
        <OutcomeIcon outcome="fail" /> It knows no persistent reservations.
      </p>
    );
  if (!reservations) return null;
  return (
    <Facts
      rows={[
        [
          'Reservation',
          inspected.reservationState === 'notAnswered' ? null : reservations.reservation === null ? (
            'None'
          ) : (
            <>
              {reservations.reservation.type}, key <Mono>{reservations.reservation.key}</Mono>
              {reservations.reservation.holder ? (
                <>
                  , held by <Mono>{reservations.reservation.holder}</Mono>
                </>
              ) : null}
            </>
          ),
        ],
        [
          'Registered keys',
          reservations.registrations && reservations.registrations.length > 0 ? (
            <ul className="v-signs">
              {reservations.registrations.map(({ key, holder }, index) => (
                <li key={index}>
                  <Mono>{key}</Mono> {holder ? <Mono>{holder}</Mono> : 'holder not reported'}
                </li>
              ))}
            </ul>
          ) : reservations.keys.length === 0 ? (
            'None'
          ) : (
            <Mono>{reservations.keys.join(', ')}</Mono>
          ),
        ],
      ]}
    />
  );
};

/** What the last qualification of this unit said, and from which server it was seen. */
const LastVerdict = ({ unit }: { unit: Unit }): JSX.Element => {
  const report = lastReportOf(
    useQualification((state) => state.reports),
    unit,
  );
  if (!report) return <span className="q-quiet">Not qualified yet.</span>;
  return (
    <>
      <span>
        <OutcomeMark {...verdictMarks[report.verdict]} /> for {purposeWords[report.purpose].inSentence}, seen from{' '}
        <bdi>{report.machine}</bdi>, <When at={report.endedAt} />
      </span>
      <Button
        size="small"
        aria-label={`Open report for LUN ${unit.lun}`}
        onClick={() => {
          const shown = document.getElementById(idOfReport(report));
          shown?.scrollIntoView({ block: 'start' });
          shown?.focus({ preventScroll: true });
        }}
      >
        Open report
      </Button>
    </>
  );
};

const UnitCard = ({
  place,
  unit,
  inspected,
  isOpen,
  onOpen,
  onClose,
}: {
  place: Unit;
  unit: LogicalUnit;
  inspected: Inspection['luns'][number] | undefined;
  isOpen: boolean;
  onOpen: () => void;
  onClose: () => void;
}): JSX.Element => {
  const key = keyOfUnit(place.target, unit);
  const chosen = useQualification((state) => state.purposes[key]);
  const purpose = chosen ?? suggestPurpose(unit);
  const unfit = whyUnfit(purpose, unit);
  return (
    <li className="g-unit" data-lun={unit.lun}>
      <h4>
        LUN {unit.lun}
        <span className="q-quiet">
          <bdi>{`${unit.vendor} ${unit.product} ${unit.revision}`}</bdi>
        </span>
      </h4>
      <Facts
        rows={[
          [
            'Size',
            unit.sizeBytes === null
              ? null
              : `${formatSize(unit.sizeBytes)}, blocks of ${unit.blockSizeBytes ?? '?'} bytes`,
          ],
          [
            'Serial number',
            unit.serial === null ? isUnread(unit, 'serial') ? 'Not readable' : null : <Mono>{unit.serial}</Mono>,
          ],
          [
            'Identity (VPD 83h)',
            unit.identity === null ? (
              <span className="q-said">
                <OutcomeIcon outcome="fail" /> {isUnread(unit, 'identity') ? 'Not readable' : 'None'}
              </span>
            ) : (
              <Mono>{unit.identity}</Mono>
            ),
          ],
          ['Thin', yesNo(unit.isThin)],
          ['Write-protected', yesNo(unit.isWriteProtected)],
          ['ALUA', yesNo(unit.supportsAlua)],
        ]}
      />
      <Holders inspected={inspected} />
      <p className="g-last">
        <LastVerdict unit={place} />
      </p>
      <div className="g-purpose">
        <Field
          label="What it is for"
          hint={chosen === undefined ? 'Suggested by its size.' : ''}
          {...(unfit === null ? {} : { validationState: 'error', validationMessage: unfit })}
        >
          <Select value={purpose} onChange={(_event, { value }) => void setPurpose(key, value as Purpose)}>
            {(Object.keys(purposeWords) as Purpose[]).map((one) => (
              <option key={one} value={one}>
                {purposeWords[one].choice}
              </option>
            ))}
          </Select>
        </Field>
        <Button onClick={isOpen ? onClose : onOpen} aria-expanded={isOpen}>
          Qualify LUN {unit.lun}
        </Button>
      </div>
      {isOpen ? <QualifyForm unit={unit} place={place} purpose={purpose} onClose={onClose} /> : null}
    </li>
  );
};

/** The portals of a target, each with the NIC of this server that lies in its network. */
const Portals = ({ portals }: { portals: Discovery['targets'][number]['portals'] }): JSX.Element => {
  const sources = useQualification((state) => state.sources);
  return (
    <table className="t-table g-portals" aria-label="Portals of the target">
      <thead>
        <tr>
          <th scope="col">Portal</th>
          <th scope="col">Portal group</th>
          <th scope="col">Adapter in its network</th>
        </tr>
      </thead>
      <tbody>
        {portals.map(({ address, portalGroupTag }) => {
          const near = nearSource(address, sources);
          return (
            <tr key={`${address} ${portalGroupTag}`}>
              <td>
                <Mono>{address}</Mono>
              </td>
              <td className="q-figures">{portalGroupTag ?? 'not known'}</td>
              <td>
                {near ? (
                  <>
                    <bdi>{near.nic}</bdi>, <Mono>{near.address}</Mono>
                  </>
                ) : (
                  'none: reached over a router, if at all'
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

const Target = ({ target }: { target: Discovery['targets'][number] }): JSX.Element => {
  const inspection = useQualification((state) => state.inspections[target.name]);
  const failure = useQualification((state) => state.inspectionFailures[target.name]);
  const [open, setOpen] = useState<number | null>(null);
  const hasUnits = (target.luns ?? []).length > 0;
  useEffect(() => {
    if (hasUnits) void inspect(target.name);
  }, [target.name, hasUnits]);
  return (
    <section className="g-target" aria-label={`Target ${target.name}`}>
      <h3>
        <Mono>{target.name}</Mono>
      </h3>
      <Portals portals={target.portals} />
      {target.warnings.map((warning) => (
        <p key={warning}>
          <bdi>{warning}</bdi>
        </p>
      ))}
      {target.problem ? (
        <div className="q-note q-note-fail" role="alert">
          <OutcomeIcon outcome="fail" />
          <div className="q-note-text">
            <p className="q-strong">
              <bdi>{target.problem.what}</bdi>
            </p>
            <p>
              <bdi>{target.problem.next}</bdi>
            </p>
            <p className="q-quiet">
              Code <code>{target.problem.code}</code>
            </p>
          </div>
        </div>
      ) : null}
      {target.luns?.length === 0 ? (
        <p>
          The target shows no logical unit to this initiator. Present one to its name on the storage, then look again.
        </p>
      ) : null}
      {failure ? <FailureNote envelope={failure} onRetry={() => void inspect(target.name)} /> : null}
      <ul className="g-units">
        {(target.luns ?? []).map((unit) => (
          <UnitCard
            key={unit.lun}
            place={{
              target: target.name,
              portals: target.portals.map(({ address }) => address),
              seenOver: target.lunsReadOver,
              lun: unit.lun,
            }}
            unit={unit}
            inspected={inspection?.luns.find(({ lun }) => lun === unit.lun)}
            isOpen={open === unit.lun}
            onOpen={() => setOpen(unit.lun)}
            onClose={() => setOpen(null)}
          />
        ))}
      </ul>
    </section>
  );
};

/** Where the portal sent us; a permanent redirect is to be believed and written down. */
const Redirects = ({ redirects }: Pick<Discovery, 'redirects'>): JSX.Element | null =>
  redirects.length === 0 ? null : (
    <div className="q-note">
      <OutcomeIcon outcome="warn" />
      <div className="q-note-text">
        {redirects.map(({ from, to, permanent }) => (
          <p key={`${from} ${to}`}>
            The portal <Mono>{from}</Mono> redirects to <Mono>{to}</Mono>{' '}
            {permanent ? 'for good: use that one from now on.' : 'for now.'}
          </p>
        ))}
        {redirects.some(({ permanent }) => permanent) ? (
          <Button
            onClick={() => {
              setAccess({ portal: redirects.at(-1)?.to ?? '' });
              void discover();
            }}
          >
            Query {redirects.at(-1)?.to}
          </Button>
        ) : null}
      </div>
    </div>
  );

/** What the portal offers: targets with their logical units, and who holds what on them. */
export const Targets = (): JSX.Element | null => {
  const discovery = useQualification((state) => state.discovery);
  if (!discovery) return null;
  return (
    <div>
      <p className="q-quiet">
        Asked as <Mono>{discovery.initiator}</Mono> from <Mono>{discovery.localAddress}</Mono>.
      </p>
      <Redirects redirects={discovery.redirects} />
      {discovery.targets.length === 0 ? (
        <p>The portal offers no target to this initiator. Admit its name on the storage, then look again.</p>
      ) : null}
      {discovery.targets.map((target) => (
        <Target key={target.name} target={target} />
      ))}
    </div>
  );
};
