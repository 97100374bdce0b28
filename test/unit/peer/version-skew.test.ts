import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FormationCore, type FormationCoreTools } from '../../../main/operations/formation/formation-core.ts';
import { renderPeers } from '../../../main/cli/text/peers-text.ts';
import type { PeerView } from '../../../shared/contract/peers.ts';
import { skewOf } from '../../../shared/model/version-skew.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { exampleFile } from '../../support/formation.ts';

describe('the version of another server', () => {
  it.each([
    ['1.2.3', '1.2.3', 'same'],
    ['0.0.0-unbundled', '0.0.0-unbundled', 'same'],
    ['1.2.3', '1.2.9', 'alike'],
    ['1.2.3', '1.2.3-rc.1+5', 'alike'],
    ['1.2.3', '1.3.3', 'unlike'],
    ['1.2.3', '2.2.3', 'unlike'],
    ['0.1.0', '0.0.0-unbundled', 'unlike'],
    ['1.2.3', null, 'unknown'],
    ['1.2.3', 'next', 'unknown'],
    ['1.2.3', '1.2', 'unknown'],
  ] as const)('%s beside %s is %s', (ours, theirs, skew) => expect(skewOf(ours, theirs)).toBe(skew));

  it('is shown, and what it means where it is another one', () => {
    const peer = (name: string, version: string, versionSkew: PeerView['versionSkew']): PeerView =>
      ({
        id: name,
        name,
        fingerprint: name.repeat(4),
        state: 'paired',
        version,
        versionSkew,
        endpoints: [],
        changedIdentity: null,
        introducedBy: null,
        isNameShared: false,
        words: '',
        link: { state: 'connected', reason: null, clockOffsetMs: null, clockToleranceMs: null },
      }) as unknown as PeerView;
    const text = renderPeers([peer('NODE2', '0.2.0', 'unlike'), peer('NODE3', '0.1.7', 'alike')], 120);
    expect(text).toContain('NODE2 runs Quorate 0.2.0, which is not the version of this server');
    expect(text).not.toContain('NODE3 runs');
  });
});

describe('a formation with another version', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-skew-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const nodes = { text: JSON.stringify(exampleFile(2)), path: 'cluster.json', answers: {}, secrets: {} };
  const theirs = '9.9.0';
  /** A core whose only peer runs another version; `asked` is what the peer was asked. */
  const coreWith = (asked: string[]): FormationCore =>
    new FormationCore({
      settings: { dataFolder: folder },
      version: '0.0.0-unbundled',
      access: { onServer: () => Promise.reject(failure('HOST_NOT_HERE', { platform: 'this test' })) },
      peers: {
        names: async () => [{ id: 'p2', name: 'NODE2', version: theirs }],
        call: async (_id: string, method: string) => {
          asked.push(method);
          return { consent: 'none' };
        },
      },
      coordinatorship: async () => ({
        orderEpoch: async () => null,
        poweredDown: () => [],
        assertInForce: () => undefined,
      }),
      singleWriter: async () => ({ declarePoweredDown: () => undefined, finish: async () => undefined }),
      running: { during: (_title: string, work: () => unknown) => work() },
    } as unknown as FormationCoreTools);

  it('is not joined when it orders', async () => {
    const caller = { kind: 'peer', id: 'p2', fingerprint: 'f', epoch: { number: 1 } } as never;
    const joining = { ...nodes, formation: 'f1', withScripts: false, poweredDown: [] };
    await expect(coreWith([]).join(joining as never, caller, new AbortController().signal)).rejects.toMatchObject({
      code: 'PEER_VERSION_UNLIKE',
      detail: { peer: 'NODE2', theirs, ours: '0.0.0-unbundled' },
    });
  });

  it('does not order it: the plan says why it is missing, and it is never asked to join', async () => {
    const asked: string[] = [];
    const core = coreWith(asked);
    const { signal } = new AbortController();
    const plan = await core.plan({ ...nodes, direction: 'form', withScripts: false, goesOn: false }, signal);
    expect(JSON.stringify(plan)).toContain(`NODE2 runs Quorate ${theirs} and this server 0.0.0-unbundled`);
    expect(asked).toEqual(['formation.look']);
    const applying = core.apply(
      { ...nodes, direction: 'form', confirm: null, acceptWarnings: [], goesOn: false },
      signal,
      () => undefined,
      { kind: 'cli' },
    );
    await expect(applying).rejects.toMatchObject({ effect: 'none' });
    expect(asked).toEqual(['formation.look', 'formation.agreed']);
  });
});
