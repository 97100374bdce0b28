import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { consentSteps, Consents, type Orderer } from '../../../main/operations/formation/consents.ts';
import { formationElsewhere } from '../../../main/operations/formation/elsewhere.ts';
import type { PeerPort } from '../../../main/ports/peer-port.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { consentHours } from '../../../shared/model/consent.ts';
import { bareServer, exampleFile, plansOf } from '../../support/formation.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'quorate-consent-'));
  folders.push(made);
  return made;
};

const file = exampleFile(2);
const [plan] = plansOf([bareServer(file, 0)]);
const steps = consentSteps(plan!);
const coordinator: Orderer = { fingerprint: 'a'.repeat(64), name: 'NODE1', epoch: 3 };
const other: Orderer = { fingerprint: 'b'.repeat(64), name: 'NODE9', epoch: 4 };
const about = { kind: 'formation', formation: 'form-1', cluster: 'CLUSTER1', text: '{"cluster": 1}' } as const;

describe('a consent', () => {
  it('is asked once, tells what will be done, and is on the disk once it is given', () => {
    const data = folder();
    const consents = new Consents(data);
    expect(consents.standing(coordinator, about, steps)).toBe('needed');
    expect(consents.standing(coordinator, about, steps)).toBe('needed');
    const [asked, ...more] = consents.all();
    expect(more).toEqual([]);
    expect(asked).toMatchObject({ coordinatorName: 'NODE1', epoch: 3, cluster: 'CLUSTER1', state: 'needed' });
    expect(asked!.steps.length).toBeGreaterThan(10);
    expect(asked!.steps.some(({ restarts }) => restarts)).toBe(true);
    expect(consents.isGiven(coordinator.fingerprint, about.text)).toBe(false);
    expect(consents.answer(null, true, 'cli')).toMatchObject({ state: 'given', answeredBy: 'cli' });
    expect(new Consents(data).isGiven(coordinator.fingerprint, about.text)).toBe(true);
    expect(consents.answerTo(coordinator.fingerprint, 'form-1')).toBe('given');
  });

  it('is of no use to another server, nor for another file', () => {
    const consents = new Consents(folder());
    consents.standing(coordinator, about, steps);
    consents.answer('form-1', true, 'ui');
    expect(consents.isGiven(other.fingerprint, about.text)).toBe(false);
    expect(consents.isGiven(coordinator.fingerprint, `${about.text} `)).toBe(false);
    expect(consents.answerTo(other.fingerprint, 'form-1')).toBe('needed');
    expect(consents.standing(other, { ...about, formation: 'form-2' }, steps)).toBe('needed');
    expect(consents.standing(coordinator, { ...about, formation: 'form-3', text: 'x' }, steps)).toBe('needed');
  });

  it('serves the same file again after a stop, and not after the formation is over', () => {
    const consents = new Consents(folder());
    consents.standing(coordinator, about, steps);
    consents.answer(null, true, 'cli');
    expect(consents.standing(coordinator, { ...about, formation: 'form-2' }, steps)).toBe('given');
    consents.end('form-2');
    expect(consents.isGiven(coordinator.fingerprint, about.text)).toBe(false);
    expect(consents.standing(coordinator, { ...about, formation: 'form-3' }, steps)).toBe('needed');
  });

  it('is taken back, refused, and over after its time', () => {
    let now = Date.parse('2026-01-05T08:00:00Z');
    const consents = new Consents(folder(), () => new Date(now));
    consents.standing(coordinator, about, steps);
    consents.answer(null, true, 'cli');
    consents.answer('form-1', false, 'cli');
    expect(consents.answerTo(coordinator.fingerprint, 'form-1')).toBe('refused');
    expect(consents.standing(coordinator, about, steps)).toBe('refused');
    consents.answer('form-1', true, 'cli');
    now += consentHours * 3_600_000 - 1;
    expect(consents.isGiven(coordinator.fingerprint, about.text)).toBe(true);
    now += 1;
    expect(consents.isGiven(coordinator.fingerprint, about.text)).toBe(false);
    expect(consents.standing(coordinator, about, steps)).toBe('needed');
  });

  it('is taken back, and a refusal too, without a name where only one is meant', () => {
    const consents = new Consents(folder());
    consents.standing(coordinator, about, steps);
    consents.answer(null, false, 'cli');
    // As the coordinator is told: "They can change their mind".
    expect(consents.answer(null, true, 'cli')).toMatchObject({ formation: 'form-1', state: 'given' });
    expect(() => consents.answer(null, true, 'cli')).toThrow('It is not clear which formation you mean');
    expect(consents.answer(null, false, 'cli')).toMatchObject({ formation: 'form-1', state: 'refused' });
    // One that waits comes before one that was answered.
    consents.standing(other, { ...about, formation: 'form-2' }, steps);
    expect(consents.answer(null, true, 'cli')).toMatchObject({ formation: 'form-2', state: 'given' });
  });

  it('is named where it is not clear which one is meant, and never read out of a damaged file', () => {
    const data = folder();
    const consents = new Consents(data);
    expect(() => consents.answer(null, true, 'cli')).toThrowError(
      expect.objectContaining({ code: 'FORM_NO_CONSENT_ASKED', detail: { asked: 'none' } }),
    );
    consents.standing(coordinator, about, steps);
    consents.standing(other, { ...about, formation: 'form-2' }, steps);
    expect(() => consents.answer(null, true, 'cli')).toThrowError(
      expect.objectContaining({ detail: { asked: 'form-1 of NODE1, form-2 of NODE9' } }),
    );
    writeFileSync(join(data, 'formation', 'consents.json'), '{"version":1,"consents":[{"state":"given"}]}');
    expect(() => consents.isGiven(coordinator.fingerprint, about.text)).toThrowError(
      expect.objectContaining({ code: 'SETTINGS_DAMAGED' }),
    );
  });
});

