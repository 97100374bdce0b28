import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLunStore, type Nexus } from '../../../main/rehearsal/store/index.ts';
import { commands } from '../../../main/rehearsal/target/scsi/commands.ts';
import { DeviceServer } from '../../../main/rehearsal/target/scsi/device-server.ts';
import { isResult, statusCodes } from '../../../main/rehearsal/target/scsi/result.ts';

const a: Nexus = { initiatorName: 'iqn.2026-01.test:a', isid: '400001370001', portalGroupTag: 1 };
const b: Nexus = { initiatorName: 'iqn.2026-01.test:b', isid: '400001370002', portalGroupTag: 2 };
const port = { targetName: 'iqn.2026-01.test:t', portalGroupTag: 1, portalIndex: 0, portalGroupTags: [1, 2] };
const statuses: readonly number[] = Object.values(statusCodes);

it('no CDB and no parameter list makes the device server stumble, and the LUN stays within its size', async () => {
  const store = await createLunStore([{ lun: 0, sizeBytes: 256n * 1024n }]);
  store.nexusFormed(a);
  store.nexusFormed(b);
  const server = new DeviceServer(store);
  const command = fc.record({
    nexus: fc.constantFrom(a, b),
    lun: fc.constantFrom(0, 0, 0, 0, 5, null),
    opcode: fc.oneof(
      fc.constantFrom(...commands.map((one) => [one.opcode, one.serviceAction] as const)),
      fc.tuple(fc.nat(255), fc.constant(undefined)),
    ),
    // Small numbers, so that ranges and lengths are often near the truth.
    rest: fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(8), fc.nat(255)), { minLength: 15, maxLength: 15 }),
    data: fc.uint8Array({ maxLength: 64 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 10 }), async (sequence) => {
      for (const { nexus, lun, opcode, rest, data } of sequence) {
        const cdb = Buffer.from([opcode[0], ...rest]);
        if (opcode[1] !== undefined) cdb[1] = ((cdb[1] ?? 0) & 0xe0) | opcode[1];
        const { prepared } = server.examine({ nexus, port, lun, cdb });
        let result = isResult(prepared) ? prepared : null;
        if (!isResult(prepared)) {
          const full = Buffer.alloc(prepared.dataOutBytes);
          Buffer.from(data).copy(full);
          result = await prepared.run(data.length % 3 === 0 ? full.subarray(0, data.length) : full, {
            isAborted: false,
          });
        }
        expect(statuses).toContain(result?.status);
        expect(result?.status === statusCodes.checkCondition).toBe(result?.sense !== undefined);
      }
    }),
    { numRuns: 2000 },
  );
  expect(store.get(0)?.blockCount).toBe(512n);
  await store.close();
});
