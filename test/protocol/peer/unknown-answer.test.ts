import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Drills } from '../../../main/operations/drills/drills.ts';
import { DrillHistory } from '../../../main/operations/drills/history.ts';
import { findServers, type OwnPart } from '../../../main/operations/formation/find-servers.ts';
import { Coordinatorship } from '../../../main/operations/peers/coordinatorship.ts';
import { EpochStore } from '../../../main/coordination/epoch-store.ts';
import { Peers } from '../../../main/peer/peers.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import { exampleFile } from '../../support/formation.ts';
import { loopback, startPeer } from '../../support/peers.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const never = new AbortController().signal;
const says = /^NODE2 \(Quorate 9\.9\.0\) answered "[a-zA-Z.]+" in a form that this version of Quorate does not know: /;

/** This server, connected over TLS to NODE2, whose Quorate answers everything in a form of its own. */
const connected = async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'quorate-answers-'));
  onTestFinished(() => removeFolder(dataFolder));
  const odd = await startPeer('NODE2', {
    version: '9.9.0',
    answer: () => Promise.resolve({ ok: true, result: { colour: 'green' } }),
  });
  const peers = new Peers({
    ...{ dataFolder, name: 'NODE1', version: '1.2.3', program: 'quorate', onFirewall: null },
    answer: () => Promise.resolve({ ok: true, result: null }),
    find: () => Promise.resolve(undefined),
  });
  onTestFinished(() => peers.close());
  await (await peers.service()).join(odd.service.invite().code, loopback(odd.port));
  return { dataFolder, peers, id: odd.id };
};

it('names server and version where a formation asks who is who', async () => {
  const { peers } = await connected();
  const notHere = (): Promise<never> => Promise.reject(failure('FORM_NOT_IN_FILE', { server: 'NODE1' }));
  const own: OwnPart = {
    ...{ look: notHere, join: notHere, take: notHere },
    assertAlike: () => Promise.resolve(),
    leave: () => Promise.resolve({ aftermath: null }),
  };
  const file = exampleFile(2);
  const asked = { text: '{}', path: 'cluster.json', made: {}, secrets: {}, answers: {} };
  for (const order of [
    null,
    {
      ...{ formation: 'f1', epoch: null, poweredDown: [], acceptWarnings: [] },
      caller: { kind: 'cli' } as const,
    },
  ]) {
    const servers = await findServers(file, own, peers, asked as never, order, never);
    const because = await servers[1]!.look(never, {}).then(
      () => null,
      (error: unknown) => error,
    );
    expect(because).toMatchObject({ code: 'FORM_SERVER_SILENT' });
    expect((because as { detail: { silent: string } }).detail.silent.replace(/^NODE2: /, '')).toMatch(says);
  }
});

it('names it where this server becomes the coordinator, and takes no such server for one without power', async () => {
  const { dataFolder, peers } = await connected();
  const members = await peers.paired();
  const coordinatorship = new Coordinatorship({
    store: new EpochStore(dataFolder, () => 'NODE1'),
    me: () => Promise.resolve({ name: 'NODE1', fingerprint: 'ab'.repeat(32) }),
    members: () => Promise.resolve(members),
    find: () => Promise.resolve(members[0]!),
    running: () => [],
    call: (...call) => peers.call(...call),
    describe: (peer) => peers.describe(peer),
  });
  const taken = coordinatorship.take([], never, () => undefined);
  await expect(taken).rejects.toMatchObject({
    code: 'PEER_ANSWER_UNKNOWN',
    detail: { server: 'NODE2', version: '9.9.0', method: 'coordinator.heard' },
  });
  await expect(taken).rejects.toThrow(says);
});

it('names it where a drill is given back there', async () => {
  const { dataFolder, peers, id } = await connected();
  expect(peerIdOf((await peers.paired())[0]!.fingerprint)).toBe(id);
  const history = new DrillHistory(dataFolder);
  history.begin({
    ...{ id: 'd1', at: new Date().toISOString(), by: 'cli', kind: 'node', element: 'node:NODE2', title: 'Drill' },
    ...{ cluster: 'CLUSTER1', isRehearsal: false, observer: 'NODE1', journal: [], servers: [`peer:${id}`] },
    ...{ pid: 2 ** 22 + 1, guardSeconds: 10 },
  });
  const drills = new Drills({
    history,
    ask: () => Promise.reject(failure('PEER_UNKNOWN', { peer: 'none' })),
    peers,
    whyNoOrders: () => Promise.resolve(null),
    orderEpoch: () => Promise.resolve(null),
    openJournal: () => Promise.resolve({ listOpen: () => [] } as never),
    me: { server: 'local', node: 'NODE1' },
  });
  const [record] = await drills.list();
  expect(record).toMatchObject({ outcome: 'interrupted', isBack: false });
  expect(record!.findings.join(' ')).toContain('NODE2 (Quorate 9.9.0) answered "drill.end" in a form');
});
