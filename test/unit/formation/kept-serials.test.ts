import { expect, it } from 'vitest';
import { serialsFor, typedSerials } from '../../../main/operations/formation/kept-serials.ts';
import type { PlanQuestion } from '../../../shared/plan/plan.ts';

const ask = (content: string, changes: Partial<PlanQuestion> = {}): PlanQuestion => ({
  ...{ id: 'NODE1/serialNumber:60A1', node: 'NODE1', kind: 'serialNumber', subject: '60A1', expected: null },
  ...{ text: `Everything on disk 3 (100 GB, ${content}) will be lost. Type its serial number.`, answered: false },
  ...changes,
});

it('a serial number that was typed answers the same question again, whatever number the disk has now', () => {
  const kept = typedSerials([ask('1 partition', { answered: true })], { 'NODE1/serialNumber:60A1': 'SN1' });
  expect(kept).toEqual([{ question: 'NODE1/serialNumber:60A1', serial: 'SN1', text: ask('1 partition').text }]);
  expect(serialsFor([ask('1 partition')], kept, {})).toEqual({ 'NODE1/serialNumber:60A1': 'SN1' });
  const renumbered = ask('1 partition', { text: ask('1 partition').text.replace('disk 3', 'disk 12') });
  expect(serialsFor([renumbered], kept, {})).toEqual({ 'NODE1/serialNumber:60A1': 'SN1' });
});

it('it answers nothing where something else is on the disk by now, nor for another disk, nor over another answer', () => {
  const kept = [{ question: 'NODE1/serialNumber:60A1', serial: 'SN1', text: ask('1 partition').text }];
  expect(serialsFor([ask('2 partitions, F: Data')], kept, {})).toEqual({});
  expect(serialsFor([ask('1 partition', { id: 'NODE2/serialNumber:60A1' })], kept, {})).toEqual({});
  expect(serialsFor([ask('1 partition')], kept, { 'NODE1/serialNumber:60A1': 'SN2' })).toEqual({});
  expect(serialsFor([ask('1 partition', { kind: 'sharedDisk' })], kept, {})).toEqual({});
});
