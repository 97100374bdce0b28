import { describe, expect, it } from 'vitest';
import {
  listFaults,
  protocolSteps,
  stepFaults,
  type FaultName,
  type ProtocolStep,
} from '../../../main/rehearsal/faults/index.ts';
import { startTarget, testTargetName, type TestTarget } from '../../support/embedded-target.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';
import { RESERVED_TAG } from '../../../main/iscsi/index.ts';

const other = 'iqn.2026-01.test:other';
const read = '28000000000000000100';
const write = '2a000000000000000100';
const inquiry83 = '120183020000';
const block = Buffer.alloc(512, 0xee);
const secret = 'initiator-secret';
const mutualSecret = 'target-secret-1';
const chap = { initiator: { user: 'node1', secret }, target: { user: 'array', secret: mutualSecret } };

const list = (key: bigint, actionKey: bigint, flags = 0): Buffer => {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(key, 0);
  bytes.writeBigUInt64BE(actionKey, 8);
  bytes.writeUInt8(flags, 20);
  return bytes;
};
const register = '5f000000000000001800';
const reserve = (type: number): string => `5f010${type}00000000001800`;

const open = async (target: TestTarget, portal = 0, initiatorName = rawInitiatorName): Promise<RawInitiator> => {
  const initiator = await openRawSession(target.portals[portal]!, { initiatorName });
  await initiator.clearAttentions();
  return initiator;
};

