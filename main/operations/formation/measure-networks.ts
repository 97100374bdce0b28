import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { measureSettingsSchema } from '../../../shared/model/network-measure.ts';
import { judgeGate, namesOfFindings, type GateFinding } from '../../../shared/plan/formation/gate.ts';
import { judgeNetworks } from '../../../shared/plan/formation/judge-networks.ts';
import { withoutLoad } from '../../../shared/plan/formation/validation-phase.ts';
import type { Check } from './checks.ts';
import type { AskCore } from './qualify-lun.ts';

/** The first of these, and how many more there are. */
const inWords = (findings: readonly GateFinding[]): string => {
  const [first, ...more] = findings;
  return `${first?.text ?? ''}${more.length > 0 ? ` And ${more.length} more.` : ''}`;
};

/**
 * Measures the networks between the servers of the file, and to its portals, before Windows validates them: what does not carry a cluster stops, and
 * so does a warning that nobody accepted by its name. Where machines run, the networks are not filled with data.
 */
export const measureNetworks =
  ({ ask, acceptances }: { readonly ask: AskCore; readonly acceptances: readonly WarningAcceptance[] }): Check =>
  async (subject, file, signal) => {
    const matrix = await ask(
      'peers.matrix',
      {
        portals: file.storage.portals.map(({ address, port }) => ({ address, port })),
        settings: measureSettingsSchema.parse(subject === withoutLoad ? { bandwidthMs: 0 } : {}),
      },
      signal,
    );
    const findings = judgeNetworks(file, matrix);
    const { failed, unknown, open, accepted, told } = judgeGate(findings, acceptances);
    const [worst] = failed;
    if (worst) throw failure('FORM_NETWORKS_FAIL', { what: inWords(failed), next: worst.next });
    const [hidden] = unknown;
    if (hidden) throw failure('FORM_NETWORKS_UNKNOWN', { what: inWords(unknown), next: hidden.next });
    if (open.length > 0)
      throw failure('FORM_WARNINGS_OPEN', {
        names: namesOfFindings(open).join(', '),
        what: inWords(open),
        next: open[0]!.next,
      });
    const said = [
      ...new Set(accepted.map(({ name, because }) => `accepted: ${name} (${because})`)),
      ...namesOfFindings(told).map((name) => `not known: ${name}`),
    ].join(', ');
    return `${matrix.links.length} paths measured (${matrix.id})${said === '' ? '' : `; ${said}`}`;
  };
