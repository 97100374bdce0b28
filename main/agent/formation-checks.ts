import { localServer } from '../../shared/model/server-ref.ts';
import { administersServers } from '../operations/formation/administers-servers.ts';
import { agreeServers } from '../operations/formation/agree-servers.ts';
import type { CheckTools } from '../operations/formation/checks.ts';
import { quickMigration, restartServer, type DrillTools } from '../operations/formation/drills.ts';
import { loseHost } from '../operations/formation/lose-host.ts';
import { askLastStop } from '../operations/formation/ask-last-stop.ts';
import { measureNetworks } from '../operations/formation/measure-networks.ts';
import type { CheckOrder } from '../operations/formation/formation-core.ts';
import { directly, qualifyLun, type AskCore } from '../operations/formation/qualify-lun.ts';
import { sameLuns } from '../operations/formation/same-luns.ts';
import { validateServers } from '../operations/formation/validate-servers.ts';
import { validationTools } from './compose-validation.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

interface CheckContext {
  readonly settings: CoreSettings;
  readonly access: ServerAccess;
  readonly ask: AskCore;
}

/** Binds the checks of a formation to the server of this core. */
export const checkTools = (
  { settings, access, ask: askCore }: CheckContext,
  { proofs, signal, tell, acceptWarnings, secrets, by }: CheckOrder,
): CheckTools => {
  const ask: AskCore = (method, input, within) => askCore(method, input, within, tell);
  const drills: DrillTools = {
    use: (work) => access.onServer(localServer, work),
    proofs,
    hands: settings.hands ?? null,
    lastStop: askLastStop(ask),
    now: () => new Date(),
    tell: (doing) => tell({ doing, done: null, total: null, leftMs: null }),
  };
  const { use, now } = drills;
  const iqn = (within: AbortSignal): Promise<string | null> =>
    use(async ({ ports }) => (await ports.initiator.readState({ signal: within })).iqn);
  return {
    signal,
    tell,
    checks: {
      'drill.quickMigration': quickMigration(drills),
      'drill.loseHost': loseHost(drills),
      'drill.restartServer': restartServer(drills),
      'account.administers': administersServers({ use }),
      'networks.measure': measureNetworks({ ask, acceptances: acceptWarnings }),
      'servers.agree': agreeServers({ ask, acceptances: acceptWarnings }),
      'cluster.validate': validateServers({
        use,
        kept: () => validationTools(settings.dataFolder),
        proofs,
        now,
        acceptances: acceptWarnings,
        by,
        tell,
      }),
      'storage.sameLuns': sameLuns({ ask, acceptances: acceptWarnings }),
      'storage.qualify': qualifyLun({ ask, proofs, reach: settings.reachPortal ?? directly, iqn, secrets, now }),
    },
  };
};
