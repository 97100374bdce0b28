import { expect, it } from 'vitest';
import { parseArguments } from '../../../build/testing/arguments.mjs';
import { isUsableMemory } from '../../../build/testing/temporary.mjs';

const known = ['unit', 'e2e', 'types'];

it.each([
  [[], { names: [], changed: false, ref: null }],
  [['unit', 'types'], { names: ['unit', 'types'], changed: false, ref: null }],
  [['--changed'], { names: [], changed: true, ref: null }],
  [['--changed', 'main'], { names: [], changed: true, ref: 'main' }],
  // A word that names a storey is one.
  [['--changed', 'unit'], { names: ['unit'], changed: true, ref: null }],
  [['e2e', '--changed', 'HEAD~3', 'unit'], { names: ['e2e', 'unit'], changed: true, ref: 'HEAD~3' }],
])('reads %j', (words, asked) => {
  expect(parseArguments(words, known)).toEqual(asked);
});

it('names what it does not know, and what there is', () => {
  const sentence = 'There is no check or storey "units". There are: unit, e2e, types; and --changed [REF].';
  expect(() => parseArguments(['units'], known)).toThrow(sentence);
  expect(() => parseArguments(['--change'], known)).toThrow('There is no check or storey "--change"');
});

it('keeps temporary files in memory only where programs may be started there', () => {
  const mounts = (options: string): string => `proc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs ${options} 0 0\n`;
  expect(isUsableMemory(mounts('rw,nosuid,nodev'), '/dev/shm')).toBe(true);
  expect(isUsableMemory(mounts('rw,nosuid,nodev,noexec'), '/dev/shm')).toBe(false);
  expect(isUsableMemory(mounts('ro'), '/dev/shm')).toBe(false);
  expect(isUsableMemory('/dev/vda /dev/shm ext4 rw 0 0', '/dev/shm')).toBe(false);
  expect(isUsableMemory('', '/dev/shm')).toBe(false);
});