/** One proof per fault: what is wrong with it on, seen over the wire. */
const proofs: Record<Exclude<FaultName, (typeof stepFaults)[number]>, () => Promise<void>> = {
  'no-reservations': async () => {
    const initiator = await open(await startTarget({ faults: ['no-reservations'] }));
    expect((await initiator.command('5e000000000000ff0000', { expectedLength: 255 })).sense).toEqual({
      key: 5,
      asc: 0x20,
      ascq: 0,
    });
    expect((await initiator.command(register, { dataOut: list(0n, 1n) })).sense).toEqual({
      key: 5,
      asc: 0x20,
      ascq: 0,
    });
  },
  'reservations-forgotten': async () => {
    const target = await startTarget({ faults: ['reservations-forgotten'] });
    const initiator = await open(target);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect(target.store.get(1)?.reservations.registrations).toHaveLength(1);
    await initiator.logout();
    await initiator.closed();
    expect(target.store.get(1)?.reservations.registrations).toEqual([]);
  },
  'reservations-ignored': async () => {
    const target = await startTarget({ faults: ['reservations-ignored'] });
    const holder = await open(target);
    await holder.command(register, { dataOut: list(0n, 1n) });
    expect((await holder.command(reserve(5), { dataOut: list(1n, 0n) })).status).toBe(0);
    expect(target.store.get(1)?.reservations.reservation).toMatchObject({ type: 5 });
    const stranger = await open(target, 0, other);
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0);
  },
  'registrations-short': async () => {
    const target = await startTarget({ faults: ['registrations-short:1'] });
    const first = await open(target);
    expect((await first.command(register, { dataOut: list(0n, 1n) })).status).toBe(0);
    const second = await open(target, 0, other);
    expect((await second.command(register, { dataOut: list(0n, 2n) })).sense).toEqual({ key: 5, asc: 0x55, ascq: 4 });
  },
  'reservation-types': async () => {
    const initiator = await open(await startTarget({ faults: ['reservation-types:1,3'] }));
    const capabilities = await initiator.command('5e020000000000000800', { expectedLength: 8 });
    expect(capabilities.data.readUInt16BE(4)).toBe(0x0a00);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect((await initiator.command(reserve(5), { dataOut: list(1n, 0n) })).sense).toEqual({
      key: 5,
      asc: 0x24,
      ascq: 0,
    });
    expect((await initiator.command(reserve(1), { dataOut: list(1n, 0n) })).status).toBe(0);
  },
  'generation-stuck': async () => {
    const target = await startTarget({ faults: ['generation-stuck'] });
    const initiator = await open(target);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect(target.store.get(1)?.reservations).toMatchObject({ generation: 0, registrations: [{ key: 1n }] });
  },
  'unit-attentions-missing': async () => {
    const target = await startTarget({ faults: ['unit-attentions-missing'] });
    const first = await open(target);
    const second = await open(target, 0, other);
    await first.command(register, { dataOut: list(0n, 1n) });
    await second.command(register, { dataOut: list(0n, 2n) });
    expect((await second.command('5f030000000000001800', { dataOut: list(2n, 0n) })).status).toBe(0);
    expect(await first.clearAttentions()).toEqual([]);
  },
  'aptpl-refused': async () => {
    const initiator = await open(await startTarget({ faults: ['aptpl-refused'] }));
    expect((await initiator.command(register, { dataOut: list(0n, 1n, 0x01) })).sense).toEqual({
      key: 5,
      asc: 0x26,
      ascq: 0,
    });
    expect((await initiator.command(register, { dataOut: list(0n, 1n) })).status).toBe(0);
  },
  'vpd83-missing': async () => {
    const initiator = await open(await startTarget({ faults: ['vpd83-missing'] }));
    expect((await initiator.command(inquiry83, { expectedLength: 512 })).sense).toEqual({ key: 5, asc: 0x24, ascq: 0 });
    const pages = await initiator.command('12010000ff00', { expectedLength: 255 });
    expect([...pages.data.subarray(4)]).not.toContain(0x83);
  },
  'vpd83-per-portal': async () => {
    const target = await startTarget({ faults: ['vpd83-per-portal'], portalGroups: [1, 2] });
    const naa = async (portal: number): Promise<string> =>
      (await (await open(target, portal)).command(inquiry83, { expectedLength: 512 })).data.toString('hex', 8, 16);
    expect(await naa(0)).not.toBe(await naa(1));
    target.faults.clear();
    expect(await naa(0)).toBe(await naa(1));
  },
  'vpd83-not-unique': async () => {
    const luns = [1, 2].map((lun) => ({ lun, sizeBytes: 1024n * 1024n }));
    const target = await startTarget({ faults: ['vpd83-not-unique'], luns });
    const initiator = await open(target);
    await initiator.clearAttentions(2);
    const naa = async (lun: number): Promise<string> =>
      (await initiator.command(inquiry83, { lun, expectedLength: 512 })).data.toString('hex', 8, 16);
    expect(await naa(1)).toBe(await naa(2));
    target.faults.clear();
    expect(await naa(1)).not.toBe(await naa(2));
  },
  'serial-missing': async () => {
    const initiator = await open(await startTarget({ faults: ['serial-missing'] }));
    expect((await initiator.command('12018000ff00', { expectedLength: 255 })).sense).toEqual({
      key: 5,
      asc: 0x24,
      ascq: 0,
    });
  },
  'write-protected': async () => {
    const initiator = await open(await startTarget({ faults: ['write-protected'] }));
    expect((await initiator.command(write, { dataOut: block })).sense).toEqual({ key: 7, asc: 0x27, ascq: 0 });
    const mode = await initiator.command('1a083f000400', { expectedLength: 4 });
    expect(mode.data.readUInt8(2) & 0x80).toBe(0x80);
  },
  'slow-disk': async () => {
    const initiator = await open(await startTarget({ faults: ['slow-disk:60'] }));
    const start = performance.now();
    await initiator.command(read, { expectedLength: 512 });
    expect(performance.now() - start).toBeGreaterThan(50);
  },
  'space-exhausted': async () => {
    const initiator = await open(await startTarget({ faults: ['space-exhausted'] }));
    expect((await initiator.command(write, { dataOut: block })).sense).toEqual({ key: 7, asc: 0x27, ascq: 7 });
  },
  'read-error': async () => {
    const initiator = await open(await startTarget({ faults: ['read-error'] }));
    expect((await initiator.command(read, { expectedLength: 512 })).sense).toEqual({ key: 3, asc: 0x11, ascq: 0 });
  },
  'lun-vanishes': async () => {
    const target = await startTarget();
    const initiator = await open(target);
    target.faults.add('lun-vanishes:2');
    expect((await initiator.command(read, { expectedLength: 512 })).status).toBe(0);
    expect((await initiator.command(read, { expectedLength: 512 })).status).toBe(0);
    expect((await initiator.command(read, { expectedLength: 512 })).sense).toEqual({ key: 5, asc: 0x25, ascq: 0 });
  },
  'unit-attention-storm': async () => {
    const target = await startTarget();
    const initiator = await open(target);
    target.faults.add('unit-attention-storm:3');
    expect(await initiator.clearAttentions()).toEqual(['2a/1', '2a/1', '2a/1']);
  },
  'luns-masked': async () => {
    const target = await startTarget({ faults: [`luns-masked:${rawInitiatorName}`] });
    const shown = await open(target);
    expect((await shown.command('12000000ff00', { expectedLength: 255 })).data[0]).toBe(0);
    const masked = await openRawSession(target, { initiatorName: other });
    // Peripheral qualifier 011b with device type 1Fh: there is no logical unit here (SPC-4 clause 6.6.2).
    expect((await masked.command('12000000ff00', { expectedLength: 255 })).data[0]).toBe(0x7f);
    expect((await masked.command('000000000000')).sense).toEqual({ key: 5, asc: 0x25, ascq: 0 });
  },
  'not-ready': async () => {
    const initiator = await open(await startTarget({ faults: ['not-ready'] }));
    expect((await initiator.command('000000000000')).sense).toEqual({ key: 2, asc: 4, ascq: 1 });
    expect((await initiator.command('12000000ff00', { expectedLength: 255 })).status).toBe(0);
  },
  'admit-one': async () => {
    const target = await startTarget({ faults: [`admit-one:${rawInitiatorName}`] });
    await open(target);
    const stranger = await RawInitiator.connect(target);
    expect((await stranger.login({ initiatorName: other })).status).toBe('0202');
  },
  'target-full': async () => {
    const target = await startTarget({ faults: ['target-full'] });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login()).status).toBe('0302');
    await openRawSession(target, { sessionType: 'Discovery' });
  },
  'login-status': async () => {
    const target = await startTarget({ faults: ['login-status:0301'] });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login()).status).toBe('0301');
  },
  'redirect-temporary': async () => {
    const target = await startTarget({ portalGroups: [1, 2] });
    const second = target.portals[1]!;
    target.faults.add(`redirect-temporary:127.0.0.1:${second.port}`);
    const initiator = await RawInitiator.connect(target);
    const { status, pairs } = await initiator.login();
    expect(status).toBe('0101');
    expect(pairs).toEqual([['TargetAddress', `127.0.0.1:${second.port}`]]);
    await openRawSession(second);
  },
  'redirect-permanent': async () => {
    const target = await startTarget({ faults: ['redirect-permanent:192.0.2.1:3260'] });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login()).status).toBe('0102');
  },
  'chap-proof-wrong': async () => {
    const target = await startTarget({ chap, faults: ['chap-proof-wrong'] });
    const initiator = await RawInitiator.connect(target);
    expect((await initiator.login({ chap: { user: 'node1', secret, mutualSecret } })).status).toBe('target not proven');
  },
  'text-flood': async () => {
    const target = await startTarget({ faults: ['text-flood'] });
    const initiator = await openRawSession(target, {
      sessionType: 'Discovery',
      keys: [['MaxRecvDataSegmentLength', '1048576']],
    });
    let bytes = 0;
    let response = await initiator.text([['SendTargets', 'All']]);
    for (;;) {
      bytes += response.data.length;
      if (!response.continue) break;
      initiator.send({
        kind: 'textRequest',
        final: true,
        itt: response.itt,
        ttt: response.ttt,
        cmdSn: initiator.cmdSn++,
        expStatSn: initiator.expStatSn,
      });
      response = await initiator.take('textResponse');
    }
    expect(bytes).toBeGreaterThanOrEqual(16 * 1024 * 1024);
  },
};

