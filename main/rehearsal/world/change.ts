import type { BehaviourId } from './behaviours/index.ts';
import { NotModelled, PowerLost, refuse } from './refusal.ts';
import type { FaultKind, FaultState, NicState, ServerState, WorldState } from './state.ts';

/** One request on its way through the state: a draft that becomes the state when nothing refuses. */
export interface Change {
  readonly world: WorldState;
  readonly server: ServerState;
  /** The world's clock. */
  readonly nowMs: number;
  /** The cmdlet or port method. */
  readonly what: string;
  /** Modelled behaviours that the answer rests on. */
  readonly used: Set<string>;
  /** Bytes that go onto shared LUNs once the change is kept. */
  readonly lunWrites: { readonly lun: string; readonly kind: 'initialize' | 'format' | 'clear' }[];
}

/** Notes that the answer rests on a modelled behaviour. */
export const rest = (at: Pick<Change, 'used'>, behaviour: BehaviourId): void => {
  at.used.add(behaviour);
};

/** A point between two effects of one change, where the power may go. */
export const between = (change: Change): void => {
  const fault = change.world.faults.find(
    (candidate) =>
      candidate.kind === 'powerLoss' &&
      candidate.server === change.server.name &&
      candidate.on === change.what &&
      candidate.moment === 'during',
  );
  if (!fault) return;
  change.world.faults = change.world.faults.filter((candidate) => candidate !== fault);
  throw new PowerLost();
};

export const findFault = <Kind extends FaultKind>(
  world: WorldState,
  kind: Kind,
  matches: (fault: Extract<FaultState, { kind: Kind }>) => boolean,
): Extract<FaultState, { kind: Kind }> | undefined =>
  world.faults.find(
    (fault): fault is Extract<FaultState, { kind: Kind }> =>
      fault.kind === kind && matches(fault as Extract<FaultState, { kind: Kind }>),
  );

/** Every write asks this first: without an elevated token Windows denies it. */
export const requireAdministrator = (change: Change): void => {
  const denied = findFault(change.world, 'accessDenied', (fault) => fault.server === change.server.name);
  if (denied || !change.server.administrator) throw refuse('access.denied', { what: change.what });
};

export const findNic = (server: ServerState, guid: string): NicState | undefined =>
  server.nics.find((nic) => nic.guid === guid);

export const nicOrRefuse = (change: Change, guid: string): NicState => {
  const nic = findNic(change.server, guid);
  if (!nic) throw refuse('nic.notFound', { nic: guid });
  return nic;
};

/** Did a fault make the driver forget this property? */
export const isStubborn = (change: Change, nic: NicState, property: string): boolean =>
  findFault(
    change.world,
    'propertyNotAccepted',
    (fault) => fault.server === change.server.name && fault.nic === nic.guid && fault.property === property,
  ) !== undefined;

export const mustFind = <T>(value: T | undefined | null, what: string): T => {
  if (value === undefined || value === null) throw new NotModelled(what);
  return value;
};
