import { describe, expect, test } from 'vitest';
import {
  cdbOf,
  decodeCdb,
  encodeDeviceIdentification,
  encodeFixedSense,
  encodeInquiry,
  encodeReadCapacity10,
  encodeReadCapacity16,
  encodeReportLuns,
  encodeUnitSerialNumber,
  lunFromNumber,
  openSession,
  scsi,
  type PduOf,
} from '../../../main/iscsi/index.ts';
import { discoverTargets } from '../../../main/operations/qualification/discover-targets.ts';
import { inspectTarget } from '../../../main/operations/qualification/inspect-target.ts';
import { measureReads } from '../../../main/operations/qualification/measure-reads.ts';
import type { FakeConnection, FakeTarget, FakeTargetOptions } from '../../support/fake-iscsi-target.ts';
import { startFakeTarget, testInitiator } from '../../support/iscsi-conversations.ts';

const server = { addresses: () => [], ownName: () => Promise.resolve(testInitiator) };
const context = { signal: new AbortController().signal, progress: () => undefined };

const discoverAt = async (target: FakeTarget) => {
  const { targets } = await discoverTargets({ portal: target.portal, withLuns: true }, server, context);
  const [first] = targets;
  if (first === undefined) throw new Error('no target was found');
  return first;
};
const inspectAt = (target: FakeTarget, lun?: number) =>
  inspectTarget({ portal: target.portal, target: target.name, ...(lun === undefined ? {} : { lun }) }, server, context);

type Bend = (command: PduOf<'scsiCommand'>, connection: FakeConnection) => boolean;

const inquiry = encodeInquiry({
  peripheralQualifier: 0,
  deviceType: 0,
  removable: false,
  version: 6,
  targetPortGroupSupport: 0,
  thirdPartyCopy: false,
  protect: false,
  multiPort: false,
  commandQueuing: true,
  vendor: 'FAKE',
  product: 'DISK',
  revision: '1',
  versionDescriptors: [],
});
const capacity = {
  blocks: 2048n,
  blockSizeBytes: 512,
  protectionEnabled: false,
  physicalBlockExponent: 0,
  provisioningManaged: false,
  unmappedReadsZeroes: false,
  lowestAlignedBlock: 0,
};
const refused = (asc: number): Buffer => encodeFixedSense({ senseKey: 5, asc, ascq: 0 });

/** A target with these LUNs, which knows them in exactly these bytes; `bend` answers a command in its own way. */
const startDisks = (luns: readonly bigint[], bend: Bend = () => false, more: FakeTargetOptions = {}) =>
  startFakeTarget({
    ...more,
    onCommand: (command, connection) => {
      const cdb = decodeCdb(cdbOf(command));
      if (cdb?.kind === 'reportLuns') {
        connection.sendData(command, encodeReportLuns(luns));
        return true;
      }
      if (!luns.includes(command.lun)) {
        connection.respond(command, 2, refused(0x25));
        return true;
      }
      if (bend(command, connection)) return true;
      switch (cdb?.kind) {
        case 'inquiry': {
          const place = Buffer.alloc(8);
          place.writeBigUInt64BE(command.lun);
          const naa = {
            association: 'logicalUnit',
            type: 'naa',
            codeSet: 1,
            bytes: Buffer.concat([Buffer.from([0x30]), place.subarray(0, 7)]),
          } as const;
          const page =
            cdb.pageCode === 0x80
              ? encodeUnitSerialNumber(`S-${place.toString('hex', 0, 4)}`)
              : encodeDeviceIdentification([naa]);
          connection.sendData(command, cdb.evpd ? page : inquiry);
          return true;
        }
        case 'readCapacity16':
          connection.sendData(command, encodeReadCapacity16(capacity));
          return true;
        case 'readCapacity10':
          connection.sendData(command, encodeReadCapacity10(capacity));
          return true;
        case 'modeSense6':
          connection.sendData(command, Buffer.from([3, 0, 0, 0]));
          return true;
        default:
          return false;
      }
    },
  });

