import { describe, expect, it } from 'vitest';
import { formationLeft, goOnForming } from '../../../main/cli/resume-formation.ts';
import { secretsFor } from '../../../main/operations/formation/travelling-secrets.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import { planFormation } from '../../../shared/plan/formation/plan-formation.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { standIns } from '../../../shared/plan/formation/secrets.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const file = exampleFile(2);
const task = { token: 'quorate-resume', trigger: 'logon', account: 'WIN-0\\Administrator' } as const;
const ready = { isEnabled: true, isElevated: true, program: 'quorate.exe', argument: 'journal resume --yes' };

const server = (afterRestart: 'logon' | 'startup', change: (input: ServerInput) => ServerInput = (input) => input) =>
  planServer(
    bareServer({ ...file, afterRestart }, 0, (input) =>
      change({ ...input, file: { ...file, afterRestart }, secrets: standIns }),
    ),
  );
const withTask = (input: ServerInput): ServerInput => ({
  ...input,
  observed: { ...input.observed, host: { ...input.observed.host!, resumes: [{ ...task, ...ready }] } },
});
const stepsOf = (plan: ReturnType<typeof server>): FormationStep[] => plan.phases.flatMap(({ steps }) => steps);
const kinds = (plan: ReturnType<typeof server>, phase: string): string[] =>
  plan.phases.find((one) => one.phase === phase)!.steps.map(({ change }) => change?.do ?? '');

/** What is known of the formation that was cut. */
const begun = { formation: 'form-1', cluster: 'C', text: 'TEXT', path: 'c.json', direction: 'form' };

describe('how a formation goes on after a restart', () => {
  it('is registered before the first restart, for the account that Quorate runs as', () => {
    expect(kinds(server('logon'), 'names')).toEqual(['host.rename', 'host.registerResume', 'host.restart']);
    expect(stepsOf(server('logon')).find(({ change }) => change?.do === 'host.registerResume')!.change).toMatchObject({
      trigger: 'logon',
      account: 'WIN-0\\Administrator',
      passwordName: null,
    });
    expect(planFormation(file, [server('logon')]).secrets).toEqual([]);
  });

  it('needs the password where Windows is to keep it, and with that step alone', () => {
    const plan = server('startup');
    const register = stepsOf(plan).find(({ change }) => change?.do === 'host.registerResume')!;
    expect(planFormation(file, [plan]).secrets).toEqual([{ name: 'resume', step: `NODE1: ${register.title}` }]);
    const given = { resume: 'a password', chap: 'twelve-bytes!', account: 'another' };
    expect(secretsFor(register, given)).toEqual({ resume: 'a password' });
    for (const step of stepsOf(plan).filter(({ change }) => change?.do !== 'host.registerResume'))
      expect(secretsFor(step, given)).not.toHaveProperty('resume');
  });

  it('is registered once, and taken away when no restart is left', () => {
    const plan = server('logon', withTask);
    expect(kinds(plan, 'names')).toEqual(['host.rename', 'host.restart']);
    expect(kinds(plan, 'afterRestarts')).toEqual(['host.removeResume']);
    expect(kinds(server('logon'), 'afterRestarts')).toEqual([]);
    // Its server got another name: the account is the same one.
    const renamed = server('logon', (input) => ({
      ...withTask(input),
      runsAs: { name: 'WIN-0\\Administrator', sid: 'S-1-5-21-1-2-3-500' },
    }));
    expect(kinds(renamed, 'names')).not.toContain('host.registerResume');
    const before = { ...task, account: 'WIN-OLD\\Administrator', ...ready };
    const older = server('logon', (input) => ({
      ...input,
      observed: { ...input.observed, host: { ...input.observed.host!, resumes: [before] } },
    }));
    expect(kinds(older, 'names')).not.toContain('host.registerResume');
    // Of another account: it would wait for somebody who is not meant.
    const other = server('startup', withTask);
    expect(kinds(other, 'names')).toEqual(['host.rename', 'host.registerResume', 'host.restart']);
  });

  it('is nothing to register for a service, which starts by itself, nor for nobody', () => {
    for (const runsAs of [null, { name: 'NT AUTHORITY\\SYSTEM', sid: 'S-1-5-18' }])
      expect(
        kinds(
          server('logon', (input) => ({ ...input, runsAs })),
          'names',
        ),
      ).not.toContain('host.registerResume');
  });
});

const consent = (state: string, hoursAgo: number): object => {
  const at = new Date(Date.parse('2026-01-02T00:00:00.000Z') - hoursAgo * 3_600_000).toISOString();
  return { about: 'formation', state, askedAt: at, answeredAt: state === 'given' ? at : null };
};
const now = (): number => Date.parse('2026-01-02T00:00:00.000Z');

