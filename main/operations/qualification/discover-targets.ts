import type { Output } from '../../../shared/contract/index.ts';
import { explain, toEnvelope } from '../../../shared/errors/failure.ts';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import {
  discover,
  formatPortal,
  IscsiError,
  numberFromLun,
  openSession,
  scsi,
  type Discovery as Found,
} from '../../iscsi/index.ts';
import { describeUnit } from '../../qualify/index.ts';
import { toReach, type AccessInput, type ThisServer, type Reach } from './access.ts';
import { explainIscsiError, withIscsiFailures } from './iscsi-failure.ts';

type Discovery = Output<'iscsi.discover'>;

/** Every logical unit that the target shows to this initiator. */
export const listUnits = async (
  reach: Reach,
  initiatorName: string,
  target: string,
  signal: AbortSignal,
): Promise<LogicalUnit[]> => {
  const session = await openSession({ ...reach, initiatorName, target, signal });
  try {
    const outcome = await scsi.reportLuns(session, { signal });
    const numbers = outcome.ok ? outcome.value.luns.map(numberFromLun) : [];
    const units: LogicalUnit[] = [];
    for (const number of numbers) {
      const unit = number === undefined ? null : await describeUnit(session, number, signal);
      if (unit) units.push(unit);
    }
    return units;
  } finally {
    await session.close();
  }
};

/**
 * Many targets ask for CHAP at the logon to the target and take none for discovery, where it is a setting of its own. So a
 * portal that refuses a discovery with CHAP is asked once more without it; a proof of the target that fails stays a failure.
 */
const discoverAnyhow = async (reach: Reach, initiatorName: string, signal: AbortSignal): Promise<Found> => {
  try {
    return await discover({ ...reach, initiatorName, signal });
  } catch (error) {
    const isRefused =
      error instanceof IscsiError &&
      ['LOGIN_AUTHENTICATION_FAILED', 'LOGIN_AUTHENTICATION_MISSING'].includes(error.code);
    if (!reach.chap || !isRefused || signal.aborted) throw error;
    const { chap: _without, ...open } = reach;
    try {
      return await discover({ ...open, initiatorName, signal });
    } catch {
      throw error;
    }
  }
};

/** A discovery session at one portal, and with `withLuns` a look at each target's logical units. Changes nothing. */
export const discoverTargets = async (
  input: AccessInput & { readonly withLuns: boolean },
  server: ThisServer,
  signal: AbortSignal,
): Promise<Discovery> => {
  const initiator = input.initiator ?? (await server.ownName(signal));
  const reach = toReach(input);
  return withIscsiFailures('The discovery', { input, server, signal }, async () => {
    const found = await discoverAnyhow(reach, initiator, signal);
    const targets: Discovery['targets'] = [];
    for (const { name, portals } of found.targets) {
      const entry: Discovery['targets'][number] = {
        name,
        portals: portals.map((portal) => ({ address: formatPortal(portal), portalGroupTag: portal.tag ?? null })),
        luns: null,
        problem: null,
      };
      if (input.withLuns) {
        try {
          entry.luns = await listUnits(reach, initiator, name, signal);
        } catch (error) {
          if (signal.aborted || !(error instanceof IscsiError)) throw error;
          entry.problem = explain(toEnvelope(await explainIscsiError(error, { input, server, signal })));
        }
      }
      targets.push(entry);
    }
    return {
      portal: input.portal,
      localAddress: found.localAddress,
      redirects: [...found.redirects],
      initiator,
      authentication: found.authentication,
      targets,
    };
  });
};