describe('one LUN that answers wrongly costs that LUN that fact, and nothing else', () => {
  const luns = [0, 1, 2].map(lunFromNumber);
  const overrun = Buffer.from([0, 0x83, 0, 8, 1, 3, 0, 16, 0x60, 1, 2, 3]);
  const bends: readonly (readonly [string, string, (kind: string, page: number | null) => Buffer | null, object])[] = [
    [
      'its standard INQUIRY for every VPD page',
      'VPD 83h',
      (kind, page) => (kind === 'inquiry' && page !== null ? inquiry : null),
      { identity: null, serial: null, sizeBytes: '1048576' },
    ],
    [
      'a designator that runs over the page',
      'VPD 83h',
      (kind, page) => (kind === 'inquiry' && page === 0x83 ? overrun : null),
      { identity: null, vendor: 'FAKE' },
    ],
    [
      'an INQUIRY of five bytes',
      'INQUIRY',
      (kind, page) => (kind === 'inquiry' && page === null ? inquiry.subarray(0, 5) : null),
      { vendor: '', sizeBytes: '1048576', supportsAlua: null },
    ],
    [
      'a READ CAPACITY (16) of eight bytes',
      'READ CAPACITY (16)',
      (kind) => (kind === 'readCapacity16' ? Buffer.alloc(8) : null),
      { sizeBytes: '1048576', isThin: null },
    ],
    [
      'a MODE SENSE whose descriptors do not fit',
      'MODE SENSE (6)',
      (kind) => (kind === 'modeSense6' ? Buffer.from([3, 0, 0, 200]) : null),
      { isWriteProtected: null },
    ],
  ];

  test.each(bends)('%s', async (_what, named, answer, left) => {
    const target = await startDisks(luns, (command, connection) => {
      const cdb = decodeCdb(cdbOf(command));
      const page = cdb?.kind === 'inquiry' && cdb.evpd ? cdb.pageCode : null;
      const data = command.lun === luns[1] && cdb ? answer(cdb.kind, page) : null;
      if (data !== null) connection.sendData(command, data);
      return data !== null;
    });
    const found = await discoverAt(target);
    expect(found.luns?.map(({ lun }) => lun)).toEqual([0, 1, 2]);
    expect(found.luns?.[0]).toMatchObject({
      vendor: 'FAKE',
      sizeBytes: '1048576',
      identity: expect.any(String) as string,
    });
    expect(found.luns?.[1]).toMatchObject(left);
    expect(found.luns?.[2]?.serial).not.toBeNull();
    // Each LUN is there; a fact of one is not.
    expect(found.problem?.code).toBe('QUALIFY_LUN_FACTS_MISSING');
    expect(found.problem?.what).toContain(`LUN 1: ${named} is malformed`);
    const seen = await inspectAt(target);
    expect(seen.luns).toHaveLength(3);
    expect(seen.problems.every((problem) => problem.startsWith('LUN 1: '))).toBe(true);
  });

  test('an error about a VPD page names its LUN', async () => {
    const target = await startDisks(luns, (command, connection) => {
      if (decodeCdb(cdbOf(command))?.kind === 'inquiry') connection.sendData(command, inquiry);
      return decodeCdb(cdbOf(command))?.kind === 'inquiry';
    });
    const session = await openSession({ portal: target.portal, target: target.name, initiatorName: testInitiator });
    try {
      const asked = scsi.deviceIdentification(session, lunFromNumber(2));
      await expect(asked).rejects.toMatchObject({ code: 'DATA_MALFORMED', lun: '2', target: target.name });
    } finally {
      await session.close();
    }
  });
});

