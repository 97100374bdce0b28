import { nexusKey, sameNexus, initiatorPortKey, type Nexus, type TransportId } from './nexus.ts';
import { isAllRegistrants, type OutServiceAction, type ReservationType } from './reservation-types.ts';
import { senses, type Sense, type SenseName } from './sense.ts';

/** One registered I_T nexus and its reservation key (64 bits, never zero). */
export interface Registration {
  readonly nexus: Nexus;
  readonly key: bigint;
  /** Made with ALL_TG_PT: reported as such, and removed together with its siblings on the other target ports. */
  readonly allTargetPorts: boolean;
}

export interface Reservation {
  readonly type: ReservationType;
  /** The nexus that holds it; null for the all-registrants types, where every registrant does. */
  readonly holder: Nexus | null;
}

/** Everything that a logical unit remembers about persistent reservations: plain data, changed only by transitions. */
export interface ReservationState {
  /** PRGENERATION: 32 bits, wraps (SPC-4 clause 5.13.5). */
  readonly generation: number;
  readonly registrations: readonly Registration[];
  readonly reservation: Reservation | null;
  /** The APTPL bit of the last REGISTER, REGISTER AND IGNORE EXISTING KEY or REGISTER AND MOVE that succeeded. */
  readonly persistsThroughPowerLoss: boolean;
}

export const noReservations: ReservationState = {
  generation: 0,
  registrations: [],
  reservation: null,
  persistsThroughPowerLoss: false,
};

/** PERSISTENT RESERVE OUT after its parameter list was decoded. */
export interface OutRequest {
  readonly action: OutServiceAction;
  /** RESERVATION KEY. */
  readonly key: bigint;
  /** SERVICE ACTION RESERVATION KEY. */
  readonly actionKey: bigint;
  /** TYPE of the CDB; used by RESERVE, RELEASE, PREEMPT, PREEMPT AND ABORT; null when it is no type of the standard. */
  readonly type: ReservationType | null;
  /** SCOPE of the CDB; only 0 (LU_SCOPE) exists. */
  readonly scope: number;
  readonly aptpl: boolean;
  readonly allTargetPorts: boolean;
  /** SPEC_I_PT with its TransportIDs; null when the bit is zero. */
  readonly specifiedPorts: readonly TransportId[] | null;
  /** REGISTER AND MOVE only. */
  readonly move: { readonly to: TransportId; readonly portalGroupTag: number; readonly unregister: boolean } | null;
}

/** What the transition has to know about the device around it. */
export interface OutContext {
  /** Every target port of the device, as target portal group tags: ALL_TG_PT registers on each of them. */
  readonly portalGroupTags: readonly number[];
  /** Nexuses that the device server knows: a TransportID without an ISID means every known port of that name. */
  readonly knownNexuses: readonly Nexus[];
  /** How many registrations fit; a real array's table is finite. */
  readonly maxRegistrations: number;
}

export interface UnitAttention {
  readonly nexus: Nexus;
  readonly sense: SenseName;
}

export type OutOutcome =
  | {
      readonly status: 'good';
      readonly state: ReservationState;
      readonly unitAttentions: readonly UnitAttention[];
      /** The nexuses whose commands PREEMPT AND ABORT ends. */
      readonly abort: readonly Nexus[];
    }
  | { readonly status: 'reservationConflict' }
  | { readonly status: 'checkCondition'; readonly sense: Sense };

const good = (
  state: ReservationState,
  unitAttentions: readonly UnitAttention[] = [],
  abort: readonly Nexus[] = [],
): OutOutcome => ({ status: 'good', state, unitAttentions, abort });
const conflict: OutOutcome = { status: 'reservationConflict' };
const check = (sense: Sense): OutOutcome => ({ status: 'checkCondition', sense });

/** PRGENERATION counts the service actions that change registrations, and wraps (SPC-4 clause 5.13.5). */
const grown = (state: ReservationState): number => (state.generation + 1) % 0x1_0000_0000;

export const findRegistration = (state: ReservationState, nexus: Nexus): Registration | undefined =>
  state.registrations.find((one) => sameNexus(one.nexus, nexus));

export const isRegistered = (state: ReservationState, nexus: Nexus): boolean =>
  findRegistration(state, nexus) !== undefined;

