import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ClaimStore } from '../../../main/coordination/claim-store.ts';
import { openServer } from '../../../main/agent/open-servers.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { ServerClaims } from '../../../shared/contract/promises.ts';
import type { LunMap, SeenLuns } from '../../../shared/model/lun-map.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { everythingIn, runCli } from '../../support/built-cli.ts';
import { logOn } from '../../support/changes.ts';
import { startTarget, testTargetName } from '../../support/embedded-target.ts';
import { startCore, type TestCore } from '../../support/cores.ts';
import { freePort } from '../../support/free-port.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-luns-'));
afterAll(() => removeFolder(data));

const paired = async (one: TestCore, two: TestCore): Promise<void> => {
  const endpoint = { address: '127.0.0.1', port: await freePort() };
  await one.call('peers.listen', { endpoints: [endpoint] });
  const { code } = await one.call<{ code: string }>('peers.invite', {});
  await two.call('peers.join', { code, endpoints: [endpoint] });
};

/** NODE1 of the rehearsal logs on to its target, as a person would have it. */
const logOnTo = async (server: string): Promise<void> => {
  const ports = await openServer(parseServerRef(`rehearsal:lab/${server}`)!, data);
  try {
    await ports.apply({ do: 'initiator.setService', running: true });
    const nic = (await ports.nics.list())[2]!;
    const source = `198.51.100.2${server.slice(-1)}`;
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: source, prefixLength: 24 });
    const path = { targetPortalAddress: '198.51.100.10', targetPortalPort: 3260, initiatorPortalAddress: source };
    await ports.apply({ do: 'initiator.addPortal', ...path, authentication: { kind: 'none' } });
    await logOn(ports, {
      ...path,
      targetNodeAddress: labTarget,
      isPersistent: true,
      isMultipathEnabled: false,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: { kind: 'none' },
    });
    await ports.disks.rescan();
  } finally {
    await ports.close();
  }
};

it('maps what two Windows servers see, and what one of them does not', async () => {
  await runCli(['rehearsal', 'create', 'lab'], { data });
  const [one, two] = [startCore(data, 'one', 'NODE1'), startCore(data, 'two', 'NODE2')];
  try {
    await paired(one, two);
    const map = () => one.call<LunMap>('peers.luns', {});
    expect(await map()).toMatchObject({ outcome: 'pass', luns: [], servers: [{ name: 'NODE1' }, { name: 'NODE2' }] });

    await logOnTo('NODE1');
    const alone = await map();
    expect(alone).toMatchObject({ outcome: 'fail' });
    expect(alone.luns.map(({ verdict }) => verdict)).toEqual(['missing', 'missing']);
    expect(alone.luns[0]!.cells[0]!.paths[0]).toMatchObject({
      by: 'windows',
      target: labTarget,
      portal: '198.51.100.10:3260',
      source: '198.51.100.21',
      lun: null,
    });
    expect(alone.luns[0]!.cells[1]).toMatchObject({ isSeen: false, because: `it has no path to ${labTarget}` });

    await logOnTo('NODE2');
    const both = await map();
    expect(both).toMatchObject({ outcome: 'pass', sentence: 'All servers see the same 2 logical units.' });

    // NODE2 promised NODE1 a disk: both consoles show it, and NODE1 says so when NODE2 does not answer.
    const writer = (await one.call<{ fingerprint: string }>('peers.self', {})).fingerprint
      .replaceAll(/[^0-9A-Fa-f]/g, '')
      .toLowerCase();
    const disk = both.luns[0]!.identity!;
    new ClaimStore(join(data, 'two')).put({
      disk,
      serial: both.luns[0]!.serial,
      claim: { kind: 'promised', writer, go: '0123456789abcdef' },
      writerName: 'NODE1',
      since: '2026-01-01T00:00:00.000Z',
      askedOf: [],
    });
    const survey = async () => (await one.call<{ servers: ServerClaims[] }>('promise.survey', {})).servers;
    const here = { id: 'local', name: 'NODE1', claims: [], because: null };
    expect(await survey()).toMatchObject([
      here,
      { name: 'NODE2', claims: [{ disk, writerName: 'NODE1' }], because: null },
    ]);

    const portals = [{ address: '198.51.100.10', port: 3260 }];
    const seen = await one.call<SeenLuns>('luns.seen', { portals });
    expect(seen.paths.at(-1)).toMatchObject({ by: 'quorate', units: null });
    await two.close();
    expect(await survey()).toMatchObject([
      here,
      { name: 'NODE2', claims: null, because: expect.any(String) as unknown },
    ]);
    expect((await map()).luns.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown']);
  } finally {
    await one.close();
    await two.close();
    await runCli(['rehearsal', 'stop', 'lab'], { data });
  }
});

it('has every server log on to a portal itself, and says of a portal that is gone that nothing is known', async () => {
  const [one, two] = [startCore(data, 'three'), startCore(data, 'four')];
  const target = await startTarget();
  try {
    await paired(one, two);
    const portals = [{ address: '127.0.0.1', port: target.port }];
    const found = await one.call<LunMap>('peers.luns', { portals });
    expect(found).toMatchObject({ outcome: 'pass', luns: [{ verdict: 'same', serial: 'QUORATE-TEST-1' }] });
    const path = { by: 'quorate', target: testTargetName, lun: 1, source: '127.0.0.1' };
    expect(found.luns[0]!.cells).toMatchObject([{ paths: [path] }, { paths: [path] }]);
    expect(found.luns[0]!.identity).toMatch(/^naa\.3/);

    await target.close();
    const gone = await one.call<LunMap>('peers.luns', { portals });
    expect(gone).toMatchObject({ outcome: 'unknown', luns: [] });
    expect(gone.servers.every(({ notLooked }) => notLooked.length === 1)).toBe(true);

    // A target that asks for CHAP: without a secret it is said what to do, with it every server logs on; the secret is kept by nobody.
    const chap = { user: 'nodes', secret: 'a secret of 16b' };
    const locked = await startTarget({ chap: { initiator: chap, target: null } });
    const lockedPortals = [{ address: '127.0.0.1', port: locked.port }];
    const asked = await one.call<LunMap>('peers.luns', { portals: lockedPortals });
    expect(asked).toMatchObject({ outcome: 'unknown', luns: [] });
    for (const { notLooked } of asked.servers) expect(notLooked.join()).toMatch(/needs CHAP\. .*--chap-user/);
    const wrong = await one.call<LunMap>('peers.luns', {
      portals: lockedPortals,
      chap: { ...chap, secret: 'another of 16 b' },
    });
    for (const { notLooked } of wrong.servers) expect(notLooked.join()).toContain('ISCSI_LOGIN_AUTHENTICATION_FAILED');
    expect(await one.call('peers.luns', { portals: lockedPortals, chap })).toMatchObject({
      outcome: 'pass',
      luns: [{ verdict: 'same' }],
    });
    expect(everythingIn(data)).not.toContain(chap.secret);

    // On a Linux server nothing is known unless a portal is named.
    const [notAsked] = (await one.call<SeenLuns>('luns.seen', {})).paths;
    if (process.platform !== 'win32') expect(notAsked).toMatchObject({ units: null });
  } finally {
    await one.close();
    await two.close();
  }
});
