import { describe, expect, it } from 'vitest';
import { listFaults } from '../../../main/rehearsal/faults/index.ts';
import { stepFaults, type FaultName } from '../../../main/rehearsal/faults/faults.ts';
import { startTarget } from '../../support/embedded-target.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';
import { block, chap, mutualSecret, open, other, read, secret, write } from './fault-conversations.ts';
import { reservationProofs } from './reservation-fault-proofs.ts';

const inquiry83 = '120183020000';

/** One proof for each fault: what is wrong with it on, seen over the wire. */
const proofs: Record<Exclude<FaultName, (typeof stepFaults)[number]>, () => Promise<void>> = {
  ...reservationProofs,
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
  busy: async () => {
    const target = await startTarget();
    const initiator = await open(target);
    target.faults.add('busy:3');
    target.store.get(1)?.establishForAll('capacityChanged');
    // A unit attention is not lost by it.
    expect((await initiator.command(read, { expectedLength: 512 })).sense).toEqual({ key: 6, asc: 0x2a, ascq: 9 });
    const answers: number[] = [];
    for (let count = 0; count < 5; count++) {
      answers.push((await initiator.command(read, { expectedLength: 512 })).status);
    }
    expect(answers).toEqual([0, 8, 0, 0, 8]);
    target.store.get(1)?.establishForAll('capacityChanged');
    target.faults.add('busy:1');
    expect((await initiator.command(write, { dataOut: block })).status).toBe(8);
    target.faults.clear();
    expect(await initiator.clearAttentions()).toEqual(['2a/9']);
  },
  'task-set-full': async () => {
    const target = await startTarget();
    const initiator = await open(target);
    target.faults.add('task-set-full:2');
    expect((await initiator.command(write, { dataOut: block })).status).toBe(0);
    expect((await initiator.command(write, { dataOut: block })).status).toBe(0x28);
    expect((await initiator.command('12000000ff00', { expectedLength: 255 })).status).toBe(0);
    expect((await initiator.command('12000000ff00', { expectedLength: 255 })).status).toBe(0x28);
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