describe('every fault does what its sentence says', () => {
  const named = listFaults().filter((one) => !(stepFaults as readonly string[]).includes(one.name));
  it.each(named.map((one) => [one.name, one.what] as const))('%s: %s', async (name) => {
    await proofs[name as keyof typeof proofs]();
  });
});

/** How a conversation comes to each step, up to the moment before the target's PDU is due. */
const approach: Record<ProtocolStep, (target: TestTarget) => Promise<RawInitiator>> = {
  connect: async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.sendLogin({ currentStage: 0 }, [['InitiatorName', rawInitiatorName]]);
    return initiator;
  },
  'login-start': async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.sendLogin({ transit: true, currentStage: 0, nextStage: 1 }, firstPairs);
    return initiator;
  },
  'chap-challenge': async (target) => {
    const initiator = await RawInitiator.connect(target);
    await initiator.loginStep({ currentStage: 0 }, firstPairs);
    initiator.sendLogin({ currentStage: 0 }, [['CHAP_A', '5']]);
    return initiator;
  },
  'chap-result': async (target) => {
    const initiator = await RawInitiator.connect(target);
    // The login goes as far as the target lets it: the step strikes when CHAP_R is answered.
    initiator.login({ chap: { user: 'node1', secret, mutualSecret } }).catch(() => undefined);
    return initiator;
  },
  'login-operational': async (target) => {
    const initiator = await RawInitiator.connect(target);
    // A request that does not ask to go on is answered in the stage.
    initiator.sendLogin({ currentStage: 1 }, [
      ['InitiatorName', rawInitiatorName],
      ['SessionType', 'Discovery'],
    ]);
    return initiator;
  },
  'login-final': async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.login({ chap: { user: 'node1', secret } }).catch(() => undefined);
    return initiator;
  },
  'text-response': async (target) => {
    const initiator = await proven(target, 'Discovery');
    initiator.text([['SendTargets', 'All']]).catch(() => undefined);
    return initiator;
  },
  'scsi-response': async (target) => {
    const initiator = await proven(target);
    initiator.command('000000000000').catch(() => undefined);
    return initiator;
  },
  'data-in': async (target) => {
    const initiator = await proven(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    return initiator;
  },
  r2t: async (target) => {
    const initiator = await proven(target);
    await initiator.clearAttentions();
    initiator.command(write, { dataOut: block }).catch(() => undefined);
    return initiator;
  },
  'nop-in': async (target) => {
    const initiator = await proven(target);
    initiator.send({ kind: 'nopOut', immediate: true, itt: 9, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn });
    return initiator;
  },
  'task-management-response': async (target) => {
    const initiator = await proven(target);
    initiator.manageTask(2).catch(() => undefined);
    return initiator;
  },
  'logout-response': async (target) => {
    const initiator = await proven(target);
    initiator.logout().catch(() => undefined);
    return initiator;
  },
};