describe('LUNs in every form in which targets list them', () => {
  test.each([
    ['plain 16 bits, as the Linux kernel writes them', 0x0100_0000_0000_0000n, 256],
    ['flat space', 0x412c_0000_0000_0000n, 300],
    ['flat space for a small number', 0x4001_0000_0000_0000n, 1],
    ['logical unit addressing', 0x8123_0000_0000_0000n, 0x123],
    ['extended flat space', 0xd200_5000_0000_0000n, 0x5000],
  ])('%s', async (_form, lun, number) => {
    const target = await startDisks([0n, lun]);
    expect((await discoverAt(target)).luns?.map((unit) => unit.lun)).toEqual([0, number]);
    const seen = await inspectAt(target, number);
    expect(seen).toMatchObject({ problems: [], luns: [{ lun: number, vendor: 'FAKE' }] });
    const asked = target.received.filter((pdu) => pdu.kind === 'scsiCommand').map((pdu) => pdu.lun);
    expect(new Set(asked)).toEqual(new Set([0n, lun]));
  });

  test('two of one number are both named, and the others are shown', async () => {
    const target = await startDisks([0n, 0x0001_0000_0000_0000n, 0x4001_0000_0000_0000n]);
    const found = await discoverAt(target);
    expect(found.luns?.map(({ lun }) => lun)).toEqual([0]);
    expect(found.problem?.what).toContain('0x0001000000000000 and 0x4001000000000000 have the same number, 1');
    expect((await inspectAt(target, 1)).problems.join()).toContain('have the same number, 1');
  });

  test('a number that no LUN has is said so', async () => {
    const target = await startDisks([0n]);
    await expect(inspectAt(target, 300)).rejects.toMatchObject({ code: 'QUALIFY_LUN_NOT_THERE' });
  });
});

describe('names as targets announce them', () => {
  test.each([
    'iqn.2019-3.example:store',
    'iqn.2019-03.example:a name',
    'iqn.2019-03.example:x ',
    'store',
    'IQN.2019-03.Example:X',
  ])('%j is sent letter by letter', async (name) => {
    const target = await startDisks([0n], undefined, { name });
    const found = await discoverAt(target);
    expect(found).toMatchObject({ name, problem: null, luns: [{ lun: 0 }] });
    const isOfTheStandard = name.startsWith('IQN');
    expect(found.warnings).toHaveLength(isOfTheStandard ? 0 : 1);
    expect((await inspectAt(target)).warnings).toEqual(found.warnings);
  });

  test.each([
    ['empty', ''],
    ['control characters', 'iqn.2019-03.example:\u0007'],
    ['224 bytes', `iqn.2019-03.example:${'x'.repeat(204)}`],
  ])('what cannot be sent is refused: %s', async (_what, name) => {
    const opening = openSession({ portal: '127.0.0.1:1', target: name, initiatorName: testInitiator });
    await expect(opening).rejects.toMatchObject({ code: 'NAME_MALFORMED', phase: 'input' });
  });
});

describe('a target at its portals', () => {
  const withAddress = (addresses: (target: FakeTarget) => string[], refuses: (portal: string) => boolean) => {
    const started: FakeTarget[] = [];
    const options: FakeTargetOptions = {
      onPdu: (pdu, connection) => {
        if (pdu.kind === 'textRequest') {
          const lines = [
            `TargetName=${connection.target.name}`,
            ...addresses(started[1] ?? connection.target).map((one) => `TargetAddress=${one}`),
          ];
          connection.send({
            kind: 'textResponse',
            final: true,
            itt: pdu.itt,
            ttt: 0xffffffff,
            data: Buffer.from(`${lines.join('\0')}\0`),
          });
          return true;
        }
        if (
          pdu.kind !== 'loginRequest' ||
          !pdu.data.includes('SessionType=Normal') ||
          !refuses(connection.target.portal)
        )
          return false;
        connection.send({ kind: 'loginResponse', isid: pdu.isid, itt: pdu.itt, statusClass: 3, statusDetail: 1 });
        connection.socket.end();
        return true;
      },
    };
    return { started, options };
  };

  test('that it is not served over the one that was asked leads to those that it lists', async () => {
    const { started, options } = withAddress(
      (other) => [`${other.portal},2`],
      (portal) => portal === started[0]?.portal,
    );
    started.push(await startDisks([0n], undefined, options), await startDisks([0n], undefined, options));
    const found = await discoverAt(started[0]!);
    expect(found).toMatchObject({ problem: null, luns: [{ lun: 0 }] });
    expect(found.warnings.join()).toContain(`its LUNs were read over ${started[1]!.portal}`);
  });

  test.each(['99999', 'x', '-1', ''])('whose tag is %j stays with its target, and that is said', async (tag) => {
    const { started, options } = withAddress(
      (own) => [`${own.portal},${tag}`],
      () => false,
    );
    started.push(await startFakeTarget(options));
    const found = await discoverAt(started[0]!);
    expect(found.portals).toEqual([{ address: started[0]!.portal, portalGroupTag: null }]);
    expect(found.warnings.join()).toContain('is no portal group tag');
    expect(found.luns).toHaveLength(1);
  });
});