describe('a formation that another server coordinates', () => {
  const status = {
    ...{ formation: 'form-1', cluster: 'CLUSTER1', direction: 'form', state: 'paused', path: 'c.json', text: '{}' },
    ...{
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: null,
      steps: [],
      servers: [],
      wanted: null,
      skips: [],
      error: null,
    },
  };

  it('is shown here as it is there, with who coordinates, and can be paused here', async () => {
    const consents = new Consents(folder());
    const calls: string[] = [];
    let answers: unknown = status;
    const peers: PeerPort = {
      call: (peer, method) => {
        calls.push(`${peer} ${method}`);
        return answers instanceof Error ? Promise.reject(answers) : Promise.resolve(answers);
      },
    };
    const elsewhere = formationElsewhere(() => consents.all(), peers);
    // Nobody asked here: nobody is asked.
    expect(await elsewhere.status()).toBeNull();
    await expect(elsewhere.pause()).rejects.toMatchObject({ code: 'FORM_NOT_RUNNING' });
    expect(calls).toEqual([]);
    consents.standing(coordinator, about, steps);
    expect(await elsewhere.status()).toMatchObject({ coordinator: 'NODE1', state: 'paused', formation: 'form-1' });
    answers = { formation: 'form-1', running: ['Rename it'] };
    expect(await elsewhere.pause()).toEqual(answers);
    const id = 'a'.repeat(16);
    expect(calls).toEqual([`${id} formation.status`, `${id} formation.pause`]);
    // A coordinator that is away is no reason to show nothing.
    answers = failure('HOST_UNREACHABLE', { server: 'NODE1', reason: 'closed' });
    expect(await elsewhere.status()).toBeNull();
    // Nor is one that says what only a later version knows.
    answers = { ...status, state: 'suspended' };
    expect(await elsewhere.status()).toBeNull();
    expect(await elsewhere.whyNotHere()).toBeNull();
    answers = status;
    expect(await elsewhere.whyNotHere()).toMatchObject({
      code: 'FORM_RUNS_ELSEWHERE',
      detail: { coordinator: 'NODE1' },
    });
    consents.answer(null, false, 'cli');
    expect(await elsewhere.status()).toBeNull();
  });
});
