import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { CliContext } from '../../../main/cli/context.ts';
import { answersOf } from '../../../main/cli/form-options.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { planFormation } from '../../../shared/plan/formation/plan-formation.ts';
import { bareServer, exampleFile, plansOf } from '../../support/formation.ts';

const file = exampleFile(2);
const bare = planFormation(file, plansOf(file.servers.map((_, index) => bareServer(file, index))));
const text = 'Everything on disk 1 (1 GiB, NTFS, Witness) will be lost. Type its serial number.';
const asked = { id: 'NODE1/serialNumber:6001405A', node: 'NODE1', kind: 'serialNumber', subject: '6001405A', text };
const plan = {
  ...bare,
  questions: [...bare.questions, { ...asked, expected: null, answered: false }],
} as FormationPlan;

/** A console with what is typed there; null: nobody is there. */
const at = (typed: string | null): CliContext => {
  const stdin = Object.assign(new PassThrough(), { isTTY: typed !== null });
  if (typed !== null) stdin.end(typed);
  return { streams: { stdin, stderr: new PassThrough(), stdout: new PassThrough(), env: {} } } as unknown as CliContext;
};
const options = { file: 'cluster.json' };

it('a disk whose content is lost is asked for at a terminal, and named with its option where nobody can be asked', async () => {
  expect(await answersOf(at('LAB-1\n'), plan, options)).toMatchObject({
    [asked.id]: 'LAB-1',
    'NODE2/restart:NODE2': true,
  });
  for (const [console, more] of [
    [at(null), {}],
    [at('LAB-1\n'), { yes: true }],
    [at('LAB-1\n'), { json: true }],
  ] as const)
    await expect(answersOf(console, plan, { ...options, ...more })).rejects.toThrow(
      `Nothing was changed: ${text} Give it with --serial 6001405A=SERIAL.`,
    );
});

it('a serial number that is given beforehand holds for its disk alone, on whichever server it is seen later', async () => {
  const given = { ...options, yes: true, serial: ['6001405A=LAB-1=x'] };
  for (const one of [plan, bare])
    expect(await answersOf(at(null), one, given)).toMatchObject({
      [asked.id]: 'LAB-1=x',
      'NODE2/serialNumber:6001405A': 'LAB-1=x',
    });
  await expect(answersOf(at(null), plan, { ...given, serial: ['ANOTHER=LAB-1'] })).rejects.toThrow(
    '--serial 6001405A=',
  );
  for (const wrong of ['LAB-1', '=LAB-1', '6001405A='])
    await expect(answersOf(at(null), bare, { ...given, serial: [wrong] })).rejects.toThrow(
      '--serial takes DISK=SERIAL',
    );
});