/** Does this nexus hold the reservation? For all-registrants types every registered one does. */
export const isHolder = (state: ReservationState, nexus: Nexus): boolean => {
  if (!state.reservation) return false;
  return state.reservation.holder ? sameNexus(state.reservation.holder, nexus) : isRegistered(state, nexus);
};

/** The key that READ RESERVATION shows: the holder's, or zero for the all-registrants types (SPC-4 clause 5.13.10). */
export const reservationKey = (state: ReservationState): bigint =>
  state.reservation?.holder ? (findRegistration(state, state.reservation.holder)?.key ?? 0n) : 0n;

const attentions = (registrations: readonly Registration[], except: Nexus, sense: SenseName): UnitAttention[] =>
  registrations
    .filter((one) => !sameNexus(one.nexus, except))
    .map((one): UnitAttention => ({ nexus: one.nexus, sense }));

/**
 * Takes registrations away and lets the reservation follow (SPC-4 clause 5.13.11.2.3, unregistering): the holder's goes
 * with it, an all-registrants one with its last registrant; registrants of the types 5 and 6 are told.
 */
const removeRegistrations = (
  state: ReservationState,
  gone: (one: Registration) => boolean,
  by: Nexus,
): { state: ReservationState; released: UnitAttention[] } => {
  const registrations = state.registrations.filter((one) => !gone(one));
  const { reservation } = state;
  if (!reservation) return { state: { ...state, registrations }, released: [] };
  const stays = reservation.holder
    ? registrations.some((one) => reservation.holder && sameNexus(one.nexus, reservation.holder))
    : registrations.length > 0;
  if (stays) return { state: { ...state, registrations }, released: [] };
  const told = reservation.type === 5 || reservation.type === 6;
  return {
    state: { ...state, registrations, reservation: null },
    released: told ? attentions(registrations, by, 'reservationsReleased') : [],
  };
};

/** The nexuses that a REGISTER by `nexus` means: itself, its siblings under ALL_TG_PT, and those of SPEC_I_PT. */
const registerTargets = (nexus: Nexus, request: OutRequest, context: OutContext): Nexus[] => {
  const tags = request.allTargetPorts
    ? [...new Set([nexus.portalGroupTag, ...context.portalGroupTags])]
    : [nexus.portalGroupTag];
  const ports = (request.specifiedPorts ?? []).flatMap((id) =>
    id.isid === null
      ? context.knownNexuses.filter((known) => known.initiatorName === id.initiatorName)
      : [{ initiatorName: id.initiatorName, isid: id.isid }],
  );
  const all = [nexus, ...ports].flatMap((port) =>
    tags.map((portalGroupTag): Nexus => ({ initiatorName: port.initiatorName, isid: port.isid, portalGroupTag })),
  );
  return [...new Map(all.map((one) => [nexusKey(one), one])).values()];
};

/** REGISTER and REGISTER AND IGNORE EXISTING KEY (SPC-4 clause 5.13.7, "Registering"). */
const register = (state: ReservationState, nexus: Nexus, request: OutRequest, context: OutContext): OutOutcome => {
  const own = findRegistration(state, nexus);
  const ignore = request.action === 'registerAndIgnore';
  if (request.specifiedPorts && (ignore || own)) {
    // SPEC_I_PT belongs to REGISTER from a nexus that is not registered yet; SCST answers INVALID FIELD IN CDB here, LIO
    // INVALID FIELD IN PARAMETER LIST. The bit stands in the parameter list, so the latter names the right place.
    return !ignore && own && own.key !== request.key ? conflict : check(senses.invalidFieldInParameterList);
  }
  if (!ignore && request.key !== (own?.key ?? 0n)) return conflict;
  if (!own && request.actionKey === 0n) {
    // Nothing is registered and nothing is asked for: GOOD without an effect, so PRGENERATION stays.
    return good(state);
  }
  const next = { ...state, generation: grown(state), persistsThroughPowerLoss: request.aptpl };
  if (request.actionKey === 0n) {
    const port = initiatorPortKey(nexus);
    const removed = removeRegistrations(
      next,
      (one) =>
        sameNexus(one.nexus, nexus) ||
        (request.allTargetPorts && one.allTargetPorts && initiatorPortKey(one.nexus) === port),
      nexus,
    );
    return good(removed.state, removed.released);
  }
  const targets = registerTargets(nexus, request, context);
  const fresh = targets.filter((one) => !isRegistered(state, one));
  if (state.registrations.length + fresh.length > context.maxRegistrations) {
    return check(senses.insufficientRegistrationResources);
  }
  const isTarget = new Set(
    // The TransportIDs of SPEC_I_PT register unregistered ports only; a port that has a key keeps it.
    targets.filter((one) => initiatorPortKey(one) === initiatorPortKey(nexus)).map(nexusKey),
  );
  const registrations = state.registrations.map((one) =>
    isTarget.has(nexusKey(one.nexus))
      ? { ...one, key: request.actionKey, allTargetPorts: request.allTargetPorts }
      : one,
  );
  const added = fresh.map((one): Registration => ({
    nexus: one,
    key: request.actionKey,
    allTargetPorts: request.allTargetPorts,
  }));
  return good({ ...next, registrations: [...registrations, ...added] });
};

