import { isSameAddress } from '../../model/address.ts';
import { unboundVolumes } from '../../changes/initiator/bind-volumes.ts';
import { whyUnread } from '../../model/observed.ts';
import { judgePath, type Favourite, type IscsiPath, type IscsiSession } from '../../model/windows-iscsi.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import type { InitiatorObserved } from '../observed.ts';
import type { InitiatorDesire, PathDesire } from './desire.ts';
import {
  explainVerdict,
  favouriteMatches,
  isSamePath,
  isWrongSource,
  pathText,
  sessionsOnPath,
  sessionsOverPortal,
} from './paths.ts';
import { planMpio, planService } from './plan-service.ts';
import { refuseInitiator, refuseWithoutSecrets, type SecretTexts } from './refusals.ts';

const barePath = (path: IscsiPath): IscsiPath => ({
  targetNodeAddress: path.targetNodeAddress,
  initiatorPortalAddress: path.initiatorPortalAddress,
  targetPortalAddress: path.targetPortalAddress,
  targetPortalPort: path.targetPortalPort,
});

const planPortals = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  if (desire.portals.length === 0) return;
  const { portals } = observed.state;
  if (!portals) {
    builder.unknown('the target portals', whyUnread(observed.state, 'portals') ?? 'they were not read');
    return;
  }
  for (const wanted of desire.portals) {
    const source = wanted.initiatorPortalAddress;
    const there = portals.filter(
      (portal) =>
        isSameAddress(portal.targetPortalAddress, wanted.targetPortalAddress) &&
        portal.targetPortalPort === wanted.targetPortalPort,
    );
    const isRight = (initiatorPortalAddress: string | null): boolean =>
      source === null || (initiatorPortalAddress !== null && isSameAddress(initiatorPortalAddress, source));
    const wrong = wanted.present ? there.filter((portal) => !isRight(portal.initiatorPortalAddress)) : there;
    for (const portal of wrong) {
      const fields = {
        targetPortalAddress: portal.targetPortalAddress,
        targetPortalPort: portal.targetPortalPort,
        initiatorPortalAddress: portal.initiatorPortalAddress,
      };
      builder.change(
        { do: 'initiator.removePortal', ...fields },
        observed,
        wanted.present
          ? { why: `It asks from ${portal.initiatorPortalAddress ?? 'any address'} instead of ${source ?? 'any'}.` }
          : {},
      );
    }
    if (!wanted.present || there.length > wrong.length) continue;
    const fields = {
      targetPortalAddress: wanted.targetPortalAddress,
      targetPortalPort: wanted.targetPortalPort,
      initiatorPortalAddress: source,
    };
    builder.change({ do: 'initiator.addPortal', ...fields, authentication: wanted.authentication }, observed);
  }
};

const planSessionEnd = (
  builder: DraftBuilder,
  session: IscsiSession,
  observed: InitiatorObserved,
  why: string,
): void => {
  const { sessionIdentifier } = session;
  if (session.isPersistent) builder.change({ do: 'initiator.unregisterSession', sessionIdentifier }, observed, { why });
  builder.change({ do: 'initiator.logOff', sessionIdentifier }, observed, { why });
};

const planFavouriteEnd = (
  builder: DraftBuilder,
  favourite: Favourite,
  observed: InitiatorObserved,
  why: string,
): void => {
  const { targetNodeAddress, initiatorPortalAddress, targetPortalAddress, targetPortalPort } = favourite;
  builder.change(
    {
      do: 'initiator.removeFavourite',
      targetNodeAddress,
      initiatorPortalAddress,
      targetPortalAddress,
      targetPortalPort,
    },
    observed,
    { why },
  );
};

const isSameFavourite = (one: Favourite, other: Favourite): boolean =>
  one.targetNodeAddress === other.targetNodeAddress &&
  one.initiatorPortalAddress === other.initiatorPortalAddress &&
  one.targetPortalAddress === other.targetPortalAddress &&
  one.targetPortalPort === other.targetPortalPort;

