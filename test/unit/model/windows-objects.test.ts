import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  diskSchema,
  findLabelProblem,
  isOnSharedBus,
  isSerialNumber,
  judgeContent,
  normaliseLetter,
  partitionTypes,
  type Disk,
} from '../../../shared/model/disk.ts';
import {
  findComputerNameProblem,
  findDomainNameProblem,
  findWorkgroupNameProblem,
  isRestartPending,
} from '../../../shared/model/host.ts';
import { findNicNameProblem, normaliseGuid } from '../../../shared/model/nic.ts';
import { toJson, utf8LengthBytes } from '../../../shared/model/quantity.ts';
import { isSameAddress } from '../../../shared/model/address.ts';
import {
  findChapSecretProblem,
  findIscsiNameProblem,
  findMutualSecretProblem,
  judgePath,
  type IscsiSession,
} from '../../../shared/model/windows-iscsi.ts';

describe('names of a server', () => {
  it.each(['HV1', 'a', 'HYPERV-NODE-015'])('%s can be a computer name', (name) => {
    expect(findComputerNameProblem(name)).toBeNull();
  });
  it.each(['', 'HYPERV-NODE-0016', '12345', '-HV', 'HV-', 'HV 1', 'HV_1', 'HV.1', 'Ä1'])('%s cannot', (name) => {
    expect(findComputerNameProblem(name)).not.toBeNull();
  });
  it('tells domains from workgroups', () => {
    expect(findDomainNameProblem('lab.test')).toBeNull();
    for (const name of ['lab', '10.0.0.1', 'lab..test', '-lab.test', `${'a'.repeat(64)}.test`]) {
      expect(findDomainNameProblem(name)).not.toBeNull();
    }
    expect(findWorkgroupNameProblem('WORKGROUP')).toBeNull();
    for (const name of ['', 'A'.repeat(16), 'A+B', 'a.b', ' A']) expect(findWorkgroupNameProblem(name)).not.toBeNull();
  });
  it('has pending beat unknown and unknown beat not pending', () => {
    const sign = (state: 'pending' | 'notPending' | 'unknown') => ({
      sign: 'fileRename' as const,
      state,
      because: null,
    });
    expect(isRestartPending({ signs: [sign('unknown'), sign('pending')] })).toBe('pending');
    expect(isRestartPending({ signs: [sign('notPending'), sign('unknown')] })).toBe('unknown');
    expect(isRestartPending({ signs: [sign('notPending')] })).toBe('notPending');
  });
});

describe('iSCSI names and secrets', () => {
  it.each([
    'iqn.1991-05.com.microsoft:node1.lab.test',
    'iqn.2004-04.test.lab',
    'eui.02004567A425678D',
    'naa.52004567BA64678D',
    'naa.62004567BA64678D0123456789ABCDEF',
    `iqn.2004-04.test.lab:${'a'.repeat(200)}`,
  ])('%s is one', (name) => {
    expect(findIscsiNameProblem(name)).toBeNull();
  });
  it.each([
    '',
    'node1',
    'iqn.1991-5.com.microsoft:a',
    'iqn.1991-13.com.microsoft:a',
    'iqn.1991-00.com.microsoft:a',
    'IQN.1991-05.com.microsoft:a',
    'iqn.1991-05.com.microsoft:Node1',
    'iqn.1991-05.com.microsoft:node 1',
    'iqn.1991-05.com.microsoft:node_1',
    'iqn.1991-05.com.microsoft:',
    'iqn.1991-05..microsoft:a',
    'iqn.1991-05.-com:a',
    'eui.02004567A425678',
    'naa.52004567BA64678D0',
    `iqn.2004-04.test.lab:${'a'.repeat(203)}`,
  ])('%s is none', (name) => {
    expect(findIscsiNameProblem(name)).not.toBeNull();
  });
  it('counts a secret in bytes, 12 to 16, and never shows it', () => {
    expect(findChapSecretProblem('123456789012')).toBeNull();
    expect(findChapSecretProblem('1234567890123456')).toBeNull();
    expect(findChapSecretProblem('12345678901')).toContain('11 bytes');
    expect(findChapSecretProblem('12345678901234567')).toContain('17 bytes');
    expect(findChapSecretProblem('äääää1')).not.toContain('ä');
    expect(utf8LengthBytes('aä€😀')).toBe(10);
    expect(findMutualSecretProblem('123456789012', '123456789012')).not.toBeNull();
    expect(findMutualSecretProblem('123456789012', '210987654321')).toBeNull();
  });
});

