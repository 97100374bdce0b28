import { keyOf } from './parse-state.ts';
import type { AvailabilityState, StateNode, StateTarget, StateVm } from './state.ts';

const byName = <T extends { readonly name: string }>(
  lists: readonly (readonly T[])[],
  join: (one: T, other: T) => T,
): T[] => {
  const found = new Map<string, T>();
  for (const item of lists.flat()) {
    const known = found.get(keyOf(item.name));
    found.set(keyOf(item.name), known ? join(known, item) : item);
  }
  return [...found.values()];
};

/** A node that was only heard of (its memory not known, no NICs) says less than one that was read. */
const fullerNode = (one: StateNode, other: StateNode): StateNode => {
  const [most, { isMemoryKnown: _, ...least }] = one.memoryMB >= other.memoryMB ? [one, other] : [other, one];
  return { ...least, ...most, ...((most.nics ?? least.nics) ? { nics: most.nics ?? least.nics } : {}) };
};

const joinTargets = (one: StateTarget, other: StateTarget): StateTarget => {
  const portals = [...(one.portals ?? []), ...(other.portals ?? [])];
  const luns = [...(one.luns ?? []), ...(other.luns ?? [])];
  return {
    ...other,
    ...one,
    ...(portals.length > 0
      ? {
          portals: [
            ...new Map(portals.toReversed().map((portal) => [keyOf(portal.address), portal])).values(),
          ].reverse(),
        }
      : {}),
    ...(luns.length > 0 ? { luns: [...new Map(luns.map((lun) => [keyOf(lun), lun])).values()] } : {}),
  };
};

const first = <T>(values: readonly (T | undefined)[]): T | undefined => values.find((value) => value !== undefined);

/** One state of several, each as one server showed it: what any of them knows is known; of two answers the first stands. */
export const mergeStates = (states: readonly AvailabilityState[]): AvailabilityState => {
  const name = first(states.map((state) => state.name));
  const witness = first(states.map((state) => state.witness));
  const cluster = first(states.map((state) => state.cluster));
  const multiSite = first(states.map((state) => state.multiSite));
  const switches = byName(
    states.map((state) => state.switches ?? []),
    (one, other) => ({ ...other, ...one }),
  );
  return {
    ...(name === undefined ? {} : { name }),
    nodes: byName(
      states.map(({ nodes }) => nodes),
      fullerNode,
    ),
    targets: byName(
      states.map(({ targets }) => targets),
      joinTargets,
    ),
    vms: byName(
      states.map(({ vms }) => vms),
      (one: StateVm) => one,
    ),
    ...(witness === undefined ? {} : { witness }),
    ...(switches.length > 0 ? { switches } : {}),
    ...(cluster === undefined ? {} : { cluster }),
    ...(multiSite === undefined ? {} : { multiSite }),
  };
};
