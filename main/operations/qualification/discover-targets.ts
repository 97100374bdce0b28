import type { Progress } from '../../../shared/contract/define.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { explain, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import {
  DEFAULT_LOGIN_TIMEOUT_MS,
  discover,
  formatPortal,
  IscsiError,
  openSession,
  type Discovery as Found,
} from '../../iscsi/index.ts';
import { toReach, type AccessInput, type ThisServer, type Reach } from './access.ts';
import { explainIscsiError, withIscsiFailures, type Circumstances } from './iscsi-failure.ts';
import { listUnits } from './list-units.ts';
import { signOfLife, type SignOfLife } from './sign-of-life.ts';

type Discovery = Output<'iscsi.discover'>;
type Entry = Discovery['targets'][number];

/**
 * Many targets ask for CHAP at the logon to the target and take none for discovery, where it is a setting of its own. So a
 * portal that refuses a discovery with CHAP is asked once more without it. Not where the target has to prove itself: whoever
 * answers in its place would only have to refuse.
 */
const discoverAnyhow = async (reach: Reach, initiatorName: string, signal: AbortSignal): Promise<Found> => {
  try {
    return await discover({ ...reach, initiatorName, signal });
  } catch (error) {
    if (!reach.chap || signal.aborted || !(error instanceof IscsiError)) throw error;
    if (error.code === 'LOGIN_AUTHENTICATION_MISSING' && reach.chap.mutual)
      throw failure(
        'ISCSI_DISCOVERY_UNPROVEN',
        { message: `The portal ${reach.portal} takes no CHAP for the discovery`, portal: reach.portal },
        { cause: error },
      );
    const refusals = ['LOGIN_AUTHENTICATION_FAILED', 'LOGIN_CHAP_REFUSED', 'LOGIN_AUTHENTICATION_MISSING'];
    if (!refusals.includes(error.code) || reach.chap.mutual) throw error;
    const { chap: _without, ...open } = reach;
    try {
      return await discover({ ...open, initiatorName, signal });
    } catch {
      throw error;
    }
  }
};

/** The target's LUNs into its entry, and what was not answered beside them. */
const lookAtLuns = async (
  entry: Entry,
  reach: Reach,
  initiator: string,
  circumstances: Circumstances,
  life: SignOfLife,
): Promise<void> => {
  const { signal } = circumstances;
  try {
    life.waitFor(`Waiting for ${entry.name}: logon`, DEFAULT_LOGIN_TIMEOUT_MS);
    const session = await openSession({ ...reach, initiatorName: initiator, target: entry.name, signal });
    try {
      const { units, problems } = await listUnits(session, signal, (command) =>
        life.waitFor(`Waiting for ${entry.name}: ${command}`),
      );
      entry.luns = [...units];
      if (problems.length === 0) return;
      const reason = problems.join('; ');
      const code = 'QUALIFY_LUNS_NOT_TOLD';
      entry.problem = explain(toEnvelope(failure(code, { target: entry.name, initiator, reason })));
      // A list that could not be read is not an empty one.
      if (units.length === 0) entry.luns = null;
    } finally {
      await session.close();
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof IscsiError)) throw error;
    entry.problem = explain(toEnvelope(await explainIscsiError(error, circumstances)));
  }
};

/** A discovery session at one portal, and with `withLuns` a look at each target's logical units. Changes nothing. */
export const discoverTargets = async (
  input: AccessInput & { readonly withLuns: boolean },
  server: ThisServer,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<Discovery> => {
  const initiator = input.initiator ?? (await server.ownName(signal));
  const reach = toReach(input);
  const life = signOfLife(progress);
  try {
    return await withIscsiFailures('The discovery', { input, server, signal }, async () => {
      life.waitFor(`Waiting for ${input.portal}: discovery`, DEFAULT_LOGIN_TIMEOUT_MS);
      const found = await discoverAnyhow(reach, initiator, signal);
      const targets: Entry[] = found.targets.map(({ name, portals }) => ({
        name,
        portals: portals.map((portal) => ({ address: formatPortal(portal), portalGroupTag: portal.tag ?? null })),
        luns: null,
        problem: null,
      }));
      if (input.withLuns)
        for (const entry of targets)
          await lookAtLuns(entry, reach, initiator, { input: { ...input, target: entry.name }, server, signal }, life);
      return {
        portal: input.portal,
        localAddress: found.localAddress,
        redirects: [...found.redirects],
        initiator,
        authentication: found.authentication,
        targets,
      };
    });
  } finally {
    life.end();
  }
};