describe('digests that are refused', () => {
  const bench = (target: FakeTarget) =>
    measureReads(
      { portal: target.portal, target: target.name, lun: 0, blockBytes: 512, depth: 1, seconds: 0.1, digests: true },
      server,
      context,
    );
  const refusing = (statusDetail: number, only: boolean): FakeTargetOptions => ({
    onPdu: (pdu, connection) => {
      if (pdu.kind !== 'loginRequest' || pdu.currentStage !== 1 || (only && !pdu.data.includes('HeaderDigest=CRC32C')))
        return false;
      connection.send({
        kind: 'loginResponse',
        currentStage: 1,
        isid: pdu.isid,
        itt: pdu.itt,
        statusClass: 2,
        statusDetail,
      });
      connection.socket.end();
      return true;
    },
  });

  test('with 0200h are told as such', async () => {
    const target = await startFakeTarget(refusing(0, true));
    await expect(bench(target)).rejects.toMatchObject({ code: 'ISCSI_DIGESTS_REFUSED' });
  });

  test('are not blamed where the login fails without them as well', async () => {
    const target = await startFakeTarget(refusing(0, false));
    await expect(bench(target)).rejects.toMatchObject({ code: 'ISCSI_LOGIN_INITIATOR_ERROR' });
  });
});

describe('reads over several portals at once', () => {
  const benchOver = (portals: readonly FakeTarget[], more: object = {}) => {
    const [first, ...others] = portals.map(({ portal }) => ({ portal }));
    return measureReads(
      {
        ...first!,
        otherPortals: others,
        target: portals[0]!.name,
        lun: 0,
        blockBytes: 512,
        depth: 2,
        seconds: 0.2,
        digests: false,
        ...more,
      },
      server,
      context,
    );
  };

  test('add up, and say what each carried', async () => {
    const both = [await startDisks([0n]), await startDisks([0n])];
    const result = await benchOver(both);
    expect(result.portals.map(({ portal }) => portal)).toEqual(both.map(({ portal }) => portal));
    for (const { reads } of result.portals) expect(reads).toBeGreaterThan(0);
    expect(result.reads).toBe(result.portals.reduce((sum, { reads }) => sum + reads, 0));
  });

  test('of which one is another device are refused, and none stays logged on', async () => {
    const bend: Bend = (command, connection) => {
      const isCapacity = decodeCdb(cdbOf(command))?.kind === 'readCapacity16';
      if (isCapacity) connection.sendData(command, encodeReadCapacity16({ ...capacity, blocks: 4096n }));
      return isCapacity;
    };
    const both = [await startDisks([0n]), await startDisks([0n], bend)];
    await expect(benchOver(both)).rejects.toThrow(`over ${both[1]!.portal} it is another device`);
  });

  test('of which one is not there are refused', async () => {
    const target = await startDisks([0n]);
    const measuring = benchOver([target], { otherPortals: [{ portal: '127.0.0.1:1' }] });
    await expect(measuring).rejects.toMatchObject({ code: 'ISCSI_PORTAL_REFUSED' });
  });
});