/** REGISTER AND MOVE (SPC-4 clause 5.13.8). */
const registerAndMove = (
  state: ReservationState,
  nexus: Nexus,
  request: OutRequest,
  context: OutContext,
): OutOutcome => {
  const { move } = request;
  if (!state.reservation) return check(senses.invalidFieldInCdb);
  if (isAllRegistrants(state.reservation.type) || !isHolder(state, nexus)) return conflict;
  if (!move || move.to.isid === null || request.actionKey === 0n) return check(senses.invalidFieldInParameterList);
  const to: Nexus = {
    initiatorName: move.to.initiatorName,
    isid: move.to.isid,
    portalGroupTag: move.portalGroupTag,
  };
  // The RELATIVE TARGET PORT IDENTIFIER has to name a target port of this device (SPC-4 clause 6.16.4).
  if (!context.portalGroupTags.includes(to.portalGroupTag)) return check(senses.invalidFieldInParameterList);
  if (sameNexus(to, nexus)) return check(senses.invalidFieldInParameterList);
  const kept = state.registrations.filter(
    (one) => !sameNexus(one.nexus, to) && !(move.unregister && sameNexus(one.nexus, nexus)),
  );
  if (kept.length >= context.maxRegistrations) return check(senses.insufficientRegistrationResources);
  return good({
    generation: grown(state),
    registrations: [...kept, { nexus: to, key: request.actionKey, allTargetPorts: false }],
    reservation: { type: state.reservation.type, holder: to },
    persistsThroughPowerLoss: request.aptpl,
  });
};

/** RESERVE (SPC-4 clause 5.13.9). */
const reserve = (state: ReservationState, nexus: Nexus, type: ReservationType): OutOutcome => {
  if (!state.reservation) {
    return good({ ...state, reservation: { type, holder: isAllRegistrants(type) ? null : nexus } });
  }
  return isHolder(state, nexus) && state.reservation.type === type ? good(state) : conflict;
};

/** RELEASE (SPC-4 clause 5.13.11.2.2). */
const release = (state: ReservationState, nexus: Nexus, type: ReservationType): OutOutcome => {
  if (!state.reservation || !isHolder(state, nexus)) return good(state);
  if (state.reservation.type !== type) return check(senses.invalidRelease);
  const told = state.reservation.type !== 1 && state.reservation.type !== 3;
  return good(
    { ...state, reservation: null },
    told ? attentions(state.registrations, nexus, 'reservationsReleased') : [],
  );
};

/** CLEAR (SPC-4 clause 5.13.11.2.6). */
const clear = (state: ReservationState, nexus: Nexus): OutOutcome =>
  good(
    { ...state, generation: grown(state), registrations: [], reservation: null },
    attentions(state.registrations, nexus, 'reservationsPreempted'),
  );

