import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import { measureSettingsSchema } from '../../../shared/model/network-measure.ts';
import { namesOfFindings } from '../../../shared/plan/formation/gate.ts';
import { judgeNetworks } from '../../../shared/plan/formation/judge-networks.ts';
import { withoutLoad } from '../../../shared/plan/formation/validation-phase.ts';
import type { Check } from './checks.ts';
import { passGate } from './pass-gate.ts';
import type { AskCore } from './qualify-lun.ts';

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
    const { accepted, told } = passGate(judgeNetworks(file, matrix), acceptances, {
      failed: 'FORM_NETWORKS_FAIL',
      unknown: 'FORM_NETWORKS_UNKNOWN',
    });
    const said = [
      ...new Set(accepted.map(({ name, because }) => `accepted: ${name} (${because})`)),
      ...namesOfFindings(told).map((name) => `not known: ${name}`),
    ].join(', ');
    return `${matrix.links.length} paths measured (${matrix.id})${said === '' ? '' : `; ${said}`}`;
  };
