import type { WorldState } from '../state.ts';

/** A world in which nothing is yet; the same seed gives the same numbers in the same order. */
export const emptyWorld = (scenario: string, seed: number, clock: WorldState['clock']): WorldState => ({
  format: 1,
  scenario,
  seed,
  random: seed >>> 0,
  nextId: 0,
  clock: { ...clock },
  servers: {},
  networks: {},
  domains: {},
  targets: {},
  luns: {},
  events: [],
  faults: [],
});