describe('a path', () => {
  const path = {
    targetNodeAddress: 'iqn.2004-04.test.lab:a',
    initiatorPortalAddress: '10.0.0.1',
    targetPortalAddress: '10.0.0.10',
    targetPortalPort: 3260,
  };
  const session = (over: Partial<IscsiSession> = {}): IscsiSession => ({
    sessionIdentifier: 's1',
    targetNodeAddress: path.targetNodeAddress,
    initiatorNodeAddress: 'iqn.1991-05.com.microsoft:n',
    initiatorPortalAddress: '10.0.0.1',
    initiatorInstanceName: null,
    initiatorSideIdentifier: '400001370000',
    targetSideIdentifier: '0100',
    authenticationType: 'NONE',
    isConnected: true,
    isPersistent: true,
    isDiscovered: true,
    isHeaderDigest: false,
    isDataDigest: false,
    connections: [
      {
        connectionIdentifier: 'c',
        initiatorAddress: '10.0.0.1',
        initiatorPort: 50_000,
        targetAddress: '10.0.0.10',
        targetPort: 3260,
      },
    ],
    ...over,
  });
  const kind = (sessions: IscsiSession[]) => judgePath(path, sessions, isSameAddress).kind;

  it.each([
    ['proven', [session()]],
    ['absent', []],
    ['absent', [session({ targetNodeAddress: 'iqn.2004-04.test.lab:b' })]],
    ['doubled', [session(), session({ sessionIdentifier: 's2' })]],
    ['notBound', [session({ initiatorPortalAddress: null })]],
    ['notBound', [session({ initiatorPortalAddress: '10.0.9.9' })]],
    ['notPersistent', [session({ isPersistent: false })]],
    ['notConnected', [session({ isConnected: false, connections: [] })]],
    ['unknown', [session({ connections: null })]],
  ] as const)('is %s', (expected, sessions) => {
    expect(kind([...sessions])).toBe(expected);
  });
});

describe('disks', () => {
  const disk = (over: Partial<Disk> = {}): Disk => ({
    uniqueId: '3000000000000001',
    uniqueIdFormat: 'fcphName',
    number: 1,
    serialNumber: 'LAB-1',
    manufacturer: 'X',
    model: 'Y',
    friendlyName: 'X Y',
    sizeBytes: 1n << 60n,
    logicalSectorBytes: 512,
    physicalSectorBytes: 4096,
    busType: 'iscsi',
    isBoot: false,
    isSystem: false,
    isClustered: false,
    isOffline: false,
    offlineReason: null,
    isReadOnly: false,
    healthStatus: 'healthy',
    partitionStyle: 'raw',
    largestFreeExtentBytes: null,
    pathCount: 2,
    partitions: [],
    unread: [],
    ...over,
  });
  const partition = (gptType: string | null, label: string | null = null) => ({
    partitionNumber: 1,
    offsetBytes: 0n,
    sizeBytes: 1n,
    gptType,
    mbrType: gptType === null ? 7 : null,
    guid: null,
    driveLetter: null,
    volume:
      label === null
        ? null
        : {
            path: 'p',
            driveLetter: null,
            label,
            fileSystem: 'NTFS',
            sizeBytes: 1n,
            freeBytes: 1n,
            healthStatus: 'healthy' as const,
          },
  });

  it.each([
    ['blank', disk()],
    ['blank', disk({ partitionStyle: 'gpt', partitions: [partition(partitionTypes.microsoftReserved)] })],
    ['unknown', disk({ isOffline: true })],
    ['unknown', disk({ partitions: null })],
    ['cluster', disk({ isClustered: true, partitions: null })],
    ['partitioned', disk({ partitionStyle: 'gpt', partitions: [partition(partitionTypes.basicData, 'Data')] })],
    ['partitioned', disk({ partitionStyle: 'mbr', partitions: [partition(null)] })],
    ['foreign', disk({ partitionStyle: 'gpt', partitions: [partition(partitionTypes.ldmData)] })],
    ['foreign', disk({ partitionStyle: 'gpt', partitions: [partition('{0FC63DAF-8483-4772-8E79-3D69D8477DE4}')] })],
  ] as const)('has content: %s', (kind, one) => {
    expect(judgeContent(one).kind).toBe(kind);
  });

  it('knows letters, labels, serial numbers and shared buses', () => {
    expect(['f', 'F:', 'f:\\', 'A', 'b:', 'FF', '1', ''].map(normaliseLetter)).toEqual([
      'F',
      'F',
      'F',
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(findLabelProblem('x'.repeat(32))).toBeNull();
    expect(findLabelProblem('x'.repeat(33))).not.toBeNull();
    expect(findLabelProblem('a\tb')).not.toBeNull();
    expect(isSerialNumber(' lab-1 ', disk())).toBe(true);
    expect(isSerialNumber('', disk({ serialNumber: '' }))).toBe(false);
    expect(isSerialNumber('LAB-1', disk({ serialNumber: null }))).toBe(false);
    expect(isOnSharedBus(disk())).toBe(true);
    expect(isOnSharedBus(disk({ busType: 'nvme' }))).toBe(false);
    expect(isOnSharedBus(disk({ isBoot: true }))).toBe(false);
    expect(isOnSharedBus(disk({ busType: 'unknown' }))).toBe(true);
  });

  it('crosses JSON with its 64-bit quantities whole', () => {
    const wire = toJson(disk());
    expect(wire.sizeBytes).toBe('1152921504606846976');
    expect(z.decode(diskSchema, JSON.parse(JSON.stringify(wire)) as z.input<typeof diskSchema>)).toEqual(disk());
    expect(diskSchema.safeDecode({ ...wire, sizeBytes: '-1' }).success).toBe(false);
    expect(diskSchema.safeDecode({ ...wire, sizeBytes: '18446744073709551616' }).success).toBe(false);
  });

  it('knows adapters by what lasts', () => {
    expect(normaliseGuid('5f3c1d2e-0000-4000-8000-0123456789ab')).toBe('{5F3C1D2E-0000-4000-8000-0123456789AB}');
    expect(normaliseGuid('{5f3c1d2e}')).toBeNull();
    expect(findNicNameProblem('iSCSI A')).toBeNull();
    for (const name of ['', ' A', 'A/B', 'A:B', 'x'.repeat(256)]) expect(findNicNameProblem(name)).not.toBeNull();
  });
});