const firstPairs = [
  ['InitiatorName', rawInitiatorName],
  ['TargetName', testTargetName],
  ['AuthMethod', 'CHAP'],
] as const;

const proven = async (target: TestTarget, sessionType: 'Normal' | 'Discovery' = 'Normal'): Promise<RawInitiator> => {
  const initiator = await RawInitiator.connect(target);
  const { status } = await initiator.login({
    sessionType,
    ...(sessionType === 'Normal' ? { chap: { user: 'node1', secret } } : {}),
  });
  expect(status).toBe('0000');
  return initiator;
};

describe('at every step of a conversation', () => {
  const named = Object.keys(protocolSteps) as ProtocolStep[];

  it.each(named)('%s: a cut ends the connection, and the next one works', async (step) => {
    const target = await startTarget({ chap, faults: [`cut:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.closed();
    expect(target.events).toContainEqual(expect.objectContaining({ kind: 'fault', fault: 'cut' }));
    await proven(target);
  });

  it.each(named)('%s: a stall leaves the connection open and silent', async (step) => {
    const target = await startTarget({ chap, faults: [`stall:${step}@1`] });
    const initiator = await approach[step](target);
    await expect.poll(() => struck(target, 'stall')).toBe(true);
    const before = initiator.received.length;
    initiator.send({ kind: 'nopOut', immediate: true, itt: 10, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn });
    await proven(target);
    expect(initiator.received).toHaveLength(before);
  });

  it.each(named)('%s: garbage is no PDU', async (step) => {
    const target = await startTarget({ chap, faults: [`garbage:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.waitFor(() => initiator.streamError ?? undefined, 'garbage').catch(() => undefined);
    expect(initiator.streamError).not.toBeNull();
  });

  it.each(named)('%s: half a PDU, then the end', async (step) => {
    const target = await startTarget({ chap, faults: [`half:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.closed().catch(() => undefined);
    expect(struck(target, 'half')).toBe(true);
  });
});

const struck = (target: TestTarget, fault: string): boolean =>
  target.events.some((event) => event.kind === 'fault' && event.fault === fault);

describe('PDUs that lie', () => {
  it('a data segment that never comes', async () => {
    const target = await startTarget({ faults: ['overlong:command-inquiry@1'] });
    const initiator = await openRawSession(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    await expect.poll(() => struck(target, 'overlong')).toBe(true);
    expect(initiator.received).toEqual([]);
  });

  it('a tag that was never used', async () => {
    const target = await startTarget({ faults: ['wrong-tag:command-inquiry@1'] });
    const initiator = await openRawSession(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    expect((await initiator.take('dataIn')).itt).toBe(0x0bad0bad);
  });

  it('a Reject', async () => {
    const target = await startTarget({ faults: ['reject:command-persistent-reserve-in@1'] });
    const initiator = await openRawSession(target);
    await initiator.clearAttentions();
    initiator.command('5e000000000000ff0000', { expectedLength: 255 }).catch(() => undefined);
    expect((await initiator.take('reject')).reason).toBe(4);
    expect((await initiator.command('5e000000000000ff0000', { expectedLength: 255 })).status).toBe(0);
  });
});
