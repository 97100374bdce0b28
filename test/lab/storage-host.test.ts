import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linuxStorageScript, serialOf, type LinuxStorage } from '../../shared/model/storage-host-script.ts';
import { runCli, temporaryData } from '../support/built-cli.ts';
import { freePort } from '../support/free-port.ts';
import { forwarded, startLio, whyNoLio, type Lio } from '../support/lio.ts';
import { startTgt, tgtIsHere, type Tgt } from '../support/tgt.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/* The scripts that make a storage host of a Linux machine, run as a person runs them, and seen through by an initiator. */

const target = 'iqn.2026-01.example.quorate:offered';
const admitted = 'iqn.1991-05.com.microsoft:node1.example';
const secret = 'secret-of-nodes1';
const wanted = (more: Pick<LinuxStorage, 'kind' | 'folder' | 'portals'>): LinuxStorage => ({
  ...more,
  target,
  disks: [
    { name: 'quorum', sizeBytes: 512 * 1024 * 1024 },
    { name: 'machines', sizeBytes: 1024 * 1024 * 1024 },
  ],
  initiators: [admitted, 'iqn.1991-05.com.microsoft:node2.example'],
  chapUser: 'nodes',
});

interface Found {
  readonly targets: readonly {
    readonly name: string;
    readonly luns:
      | readonly { readonly lun: number; readonly sizeBytes: string; readonly serial: string | null }[]
      | null;
  }[];
}

const discover = async (portal: string, initiator: string): Promise<{ code: number | null; found: Found | null }> => {
  const args = ['--portal', portal, '--initiator', initiator, '--chap-user', 'nodes', '--chap-secret-file', '-'];
  const data = temporaryData();
  const { code, out } = await runCli(['iscsi', 'discover', ...args, '--luns', '--json'], {
    data,
    stdin: `${secret}\n`,
  });
  const parsed = JSON.parse(out) as Found;
  return { code, found: 'targets' in parsed ? parsed : null };
};

/** The nodes see both disks, with serial numbers of their own; another name sees none of them. */
const expectOffered = async (portal: string, serialLength: number): Promise<void> => {
  const { code, found } = await discover(portal, admitted);
  expect(code).toBe(0);
  // LIO lists the LUNs of an initiator in an order of its own; REPORT LUNS (SPC-4) asks for none.
  const luns = found?.targets.find(({ name }) => name === target)?.luns ?? [];
  const offered = [...luns].sort((one, next) => one.lun - next.lun);
  expect(offered.map(({ sizeBytes }) => Number(sizeBytes) / 1024 / 1024)).toEqual([512, 1024]);
  expect(offered.map(({ serial }) => serial?.trim().replace(/-/g, ''))).toEqual(
    ['quorum', 'machines'].map((name) => serialOf(target, name).slice(0, serialLength)),
  );
  const other = await discover(portal, 'iqn.2026-01.example:stranger');
  expect(other.found?.targets.find(({ name }) => name === target)?.luns ?? []).toEqual([]);
};

describe.skipIf(!tgtIsHere)(
  titled('the script for tgt', tgtIsHere ? null : 'tgt is not installed (Debian: tgt)'),
  () => {
    let tgt: Tgt;
    let portal: string;
    const folder = mkdtempSync(join(tmpdir(), 'quorate-offered-'));
    beforeAll(async () => {
      portal = `127.0.0.1:${await freePort()}`;
      tgt = await startTgt([portal]);
    });
    afterAll(async () => {
      await tgt?.stop();
      await removeFolder(folder);
    });

    it('offers the disks to the nodes alone, and changes nothing when it is run again', async () => {
      const [address = '', port = ''] = portal.split(':');
      const script = linuxStorageScript(wanted({ kind: 'tgt', folder, portals: [{ address, port: Number(port) }] }));
      const run = () => spawnSync('sh', ['-c', script], { env: tgt.env, input: `${secret}\n`, encoding: 'utf8' });
      const first = run();
      expect([first.status, first.stdout], first.stderr).toEqual([0, '']);
      const state = await tgt.admin('--op', 'show', '--mode', 'target');
      expect(run().status).toBe(0);
      expect(await tgt.admin('--op', 'show', '--mode', 'target')).toBe(state);
      await expectOffered(portal, 20);
    });
  },
);

describe.skipIf(whyNoLio !== null)(titled("the script for the kernel's target", whyNoLio), () => {
  let lio: Lio;
  beforeAll(async () => {
    lio = await startLio(await forwarded([3260]));
  });
  afterAll(() => lio?.kill());

  it('offers the disks to the nodes alone, and changes nothing when it is run again', async () => {
    const script = linuxStorageScript(
      wanted({ kind: 'lio', folder: '/tmp/offered', portals: [{ address: '0.0.0.0', port: 3260 }] }),
    );
    const encoded = Buffer.from(script).toString('base64');
    for (let at = 0; at < encoded.length; at += 400)
      await lio.run(`printf %s '${encoded.slice(at, at + 400)}' >>/tmp/script.b64`);
    await lio.run('base64 -d /tmp/script.b64 >/tmp/script');
    const run = () => lio.run(`echo ${secret} | sh /tmp/script`);
    await run();
    const state = () => lio.run('find $C -type d | sort | md5sum');
    const before = await state();
    await run();
    expect(await state()).toBe(before);
    await expectOffered(lio.portals[0] ?? '', 32);
  });
});
