import { expect, it } from 'vitest';
import { isSameName, isSameOrder, isSameSet } from '../../../shared/model/names.ts';

it('names are one without regard to case, and not without regard to spaces', () => {
  expect(isSameName('NODE1', 'node1')).toBe(true);
  expect(isSameName('Ethernet 2', 'Ethernet2')).toBe(false);
});

it('a set is the same in any order, and each name counts as often as it is there', () => {
  expect(isSameSet(['NODE1', 'node2'], ['NODE2', 'node1'])).toBe(true);
  expect(isSameSet(['NODE1'], ['NODE1', 'NODE2'])).toBe(false);
  expect(isSameSet(['NODE1', 'NODE1'], ['NODE1', 'NODE2'])).toBe(false);
  expect(isSameSet(['NODE1', 'NODE2'], ['NODE1', 'NODE1'])).toBe(false);
});

it('an order is the same name for name', () => {
  expect(isSameOrder(['A', 'b'], ['a', 'B'])).toBe(true);
  expect(isSameOrder(['A', 'B'], ['B', 'A'])).toBe(false);
  expect(isSameOrder(['A'], ['A', 'B'])).toBe(false);
});
