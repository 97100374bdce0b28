import { startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { openRawSession, rawInitiatorName, type RawInitiator } from '../../support/raw-initiator.ts';

/** What the proofs of the faults say to the target, in hexadecimal CDBs and parameter lists. */
export const other = 'iqn.2026-01.test:other';
export const third = 'iqn.2026-01.test:third';
export const read = '28000000000000000100';
export const write = '2a000000000000000100';
export const synchronizeCache = '35000000000000000000';
export const register = '5f000000000000001800';
export const reserve = (type: number): string => `5f010${type}00000000001800`;
export const release = (type: number): string => `5f020${type}00000000001800`;
export const clear = '5f030000000000001800';
export const preempt = (type: number): string => `5f040${type}00000000001800`;
export const readKeys = '5e000000000000ff0000';
export const block = Buffer.alloc(512, 0xee);
export const secret = 'initiator-secret';
export const mutualSecret = 'target-secret-1';
export const chap = { initiator: { user: 'node1', secret }, target: { user: 'array', secret: mutualSecret } };

/** The parameter list of PERSISTENT RESERVE OUT (SPC-4 clause 6.16.3). */
export const list = (key: bigint, actionKey: bigint, flags = 0): Buffer => {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(key, 0);
  bytes.writeBigUInt64BE(actionKey, 8);
  bytes.writeUInt8(flags, 20);
  return bytes;
};

/** A session whose first unit attentions are gone. */
export const open = async (
  target: TestTarget,
  portal = 0,
  initiatorName = rawInitiatorName,
  isid = '400001370001',
): Promise<RawInitiator> => {
  const initiator = await openRawSession(target.portals[portal]!, { initiatorName, isid });
  await initiator.clearAttentions();
  return initiator;
};

/** One PERSISTENT RESERVE OUT; returns its status. */
export const reserveOut = async (initiator: RawInitiator, cdb: string, key: bigint, actionKey = 0n): Promise<number> =>
  (await initiator.command(cdb, { dataOut: list(key, actionKey) })).status;

/** The keys that READ KEYS shows. */
export const keysOf = async (initiator: RawInitiator): Promise<bigint[]> => {
  const { data } = await initiator.command(readKeys, { expectedLength: 255 });
  return Array.from({ length: data.readUInt32BE(4) / 8 }, (_, index) => data.readBigUInt64BE(8 + 8 * index));
};

/** A target with this fault on which the first session holds a reservation with the key 1. */
export const startHeld = async (fault: string, type = 5): Promise<{ target: TestTarget; holder: RawInitiator }> => {
  const target = await startTarget({ faults: [fault] });
  const holder = await open(target);
  await reserveOut(holder, register, 0n, 1n);
  await reserveOut(holder, reserve(type), 1n);
  return { target, holder };
};