/** Plans one wanted path; `gone` collects what other paths have already planned to end. */
const planPath = (
  builder: DraftBuilder,
  wanted: PathDesire,
  desire: InitiatorDesire,
  observed: InitiatorObserved,
  gone: { readonly sessions: Set<string>; readonly favourites: Favourite[] },
): void => {
  const sessions = observed.state.sessions!;
  const favourites = observed.state.favourites!;
  const path = barePath(wanted);
  const verdict = judgePath(path, sessions, isSameAddress);
  const end = (session: IscsiSession, why: string): void => {
    if (gone.sessions.has(session.sessionIdentifier)) return;
    gone.sessions.add(session.sessionIdentifier);
    planSessionEnd(builder, session, observed, why);
  };
  const forget = (favourite: Favourite, why: string): void => {
    if (gone.favourites.some((other) => isSameFavourite(other, favourite))) return;
    gone.favourites.push(favourite);
    planFavouriteEnd(builder, favourite, observed, why);
  };
  const isRemembered = observed.wantedPaths.some((other) => isSamePath(other, path));
  const remember = (isWanted: boolean): void =>
    builder.change({ do: 'initiator.setPathWanted', path, wanted: isWanted }, observed);
  if (verdict.kind === 'unknown') {
    builder.unknown(`the path ${pathText(path)}`, verdict.because);
    return;
  }
  if (!wanted.present) {
    const own = new Set([
      ...sessionsOnPath(path, sessions),
      ...('sessionIdentifier' in verdict
        ? sessions.filter((session) => session.sessionIdentifier === verdict.sessionIdentifier)
        : []),
    ]);
    for (const session of own) end(session, 'The path is no longer wanted.');
    for (const favourite of favourites)
      if (favourite.initiatorPortalAddress !== null && favouriteMatches(favourite, path))
        forget(favourite, 'Windows would log on over this path again at its next start.');
    if (isRemembered) remember(false);
    return;
  }
  if (verdict.kind === 'notPersistent') {
    builder.change(
      {
        do: 'initiator.registerSession',
        sessionIdentifier: verdict.sessionIdentifier,
        isMultipathEnabled: wanted.isMultipathEnabled,
        authentication: wanted.authentication,
      },
      observed,
    );
  } else if (verdict.kind !== 'proven') {
    const all = [...desire.paths.filter((other) => other.present), ...observed.wantedPaths];
    const inTheWay = new Set([
      ...sessionsOnPath(path, sessions),
      ...sessionsOverPortal(path, sessions).filter((session) => isWrongSource(session, all, observed)),
      ...('sessionIdentifier' in verdict
        ? sessions.filter((session) => session.sessionIdentifier === verdict.sessionIdentifier)
        : []),
    ]);
    for (const session of inTheWay)
      end(
        session,
        verdict.kind === 'absent'
          ? `It goes over the same portal from ${session.connections?.[0]?.initiatorAddress ?? 'another address'}; Windows captures the source address at logon.`
          : explainVerdict(verdict),
      );
    for (const favourite of favourites)
      if (favouriteMatches(favourite, path))
        forget(favourite, 'A second favorite target for this path would make a second session at the next start.');
    builder.change(
      {
        do: 'initiator.logOn',
        path,
        isMultipathEnabled: wanted.isMultipathEnabled,
        isHeaderDigest: wanted.isHeaderDigest,
        isDataDigest: wanted.isDataDigest,
        authentication: wanted.authentication,
      },
      observed,
    );
  }
  if (!isRemembered) remember(true);
};

const planPaths = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  const { sessions, favourites, targets } = observed.state;
  if (desire.paths.length + desire.logOff.length + desire.removeFavourites.length === 0) return;
  if (!sessions || !favourites) {
    const property = sessions ? 'favourites' : 'sessions';
    builder.unknown(
      sessions ? 'the favorite targets' : 'the iSCSI sessions',
      whyUnread(observed.state, property) ?? 'they were not read',
    );
    return;
  }
  if (targets && desire.portals.length === 0 && !desire.discover)
    for (const path of desire.paths)
      if (path.present && !targets.some((target) => target.nodeAddress === path.targetNodeAddress))
        builder.refuse('INITIATOR_TARGET_NOT_FOUND', { target: path.targetNodeAddress });
  if (builder.isStopped) return;
  const gone = { sessions: new Set<string>(), favourites: [] as Favourite[] };
  for (const path of desire.paths) planPath(builder, path, desire, observed, gone);
  for (const identifier of desire.logOff) {
    const session = sessions.find((candidate) => candidate.sessionIdentifier === identifier);
    if (!session) builder.warn(`There is no iSCSI session ${identifier}; it may have ended already.`);
    else if (!gone.sessions.has(identifier)) planSessionEnd(builder, session, observed, 'You asked for it.');
  }
  for (const wanted of desire.removeFavourites) {
    const favourite = favourites.find((candidate) =>
      isSameFavourite(candidate, { ...wanted, isMultipathEnabled: null }),
    );
    if (!favourite) builder.warn(`There is no such favorite target ${wanted.targetNodeAddress}.`);
    else if (!gone.favourites.some((other) => isSameFavourite(other, favourite)))
      planFavouriteEnd(builder, favourite, observed, 'You asked for it.');
  }
};

