import { expect, it } from 'vitest';
import { withoutSettled } from '../../../main/operations/formation/settled.ts';
import type { FormationPlan, ServerPlan } from '../../../shared/model/formation.ts';
import { planFormation } from '../../../shared/plan/formation/plan-formation.ts';
import { bareServer, exampleFile, plansOf } from '../../support/formation.ts';

const file = exampleFile(2);
const plans = plansOf(file.servers.map((_, index) => bareServer(file, index)));
const question = {
  id: 'NODE1/sharedDisk:D1',
  node: 'NODE1',
  kind: 'sharedDisk',
  subject: 'D1',
  answered: false,
} as never;
const plan: FormationPlan = { ...planFormation(file, plans), questions: [question] };

/** How the second server sees the disk that the first one asks about. */
const seenBy = (disks: ServerPlan['disks']): ServerPlan[] => [plans[0]!, { ...plans[1]!, disks }];
const disk = { ...{ serial: 'LAB-1', uniqueId: 'D1', sizeBytes: '1', isClustered: false, paths: 2, letter: null } };

it('nobody is asked about a shared disk that every other server keeps offline, and somebody is where that is not known', () => {
  expect(withoutSettled(plan, seenBy([{ ...disk, isOffline: true }])).questions).toEqual([]);
  expect(withoutSettled(plan, seenBy([])).questions).toEqual([]);
  expect(withoutSettled(plan, seenBy([{ ...disk, isOffline: false }])).questions).toEqual([question]);
  expect(withoutSettled(plan, seenBy(null)).questions).toEqual([question]);
});
