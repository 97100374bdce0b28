import { Faults } from '../../../main/rehearsal/faults/index.ts';
import { createLunStore, type LunStore, type Nexus } from '../../../main/rehearsal/store/index.ts';
import { DeviceServer } from '../../../main/rehearsal/target/scsi/device-server.ts';
import { isResult, type CommandResult } from '../../../main/rehearsal/target/scsi/result.ts';

export const a: Nexus = { initiatorName: 'iqn.2026-01.test:a', isid: '400001370001', portalGroupTag: 1 };
export const b: Nexus = { initiatorName: 'iqn.2026-01.test:b', isid: '400001370001', portalGroupTag: 1 };
export const port = {
  targetName: 'iqn.2026-01.example.quorate:target',
  portalGroupTag: 1,
  portalIndex: 0,
  portalGroupTags: [1, 2],
};

export type Run = (
  cdb: string,
  options?: { nexus?: Nexus; lun?: number | null; data?: Buffer; portalIndex?: number },
) => Promise<CommandResult>;

/** A device server with two LUNs and two nexuses, and how to give it a command in hexadecimal. */
export const makeDevice = async (): Promise<{ store: LunStore; server: DeviceServer; run: Run }> => {
  const store = await createLunStore(
    [
      { lun: 0, sizeBytes: 512n * 1024n * 1024n, serial: 'QUORATE-WITNESS-1' },
      { lun: 7, sizeBytes: 4096n * 1024n, blockSizeBytes: 4096, thin: false, serial: 'QUORATE-THICK-1' },
    ],
    new Faults(),
  );
  store.nexusFormed(a);
  store.nexusFormed(b);
  const server = new DeviceServer(store);
  const run: Run = async (cdb, { nexus = a, lun = 0, data, portalIndex = 0 } = {}) => {
    const bytes = Buffer.from(cdb.replaceAll(' ', ''), 'hex');
    const { prepared } = server.examine({ nexus, port: { ...port, portalIndex }, lun, cdb: bytes });
    if (isResult(prepared)) return prepared;
    return prepared.run(data ?? Buffer.alloc(prepared.dataOutBytes), { isAborted: false });
  };
  return { store, server, run };
};

/** Sense key, additional sense code and qualifier, as `6/29/0`; empty when there is no sense. */
export const senseOf = (result: CommandResult): string =>
  result.sense ? [result.sense.key, result.sense.asc, result.sense.ascq].map((one) => one.toString(16)).join('/') : '';

export const list = (key: bigint, actionKey: bigint, flags = 0): Buffer => {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64BE(key, 0);
  bytes.writeBigUInt64BE(actionKey, 8);
  bytes.writeUInt8(flags, 20);
  return bytes;
};
export const out = (action: number, type = 0): string =>
  `5f${action.toString(16).padStart(2, '0')}0${type.toString(16)}0000` + '00000018' + '00';
