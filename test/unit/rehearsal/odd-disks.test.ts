import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncDisks } from '../../../main/rehearsal/world/changes/disks.ts';
import { portMethods } from '../../../main/rehearsal/world/ports/index.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { judgeContent, type Disk } from '../../../shared/model/disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-odd-'));
const world = new World({ folder, scenario: 'two-node-odd-disks', seed: 3, clock: 'driven' });
/** The files are sparse and as large as the disks. */
const readStart = (file: string): Buffer => {
  const bytes = Buffer.alloc(1024);
  const handle = openSync(file, 'r');
  readSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
  return bytes;
};

const disks = new Map<string, Disk>();

/** The state with one session of NODE1 to the target, over which every LUN arrives. */
const loggedOn = (): WorldState => {
  const state = structuredClone(world.state);
  const server = state.servers['NODE1']!;
  const [portal] = state.targets[labTarget]!.portals;
  server.initiator.sessions.push({
    id: 's1',
    target: labTarget,
    initiatorName: server.initiator.name,
    boundAddress: null,
    localAddress: '198.51.100.21',
    localPort: 50_000,
    portalAddress: portal!.address,
    portalPort: portal!.port,
    connectionId: 'c1',
    isid: '400001370000',
    tsih: '1',
    persistent: true,
    connected: true,
    claimed: false,
    discovered: true,
    multipath: false,
    headerDigest: false,
    dataDigest: false,
    chap: { kind: 'NONE', userName: null, secret: null },
  });
  syncDisks(state, server);
  // Online, because Windows looks at no layout of a disk that is offline.
  for (const view of Object.values(server.diskViews)) Object.assign(view, { online: true, readOnly: false });
  return state;
};

beforeAll(() => {
  const state = loggedOn();
  const look = { world: state, server: state.servers['NODE1']!, used: new Set(), nowMs: 0 };
  for (const disk of portMethods.get('disks.list')!.run(look as never, {} as never) as Disk[]) {
    const lun = Object.values(state.luns).find(({ uniqueId }) => uniqueId === disk.uniqueId);
    if (lun) disks.set(lun.id, disk);
  }
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('disks that had another life', () => {
  it('are seen beside the two of every rehearsal', () => {
    expect([...disks.keys()].sort()).toEqual([
      'data',
      'dynamic',
      'large',
      'linux',
      'native-4k',
      'no-serial',
      'witness',
    ]);
  });

  it.each([
    ['linux', { kind: 'foreign', because: expect.stringContaining('83h (Linux), 8Eh (Linux LVM)') as unknown }],
    ['dynamic', { kind: 'foreign' }],
    ['large', { kind: 'partitioned' }],
    ['native-4k', { kind: 'blank' }],
    ['no-serial', { kind: 'blank' }],
  ])('%s is judged by what is on it', (name, content) => {
    expect(judgeContent(disks.get(name)!)).toMatchObject(content);
  });

  it('have the table, the sectors and the serial number that such disks have', () => {
    expect(disks.get('large')).toMatchObject({ partitionStyle: 'mbr', sizeBytes: 4n << 40n });
    expect(disks.get('native-4k')).toMatchObject({ logicalSectorBytes: 4096, physicalSectorBytes: 4096 });
    expect(disks.get('data')).toMatchObject({ logicalSectorBytes: 512, serialNumber: 'LAB-DATA-0002' });
    expect(disks.get('no-serial')).toMatchObject({ serialNumber: null });
    expect(disks.get('no-serial')!.uniqueId).toMatch(/^3[0-9A-F]{15}$/);
  });

  it('show it in their bytes as well, to an initiator that reads them', () => {
    const { bytes, state } = world;
    bytes.ensure(state);
    const head = (lun: string): Buffer => readStart(bytes.fileOf(lun));
    expect([head('linux').readUInt8(450), head('linux').readUInt8(466)]).toEqual([0x83, 0x8e]);
    expect(bytes.isBlank('data', state.luns['data']!.sizeBytes)).toBe(true);
    expect(bytes.isBlank('dynamic', state.luns['dynamic']!.sizeBytes)).toBe(false);
  });
});