const planBinding = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  if (!desire.bindVolumes) return;
  const { boundVolumes } = observed.state;
  if (!observed.iscsiVolumes || !boundVolumes) {
    builder.unknown(
      'which volumes the iSCSI service waits for',
      whyUnread(observed.state, 'boundVolumes') ?? 'the disks could not be read',
    );
    return;
  }
  const missing = unboundVolumes(observed.iscsiVolumes, boundVolumes);
  if (observed.iscsiVolumes.length === 0)
    builder.warn('There is no volume on an iSCSI disk yet, so there is nothing that the service could wait for.');
  if (missing.length === 0) return;
  builder.change({ do: 'initiator.bindVolumes' }, observed);
};

/** The initiator as it is expected to be once its service runs and multipath I/O is installed; nothing is logged on by itself. */
const onceReady = (observed: InitiatorObserved): InitiatorObserved => {
  const { state, mpio } = observed;
  return {
    ...observed,
    state: {
      ...state,
      service: { ...state.service, state: 'running', startMode: 'automatic' },
      portals: state.portals ?? [],
      sessions: state.sessions ?? [],
      favourites: state.favourites ?? [],
    },
    mpio: mpio && {
      ...mpio,
      feature: 'installed',
      claimsIscsi: mpio.claimsIscsi ?? false,
      loadBalancePolicy: mpio.loadBalancePolicy ?? 'None',
    },
  };
};

/** Plans service, name, multipath, portals and logons of the iSCSI initiator of one server. */
export const planInitiator = (desire: InitiatorDesire, observed: InitiatorObserved, secrets: SecretTexts): Draft => {
  const builder = new DraftBuilder(observed.node, `Set up iSCSI logons of ${observed.node}`);
  refuseInitiator(builder, desire, observed, secrets);
  if (builder.isStopped) return builder.build();
  const runs = planService(builder, desire, observed);
  const canGoOn = planMpio(builder, desire, observed) && runs;
  const isLeft =
    desire.iqn !== undefined ||
    desire.mutualSecretName !== undefined ||
    desire.portals.length + desire.paths.length + desire.logOff.length + desire.removeFavourites.length > 0 ||
    desire.discover ||
    desire.bindVolumes;
  if (!canGoOn || builder.isStopped) {
    if (isLeft && !builder.isStopped)
      builder.followUp(
        'service',
        'Quorate reads the initiator again then, and plans name, portals and logons.',
        planInitiator(desire, onceReady(observed), secrets),
      );
    refuseWithoutSecrets(builder, secrets);
    return builder.build();
  }
  planName(builder, desire, observed);
  planMutualSecret(builder, desire, observed);
  planPortals(builder, desire, observed);
  if (desire.discover && observed.state.portals) builder.change({ do: 'initiator.discover' }, observed);
  planPaths(builder, desire, observed);
  planBinding(builder, desire, observed);
  refuseWithoutSecrets(builder, secrets);
  return builder.build();
};

const planName = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  const { iqn } = desire;
  if (iqn === undefined) return;
  const current = observed.state.iqn;
  if (current === null) {
    builder.unknown('the initiator name', whyUnread(observed.state, 'iqn') ?? 'it was not read');
    return;
  }
  if (current === iqn) return;
  if ((observed.state.sessions ?? []).length > 0)
    builder.warn('Sessions that exist keep the old initiator name until they log on again.');
  builder.warn(`Targets that admit ${current} have to admit ${iqn} from now on.`);
  builder.change({ do: 'initiator.setName', iqn }, observed);
};

const planMutualSecret = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  const name = desire.mutualSecretName;
  if (name === undefined) return;
  builder.change({ do: 'initiator.setMutualSecret', secretName: name }, observed);
};
