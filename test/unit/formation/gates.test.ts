import { describe, expect, it } from 'vitest';
import { agreeServers } from '../../../main/operations/formation/agree-servers.ts';
import type { AskCore } from '../../../main/operations/formation/qualify-lun.ts';
import type { Consistency } from '../../../shared/model/consistency.ts';
import { knownFailures } from '../../../shared/plan/formation/known-failures-phase.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const file = exampleFile(2);
const signal = new AbortController().signal;

const comparison = (
  rows: readonly (readonly [id: string, outcome: 'pass' | 'warn' | 'fail' | 'unknown'])[],
  names: readonly string[] = ['NODE1', 'node2'],
): Consistency => ({
  schema: 'quorate.consistency/1',
  at: '2026-01-01T00:00:00.000Z',
  servers: names.map((name) => ({ id: name, name, because: null })),
  outcome: 'pass',
  sentence: '',
  rows: rows.map(([id, outcome]) => ({
    id,
    title: `Row ${id}`,
    outcome,
    text: `It is ${outcome}.`,
    cells: [],
    next: 'Look there.',
    source: '',
  })),
});

const judged = (found: Consistency): Promise<string> => {
  const asked: unknown[] = [];
  const ask = ((method: string, input: unknown) => {
    asked.push([method, input]);
    return Promise.resolve(found);
  }) as unknown as AskCore;
  return agreeServers({ ask })('', file, signal);
};

describe('the comparison of the servers', () => {
  it('passes with what it only warns of, and tells it', async () => {
    const proof = await judged(
      comparison([
        ['clock', 'pass'],
        ['os.updates', 'warn'],
        ['cpu.model', 'unknown'],
      ]),
    );
    expect(proof).toContain('3 properties of 2 servers compared');
    expect(proof).toContain('Row os.updates: It is warn.');
    expect(proof).toContain('Row cpu.model: It is unknown.');
  });

  it('stops at a difference that must not be, before what is not known', async () => {
    await expect(
      judged(
        comparison([
          ['clock', 'unknown'],
          ['os.version', 'fail'],
        ]),
      ),
    ).rejects.toMatchObject({
      code: 'FORM_SERVERS_DIFFER',
      detail: { what: 'Row os.version: It is fail.', next: 'Look there.' },
    });
  });

  it('stops at what decides and is not known, with what to find out', async () => {
    for (const id of ['os.version', 'clock', 'clone.mac'])
      await expect(judged(comparison([[id, 'unknown']]))).rejects.toMatchObject({
        code: 'FORM_SERVERS_UNKNOWN',
        detail: { next: 'Look there.' },
      });
  });

  it('never takes a server that was not compared for one that agrees', async () => {
    await expect(judged(comparison([['clock', 'pass']], ['NODE1']))).rejects.toMatchObject({
      code: 'FORM_SERVERS_UNKNOWN',
      detail: { what: 'NODE2 could not be asked' },
    });
  });
});

describe('known failures', () => {
  const features = ['Hyper-V', 'Failover-Clustering'] as const;
  const input = (change: { readonly automount?: boolean; readonly isRead?: boolean } = {}) =>
    bareServer(file, 0, (bare) => ({
      ...bare,
      observed: {
        ...bare.observed,
        storage: {
          ...bare.observed.storage!,
          policy:
            change.isRead === false ? null : { ...bare.observed.storage!.policy!, automount: change.automount ?? true },
        },
        roles: {
          node: 'NODE1',
          state: {
            features: features.map((name) => ({ name, state: 'installed' })),
            hypervisorPresent: true,
            managementService: 'running',
            unread: [],
          },
        },
        cluster: { node: 'NODE1', state: { membership: 'none', cluster: null, unread: [] } },
      },
    }));

  it('stop a server that has one, with what it would look like later', () => {
    expect(knownFailures.plan(input()).refusals).toEqual([]);
    const { refusals } = knownFailures.plan(input({ automount: false }));
    expect(refusals?.map(({ code }) => code)).toEqual(['FORM_KNOWN_FAILURE']);
    expect(refusals?.[0]?.what).toContain('Left as it is:');
    expect(refusals?.[0]?.next).not.toBe('');
  });

  it('stop where it could not be read whether there is one', () => {
    const { unknowns } = knownFailures.plan(input({ isRead: false }));
    expect(unknowns?.length).toBeGreaterThan(0);
    for (const { next } of unknowns ?? []) expect(next).not.toBe('');
  });

  it('are not looked for in servers that were validated', () => {
    const validated = [{ nodes: ['NODE1', 'NODE2'], at: '2026-01-01T00:00:00.000Z', report: null, accepted: [] }];
    const done = input({ automount: false });
    expect(knownFailures.plan({ ...done, proofs: { ...done.proofs, validated } })).toEqual({});
  });
});
