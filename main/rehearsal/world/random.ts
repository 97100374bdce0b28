import type { WorldState } from './state.ts';

/** The next 32 random bits of a world (mulberry32); the state moves on, so the same seed gives the same sequence. */
export const nextRandom = (world: Pick<WorldState, 'random'>): number => {
  world.random = (world.random + 0x6d2b79f5) >>> 0;
  let value = world.random;
  value = Math.imul(value ^ (value >>> 15), value | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return (value ^ (value >>> 14)) >>> 0;
};

const hex = (world: WorldState, digits: number): string => {
  let text = '';
  while (text.length < digits) text += nextRandom(world).toString(16).padStart(8, '0');
  return text.slice(0, digits).toUpperCase();
};

/** A GUID with braces and capitals, of version 4. */
export const nextGuid = (world: WorldState): string => {
  const variant = (8 + (nextRandom(world) & 3)).toString(16).toUpperCase();
  return `{${hex(world, 8)}-${hex(world, 4)}-4${hex(world, 3)}-${variant}${hex(world, 3)}-${hex(world, 12)}}`;
};

export const nextHex = hex;

/** A number that was not given before in this world. */
export const nextId = (world: WorldState): number => {
  world.nextId += 1;
  return world.nextId;
};
