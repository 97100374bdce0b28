import {
  coordinatorAnnounce,
  coordinatorHeard,
  coordinatorShow,
  coordinatorTake,
} from '../../shared/contract/coordinator.ts';
import { failure } from '../../shared/errors/failure.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { LoadCoordinatorship } from './coordinatorship-here.ts';

/** Who coordinates: bound here, loaded when it is first called. */
export const coordinatorImplementations = (load: LoadCoordinatorship): Implementation[] => [
  implement(coordinatorShow, async () => (await load()).show()),
  implement(coordinatorTake, async ({ poweredDown }, { signal, progress }) =>
    (await load()).take(poweredDown, signal, progress),
  ),
  implement(coordinatorHeard, async () => (await load()).heard()),
  implement(coordinatorAnnounce, async (_input, { caller }) => {
    // It was admitted before it came here: the epoch is on this server's disk.
    if (caller.kind !== 'peer' || caller.epoch === null)
      throw failure('CALL_NOT_ALLOWED', { caller: caller.kind, method: coordinatorAnnounce.name });
    return { heard: caller.epoch, running: (await load()).heard().running };
  }),
];
