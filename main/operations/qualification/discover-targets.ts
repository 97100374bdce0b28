import type { Progress } from '../../../shared/contract/define.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { explain, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { countAlike } from '../../../shared/model/alike.ts';
import {
  DEFAULT_LOGIN_TIMEOUT_MS,
  discover,
  formatPortal,
  IscsiError,
  openSession,
  parsePortal,
  type DiscoveredTarget,
  type Discovery as Found,
  type Session,
} from '../../iscsi/index.ts';
import { toReach, type AccessInput, type ThisServer, type Reach } from './access.ts';
import { explainIscsiError, withIscsiFailures, type Circumstances } from './iscsi-failure.ts';
import { listUnits } from './list-units.ts';
import { signOfLife, type SignOfLife } from './sign-of-life.ts';
import { warningsAboutName } from './target-name.ts';

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

/** The target is not at this portal, or nothing is: then it may be at another one of those that it lists. */
const isElsewhere = ({ code, phase }: IscsiError): boolean =>
  phase === 'connect' ||
  ['LOGIN_SERVICE_UNAVAILABLE', 'LOGIN_TARGET_NOT_FOUND', 'LOGIN_TARGET_REMOVED', 'LOGIN_TARGET_ERROR'].includes(code);

/** A target that lists more portals than this has one that answers among the first. */
const mostPortals = 8;

/** A session over the portal that was asked, and where the target is not served over that one, over those that it lists. */
const openAnywhere = async (
  entry: Entry,
  reach: Reach,
  initiatorName: string,
  signal: AbortSignal,
  life: SignOfLife,
): Promise<Session> => {
  const asked = formatPortal(parsePortal(reach.portal));
  const others = entry.portals.map(({ address }) => address).filter((address) => address !== asked);
  let failed: unknown;
  for (const portal of [asked, ...others.slice(0, mostPortals)]) {
    life.waitFor(`Waiting for ${entry.name}: logon over ${portal}`, DEFAULT_LOGIN_TIMEOUT_MS);
    try {
      const session = await openSession({ ...reach, portal, initiatorName, target: entry.name, signal });
      entry.lunsReadOver = portal;
      if (portal !== asked)
        entry.warnings.push(`It is not served over ${asked}, which was asked; its LUNs were read over ${portal}.`);
      return session;
    } catch (error) {
      failed = error;
      if (signal.aborted || !(error instanceof IscsiError) || !isElsewhere(error)) throw error;
    }
  }
  throw failed;
};

/**
 * A portal belongs to exactly one portal group of a target (RFC 7143 section 2.2, "Portal Group"). The Linux kernel's target tells all of its groups that
 * listen on every address with the address and port at which it was asked, so that a path of that list leads where another one leads.
 */
const portalsOfSeveralGroups = ({ portals }: DiscoveredTarget): string[] => {
  const tags = new Map<string, Set<number>>();
  for (const portal of portals) {
    const address = formatPortal(portal);
    if (portal.tag !== undefined) tags.set(address, (tags.get(address) ?? new Set()).add(portal.tag));
  }
  return [...tags]
    .filter(([, { size }]) => size > 1)
    .map(
      ([address, groups]) =>
        `The portal ${address} is listed in the portal groups ${[...groups].join(' and ')}, and can be in one only. Ask the others at the ports at which the target really listens.`,
    );
};

/** What SendTargets said of a target that cannot be taken as it is. */
const warningsAbout = (target: DiscoveredTarget): string[] => [
  ...warningsAboutName(target.name),
  ...portalsOfSeveralGroups(target),
  ...(target.addressesWithOddTag ?? []).map(
    (address) =>
      `The address ${JSON.stringify(address)} has a tag that is no portal group tag (0 to 65535); its portal is used without.`,
  ),
  ...(target.unusableAddresses ?? []).map(
    (address) => `The address ${JSON.stringify(address)} is not one that can be used.`,
  ),
];

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
    const session = await openAnywhere(entry, reach, initiator, signal, life);
    try {
      const { units, problems, isIncomplete } = await listUnits(session, signal, (command) =>
        life.waitFor(`Waiting for ${entry.name}: ${command}`),
      );
      entry.luns = [...units];
      if (problems.length === 0) return;
      const reason = countAlike(problems).join('; ');
      const code = isIncomplete ? 'QUALIFY_LUNS_NOT_TOLD' : 'QUALIFY_LUN_FACTS_MISSING';
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
      const targets: Entry[] = found.targets.map((target) => ({
        name: target.name,
        warnings: warningsAbout(target),
        portals: target.portals.map((portal) => ({
          address: formatPortal(portal),
          portalGroupTag: portal.tag ?? null,
        })),
        luns: null,
        lunsReadOver: null,
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
