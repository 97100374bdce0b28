import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodePdu, encodeText, lunFromNumber, RESERVED_TAG, type PduInput } from '../../../main/iscsi/index.ts';
import { startTarget, testTargetName } from '../../support/embedded-target.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';

const lun = lunFromNumber(1);
const write = Buffer.from('2a000000000000000400', 'hex');
const sound: PduInput[] = [
  {
    kind: 'scsiCommand',
    final: true,
    read: true,
    lun,
    itt: 1,
    expectedDataTransferLength: 96,
    cdb: Buffer.from('120000006000', 'hex'),
  },
  {
    kind: 'scsiCommand',
    final: true,
    write: true,
    lun,
    itt: 2,
    expectedDataTransferLength: 2048,
    cdb: write,
    data: Buffer.alloc(512),
  },
  { kind: 'dataOut', final: true, itt: 2, ttt: RESERVED_TAG, bufferOffset: 512, data: Buffer.alloc(512) },
  { kind: 'textRequest', final: true, itt: 3, ttt: RESERVED_TAG, data: encodeText([['SendTargets', '']]) },
  { kind: 'nopOut', itt: 4, ttt: RESERVED_TAG, data: Buffer.alloc(40) },
  { kind: 'taskManagementRequest', immediate: true, function: 1, lun, itt: 5, referencedTaskTag: 2 },
  { kind: 'snackRequest', itt: 6 },
  { kind: 'logoutRequest', reason: 1, itt: 7 },
  {
    kind: 'loginRequest',
    transit: true,
    currentStage: 1,
    nextStage: 3,
    data: encodeText([
      ['InitiatorName', rawInitiatorName],
      ['TargetName', testTargetName],
    ]),
  },
];

it('damaged PDUs, before and after the login, never bring the target down', async () => {
  const target = await startTarget({ powerOnAttention: false });
  const damage = fc.record({
    isLoggedIn: fc.boolean(),
    pdus: fc.array(fc.nat(sound.length - 1), { minLength: 1, maxLength: 6 }),
    changes: fc.array(fc.tuple(fc.nat(47), fc.nat(255)), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ isLoggedIn, pdus, changes }) => {
      const initiator = isLoggedIn
        ? await openRawSession(target, { isid: '400001370666' })
        : await RawInitiator.connect(target);
      for (const [index, which] of pdus.entries()) {
        const bytes = encodePdu({ ...sound[which]!, cmdSn: initiator.cmdSn + index } as PduInput);
        for (const [offset, value] of changes) bytes[offset] = value;
        initiator.socket.write(bytes);
      }
      initiator.socket.end();
      await initiator.closed();
    }),
    { numRuns: 150 },
  );
  const survivor = await openRawSession(target);
  expect((await survivor.command('000000000000')).status).toBe(0);
  await expect.poll(() => target.target.connectionCount).toBe(1);
});