/** PREEMPT and PREEMPT AND ABORT (SPC-4 clauses 5.13.11.2.4 and 5.13.11.2.5). */
const preempt = (state: ReservationState, nexus: Nexus, request: OutRequest, type: ReservationType): OutOutcome => {
  const { reservation } = state;
  const victimKey = request.actionKey;
  const next = { ...state, generation: grown(state) };
  const all = reservation !== null && reservation.holder === null;
  const takesOver = reservation !== null && (all ? victimKey === 0n : victimKey === reservationKey(state));
  if (!takesOver) {
    // Only registrations are removed, and the CDB's scope and type are ignored.
    if (victimKey === 0n) return check(senses.invalidFieldInParameterList);
    const victims = state.registrations.filter((one) => one.key === victimKey);
    if (victims.length === 0) return conflict;
    const removed = removeRegistrations(next, (one) => one.key === victimKey, nexus);
    return finishPreempt(removed.state, nexus, request, victims, removed.released);
  }
  const victims = state.registrations.filter((one) => !sameNexus(one.nexus, nexus) && (all || one.key === victimKey));
  const registrations = state.registrations.filter((one) => !victims.includes(one));
  const told = reservation.type === type ? [] : attentions(registrations, nexus, 'reservationsReleased');
  return finishPreempt(
    { ...next, registrations, reservation: { type, holder: isAllRegistrants(type) ? null : nexus } },
    nexus,
    request,
    victims,
    told,
  );
};

const finishPreempt = (
  state: ReservationState,
  nexus: Nexus,
  request: OutRequest,
  victims: readonly Registration[],
  told: readonly UnitAttention[],
): OutOutcome =>
  good(
    state,
    [...attentions(victims, nexus, 'registrationsPreempted'), ...told],
    request.action === 'preemptAndAbort' ? victims.map((one) => one.nexus) : [],
  );

/**
 * One PERSISTENT RESERVE OUT: a pure transition of the reservation state (SPC-4 clause 5.13). The caller keeps `state`,
 * hands out the unit attentions, and aborts what is to be aborted.
 */
export const applyReserveOut = (
  state: ReservationState,
  nexus: Nexus,
  request: OutRequest,
  context: OutContext,
): OutOutcome => {
  const { action } = request;
  if (action === 'register' || action === 'registerAndIgnore') return register(state, nexus, request, context);
  // REPLACE LOST RESERVATION is for a device that lost its reservations; this one reports RLR_C zero and never does.
  if (action === 'replaceLostReservation') return check(senses.invalidFieldInCdb);
  const own = findRegistration(state, nexus);
  // SPC-4 "PERSISTENT RESERVE OUT service actions that are allowed in the presence of various reservations".
  if (own?.key !== request.key) return conflict;
  if (request.specifiedPorts) return check(senses.invalidFieldInParameterList);
  if (action === 'clear') return clear(state, nexus);
  if (action === 'registerAndMove') return registerAndMove(state, nexus, request, context);
  if (request.scope !== 0 || request.type === null) return check(senses.invalidFieldInCdb);
  if (action === 'reserve') return reserve(state, nexus, request.type);
  if (action === 'release') return release(state, nexus, request.type);
  return preempt(state, nexus, request, request.type);
};

/** What power loss leaves: everything if APTPL was set, nothing otherwise; PRGENERATION starts again at zero. */
export const afterPowerLoss = (state: ReservationState): ReservationState =>
  state.persistsThroughPowerLoss ? { ...state, generation: 0 } : noReservations;

/**
 * The fault of a target that forgets: the nexus's registration (and its reservation) ends with its session. A
 * conforming target keeps both (SPC-4 clause 5.13.1: persistent reservations are not affected by an I_T nexus loss).
 */
export const forgetNexus = (state: ReservationState, nexus: Nexus): ReservationState =>
  isRegistered(state, nexus) ? removeRegistrations(state, (one) => sameNexus(one.nexus, nexus), nexus).state : state;

/** The state in JSON: keys as decimal strings. */
export interface ReservationSnapshot {
  readonly generation: number;
  readonly registrations: readonly { readonly nexus: Nexus; readonly key: string; readonly allTargetPorts: boolean }[];
  readonly reservation: Reservation | null;
  readonly persistsThroughPowerLoss: boolean;
}

export const toSnapshot = (state: ReservationState): ReservationSnapshot => ({
  ...state,
  registrations: state.registrations.map((one) => ({ ...one, key: one.key.toString() })),
});

export const fromSnapshot = (snapshot: ReservationSnapshot): ReservationState => ({
  ...snapshot,
  registrations: snapshot.registrations.map((one) => ({ ...one, key: BigInt(one.key) })),
});
