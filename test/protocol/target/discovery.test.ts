import { describe, expect, it } from 'vitest';
import { decodeSendTargets, decodeText, RESERVED_TAG } from '../../../main/iscsi/index.ts';
import { createLunStore } from '../../../main/rehearsal/store/index.ts';
import { startEmbeddedTarget } from '../../../main/rehearsal/target/index.ts';
import { onTestFinished } from 'vitest';
import { startTarget, testTargetName } from '../../support/embedded-target.ts';
import { openRawSession } from '../../support/raw-initiator.ts';

describe('SendTargets', () => {
  it('names every portal with its group, and what else is advertised', async () => {
    const target = await startTarget({
      portalGroups: [1, 2],
      alsoAdvertise: [{ host: '192.0.2.9', port: 3260, tag: 3 }],
    });
    const initiator = await openRawSession(target, { sessionType: 'Discovery' });
    const { targets } = decodeSendTargets(decodeText((await initiator.text([['SendTargets', 'All']])).data));
    expect(targets).toEqual([
      { name: testTargetName, portals: [...target.portals, { host: '192.0.2.9', port: 3260, tag: 3 }] },
    ]);
  });

  it('answers over IPv6 with an address in brackets', async () => {
    const target = await startTarget({ ipv6: true });
    const initiator = await openRawSession(target, { sessionType: 'Discovery' });
    const text = (await initiator.text([['SendTargets', 'All']])).data.toString();
    expect(text).toContain(`TargetAddress=[::1]:${target.port},1\0`);
  });

  it('a wildcard address is told as the one under which the initiator came', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: 1024n * 1024n }]);
    const target = await startEmbeddedTarget({
      listen: [{ host: '0.0.0.0', port: 0 }],
      allowAnyAddress: true,
      targets: [{ name: testTargetName, store }],
    });
    onTestFinished(async () => {
      await target.close();
      await store.close();
    });
    const { port } = target.portals[0]!;
    const initiator = await openRawSession({ host: '127.0.0.1', port }, { sessionType: 'Discovery' });
    expect((await initiator.text([['SendTargets', 'All']])).data.toString()).toContain(`127.0.0.1:${port},1`);
  });

  it('listens at other addresses than loopback only when it is allowed to', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: 1024n * 1024n }]);
    onTestFinished(() => store.close());
    const start = startEmbeddedTarget({
      listen: [{ host: '0.0.0.0', port: 0 }],
      targets: [{ name: testTargetName, store }],
    });
    await expect(start).rejects.toThrow(RangeError);
  });

  it('of a normal session means its own target, and a name means that one', async () => {
    const target = await startTarget();
    const initiator = await openRawSession(target);
    const own = decodeText((await initiator.text([['SendTargets', '']])).data);
    expect(own).toContainEqual(['TargetName', testTargetName]);
    const named = await initiator.text([['SendTargets', 'iqn.2026-01.test:none']]);
    expect(named.data).toHaveLength(0);
    // RFC 7143 appendix C: All is for discovery sessions.
    expect((await initiator.text([['SendTargets', 'All']])).data).toHaveLength(0);
  });

  it('is cut into pieces that the initiator asks for', async () => {
    const target = await startTarget({
      alsoAdvertise: Array.from({ length: 40 }, (_, index) => ({ host: `192.0.2.${index}`, port: 3260, tag: 1 })),
    });
    const initiator = await openRawSession(target, {
      sessionType: 'Discovery',
      keys: [['MaxRecvDataSegmentLength', '512']],
    });
    const pieces = [];
    let response = await initiator.text([['SendTargets', 'All']]);
    while (response.continue) {
      expect(response.final).toBe(false);
      expect(response.data).toHaveLength(512);
      pieces.push(response.data);
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
    expect(response).toMatchObject({ final: true, ttt: RESERVED_TAG });
    pieces.push(response.data);
    const [found] = decodeSendTargets(decodeText(Buffer.concat(pieces))).targets;
    expect(found?.portals).toHaveLength(41);
  });

  it('answers keys that it does not know, and takes no SCSI command in a discovery session', async () => {
    const target = await startTarget();
    const initiator = await openRawSession(target, { sessionType: 'Discovery' });
    expect(decodeText((await initiator.text([['X-org.example', '1']])).data)).toEqual([
      ['X-org.example', 'NotUnderstood'],
    ]);
    initiator.send({ kind: 'scsiCommand', final: true, itt: 9, cmdSn: initiator.cmdSn++, cdb: Buffer.alloc(16) });
    expect((await initiator.take('reject')).reason).toBe(0x05);
    expect(target.store.get(1)?.knownNexuses()).toEqual([]);
  });
});