describe('what a restart has cut', () => {
  const left = (status: object | null, consents: object[]) =>
    formationLeft(
      <T>(method: string) => Promise.resolve((method === 'formation.status' ? status : { consents }) as T),
      now,
    );

  it('is this server as the coordinator, its part in a formation for as long as a person here agreed, or nothing', async () => {
    expect(await left({ state: 'interrupted', direction: 'form', coordinator: null }, [])).toBe('coordination');
    expect(await left({ state: 'formed', direction: 'form' }, [])).toBeNull();
    expect(await left({ state: 'interrupted', direction: 'undo', coordinator: null }, [])).toBe('coordination');
    expect(await left({ state: 'undone', direction: 'undo', coordinator: null }, [])).toBeNull();
    expect(await left(null, [consent('given', 1)])).toBe('membership');
    for (const over of [consent('ended', 1), consent('refused', 1), consent('given', 30), consent('needed', 30)])
      expect(await left(null, [over])).toBeNull();
  });

  it('is left to a person where a person has paused it', async () => {
    const leftWith = (isPaused: boolean) =>
      formationLeft(<T>(method: string) =>
        Promise.resolve(
          (method === 'formation.status'
            ? { state: 'interrupted', direction: 'form', coordinator: null, isPaused }
            : { consents: [] }) as T,
        ),
      );
    expect(await leftWith(false)).toBe('coordination');
    expect(await leftWith(true)).toBe('paused');
  });

  it('is tried again where a server or a service is not there yet, until somebody else goes on with it', async () => {
    const silent = failure('FORM_STOPPED', {
      ...{ server: 'NODE2', what: 'NODE2 could not be asked: it is not connected', next: 'Wait.' },
      ...{ code: null, phase: null },
    });
    const refused = failure('FORM_STOPPED', {
      ...{ server: 'NODE2', what: 'A letter is taken.', next: 'Choose another.' },
      ...{ code: 'DISK_LETTER_TAKEN', phase: 'disks' },
    });
    const lost = failure('COORDINATOR_MEMBER_SILENT', { silent: 'NODE2: it was not reached yet' });
    const triesWith = async (answers: readonly (Error | null)[], others: readonly string[] = []): Promise<number> => {
      let tries = 0;
      let looked = 0;
      const status = { ...begun, wanted: null };
      const stop = new AbortController();
      await goOnForming('coordination', {
        core: {
          call: (method: string) => {
            if (method === 'formation.status')
              return Promise.resolve({ ok: true, result: { ...status, state: others[looked++] ?? 'failed' } });
            const answer = answers[tries++];
            if (answer) return Promise.resolve({ ok: false, error: toEnvelope(answer) });
            return Promise.resolve({ ok: true, result: {} });
          },
        } as never,
        isElsewhere: true,
        note: () => undefined,
        signal: stop.signal,
        againMs: [1, 1, 1],
      });
      return tries;
    };
    expect(await triesWith([silent, lost, null])).toBe(3);
    // What a person has to see to, or does already, is left to them.
    expect(await triesWith([refused, null])).toBe(1);
    expect(await triesWith([silent, null], ['interrupted', 'failed', 'cancelled'])).toBe(1);
    expect(await triesWith([silent, silent, silent, silent, null])).toBe(4);
  });

  it('goes on the way that it went: an undo is not formed again, and is over when all is undone', async () => {
    const orders: unknown[] = [];
    const notes: string[] = [];
    let state = 'interrupted';
    await goOnForming('coordination', {
      core: {
        call: (method: string, input: unknown) => {
          if (method === 'formation.status') {
            const told = { ...begun, direction: 'undo', wanted: null, state };
            if (orders.length > 0) state = 'undone';
            return Promise.resolve({ ok: true, result: told });
          }
          orders.push(input);
          const error = failure('FORM_SECRET_MISSING', { secrets: 'a password', options: '--password-file' });
          return Promise.resolve({ ok: false, error: toEnvelope(error) });
        },
      } as never,
      note: (text) => void notes.push(text),
      signal: AbortSignal.timeout(180_000),
      pollMs: 1,
    });
    expect(orders).toEqual([expect.objectContaining({ direction: 'undo', goesOn: true })]);
    expect(notes[0]).toBe('Going on with form-1 of C, which undoes it.');
    expect(state).toBe('undone');
  });

  it('goes on from its file without a secret, says what it lacks, and waits for a person', async () => {
    const status = { ...begun, state: 'interrupted' };
    const wanted = { servers: [{ name: 'NODE1' }], storageHost: { name: 'STORE1' } };
    const calls: { method: string; input: unknown }[] = [];
    const notes: string[] = [];
    let state = 'failed';
    await goOnForming('coordination', {
      core: {
        call: (method: string, input: unknown) => {
          calls.push({ method, input });
          if (method === 'formation.status') {
            const told = { ...status, wanted, state };
            // The person goes on meanwhile, in another window.
            if (calls.length > 2) state = 'formed';
            return Promise.resolve({ ok: true, result: told });
          }
          const error = failure('FORM_SECRET_MISSING', {
            secrets: 'the CHAP secret, for "NODE1: Log on"',
            options: '--chap-file',
          });
          return Promise.resolve({ ok: false, error: toEnvelope(error) });
        },
      } as never,
      note: (text) => void notes.push(text),
      signal: new AbortController().signal,
      pollMs: 1,
    });
    expect(calls.find(({ method }) => method === 'formation.apply')?.input).toEqual({
      text: 'TEXT',
      path: 'c.json',
      direction: 'form',
      answers: {
        'NODE1/restart:NODE1': true,
        'NODE1/cutConnection:NODE1': true,
        'STORE1/restart:STORE1': true,
        'STORE1/cutConnection:STORE1': true,
      },
      goesOn: true,
    });
    expect(notes.join(' ')).toContain('FORM_SECRET_MISSING');
    expect(notes.join(' ')).toContain('quorate form resume');
  });
});
