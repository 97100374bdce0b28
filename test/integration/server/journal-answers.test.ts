import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { sharedDiskWords } from '../../../shared/plan/plan.ts';
import { logOn } from '../../support/changes.ts';
import { answersOn } from '../../support/plan-answers.ts';
import { interruptChanges, startServerLab, type ServerLab } from '../../support/server-lab.ts';

/** What finishing and undoing ask again, answered from the command line. */
let lab: ServerLab;
beforeEach(async () => {
  lab = await startServerLab();
});
afterEach(() => lab.stop());

const portal = {
  targetPortalAddress: '198.51.100.10',
  targetPortalPort: 3260,
  initiatorPortalAddress: '198.51.100.21',
};

/** NODE1 with the witness LUN online, writable and with a volume of somebody else; answers its unique id. */
const witnessWithContent = async (): Promise<string> => {
  const { ports } = await lab.server();
  const nic = (await ports.nics.list())[2]!.interfaceGuid;
  await ports.apply({ do: 'nic.addAddress', nic, address: '198.51.100.21', prefixLength: 24 });
  await ports.apply({ do: 'initiator.setService', running: true });
  await ports.apply({ do: 'initiator.addPortal', ...portal, authentication: { kind: 'none' } });
  await logOn(ports, {
    ...portal,
    targetNodeAddress: labTarget,
    isPersistent: true,
    isMultipathEnabled: false,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: { kind: 'none' },
  });
  const disk = (await ports.disks.list()).find((one) => one.serialNumber === 'LAB-WITNESS-0001')!.uniqueId!;
  await ports.apply({ do: 'disk.setOnline', disk, online: true });
  await ports.apply({ do: 'disk.setReadOnly', disk, readOnly: false });
  await ports.apply({ do: 'disk.initialize', disk, style: 'gpt' });
  await ports.apply({ do: 'disk.createPartition', disk });
  const volume = { fileSystem: 'NTFS' as const, label: 'Old', allocationUnitBytes: null, discardsContent: false };
  await ports.apply({ do: 'disk.format', disk, ...volume, partitionNumber: 2 });
  return disk;
};

const open = async (): Promise<JournalEntry[]> =>
  (await lab.quorate(['journal', 'list', '--open', '--json'])).json<{ entries: JournalEntry[] }>().entries;

const interruptFormat = async (disk: string): Promise<string> => {
  const volume = { fileSystem: 'NTFS', label: 'Witness', driveLetter: 'Q' };
  const desire = { area: 'storage', desire: { disks: [{ disk, volume, discardContent: true }] } };
  const answers = answersOn('NODE1', {
    serialNumbers: { [disk]: 'LAB-WITNESS-0001' },
    sharedDisks: { [disk]: sharedDiskWords },
  });
  await interruptChanges([{ dataFolder: lab.dataFolder, moment: 'before', method: 'disk.format', desire, answers }]);
  return (await open())[0]!.id;
};

describe('an interrupted format of a disk with content', () => {
  it('is finished once the serial number and the words are given again', async () => {
    const disk = await witnessWithContent();
    const id = await interruptFormat(disk);
    const unanswered = await lab.quorate(['journal', 'finish', id, '--yes']);
    expect(unanswered.code).toBe(2);
    expect(unanswered.err).toMatch(/Answer with --(serial|confirm-shared)/);
    const shared = ['--confirm-shared', sharedDiskWords];
    const wrong = await lab.quorate(['journal', 'finish', id, '--yes', '--serial', 'LAB-DATA-0002', ...shared]);
    expect(wrong.code).toBe(1);
    expect(`${wrong.out}${wrong.err}`).toContain('DISK_SERIAL_MISMATCH');
    const right = await lab.quorate(['journal', 'finish', id, '--yes', '--serial', 'LAB-WITNESS-0001', ...shared]);
    expect(right.code, right.err).toBe(0);
    const { ports } = await lab.server();
    const found = (await ports.disks.list()).find((one) => one.uniqueId === disk)!;
    expect(found.partitions!.map(({ driveLetter, volume }) => [driveLetter, volume?.label ?? null])).toContainEqual([
      'Q',
      'Witness',
    ]);
    expect(await open()).toEqual([]);
  });
});

describe('changes that the version before began', () => {
  it('are found, finished with answers, and taken back', async () => {
    const disk = await witnessWithContent();
    const { ports } = await lab.server();
    const nic = (await ports.nics.list())[1]!;
    await ports.apply({ do: 'nic.setJumboPacket', nic: nic.interfaceGuid, valueBytes: 9014 });
    cpSync(new URL('../../fixtures/journal-1', import.meta.url), join(lab.dataFolder, 'journal'), { recursive: true });
    const entries = await open();
    expect(entries.map(({ state }) => state)).toEqual(['interrupted', 'restartNeeded', 'interrupted']);
    const [jumbo, , format] = entries;
    expect(format!.steps[0]!.step.id).toBe(`NODE1/disk.format:${disk}`);
    const answered = ['--yes', '--serial', 'LAB-WITNESS-0001', '--confirm-shared', sharedDiskWords];
    const finished = await lab.quorate(['journal', 'finish', format!.id, ...answered]);
    expect(finished.code, finished.err).toBe(0);
    const found = (await ports.disks.list()).find((one) => one.uniqueId === disk)!;
    expect(found.partitions!.map(({ volume }) => volume?.label ?? null)).toContain('Witness');
    const undone = await lab.quorate(['journal', 'undo', jumbo!.id, '--yes']);
    expect(undone.code, undone.err).toBe(0);
    expect((await ports.nics.list())[1]!.jumboPacket).toEqual(nic.jumboPacket);
    expect((await open()).map(({ state }) => state)).toEqual(['restartNeeded']);
  });
});

describe('a portal whose address was mistyped', () => {
  it('is a failure in the journal and waits for nobody', async () => {
    const { ports } = await lab.server();
    await ports.apply({ do: 'initiator.setService', running: true });
    const run = await lab.verb(['initiator', 'portal', 'add', '198.51.100.99']);
    expect(run.code).toBe(1);
    expect(await open()).toEqual([]);
    const all = (await lab.quorate(['journal', 'list', '--json'])).json<{ entries: JournalEntry[] }>().entries;
    expect(all[0]).toMatchObject({ state: 'failed', isOpen: false });
  });
});
