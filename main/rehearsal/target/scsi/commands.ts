import type { CommandName } from '../../faults/index.ts';
import type { Access } from '../../store/index.ts';

/** One SCSI command of the device server. */
export interface CommandRow {
  readonly name: CommandName;
  readonly opcode: number;
  /** For opcodes that are shared: the SERVICE ACTION in bits 0 to 4 of byte 1. */
  readonly serviceAction?: number;
  /** What it asks of another nexus's persistent reservation. */
  readonly access: Access;
  /** Allowed while another nexus holds a RESERVE(6) (SPC-2 table 10). */
  readonly underReserve6: boolean;
  /** Reported even while a unit attention is pending, which it leaves alone (SAM-5 clause 5.14). */
  readonly passesUnitAttention: boolean;
  /** Needs the medium: fails while the LUN is not ready. */
  readonly needsMedium: boolean;
  /** CDB USAGE DATA of REPORT SUPPORTED OPERATION CODES, in hexadecimal; its length is the CDB's. */
  readonly usage: string;
}

type Mark = 'reserve6' | 'attention' | 'medium';

const row = (
  name: CommandName,
  opcode: number,
  access: Access,
  usage: string,
  marks: readonly Mark[] = [],
  serviceAction?: number,
): CommandRow => ({
  name,
  opcode,
  access,
  usage,
  underReserve6: marks.includes('reserve6'),
  passesUnitAttention: marks.includes('attention'),
  needsMedium: marks.includes('medium'),
  ...(serviceAction === undefined ? {} : { serviceAction }),
});

/**
 * The commands with their access class: SPC-4 clause 5.13.1 and SBC-3 clause 4.17, "commands that are allowed in the
 * presence of various reservations". PERSISTENT RESERVE OUT has rules of its own, in the store.
 */
export const commands: readonly CommandRow[] = [
  row('test-unit-ready', 0x00, 'always', '000000000000', ['medium']),
  row('request-sense', 0x03, 'always', '03010000ff00', ['reserve6', 'attention']),
  row('read-6', 0x08, 'read', '081fffffff00', ['medium']),
  row('write-6', 0x0a, 'write', '0a1fffffff00', ['medium']),
  row('inquiry', 0x12, 'always', '1201ffffff00', ['reserve6', 'attention']),
  row('reserve-6', 0x16, 'always', '160000000000'),
  row('release-6', 0x17, 'always', '170000000000', ['reserve6']),
  row('mode-sense-6', 0x1a, 'read', '1a08ffffff00'),
  row('start-stop-unit', 0x1b, 'always', '1b01000ff700'),
  row('read-capacity-10', 0x25, 'always', '25000000000000000000', ['reserve6', 'medium']),
  row('read-10', 0x28, 'read', '2818ffffffff00ffff00', ['medium']),
  row('write-10', 0x2a, 'write', '2a18ffffffff00ffff00', ['medium']),
  row('verify-10', 0x2f, 'read', '2f16ffffffff00ffff00', ['medium']),
  row('synchronize-cache-10', 0x35, 'control', '3502ffffffff00ffff00', ['medium']),
  row('write-same-10', 0x41, 'write', '4108ffffffff00ffff00', ['medium']),
  row('unmap', 0x42, 'write', '42000000000000ffff00', ['medium']),
  row('mode-sense-10', 0x5a, 'read', '5a18ffff000000ffff00'),
  // SPC-4 lists PERSISTENT RESERVE IN as allowed; under a RESERVE(6) of anybody it conflicts, and so does OUT (SPC-2).
  row('persistent-reserve-in', 0x5e, 'always', '5e1f0000000000ffff00'),
  row('persistent-reserve-out', 0x5f, 'always', '5f1fff0000ffffffff00'),
  row('read-16', 0x88, 'read', '8818ffffffffffffffffffffffff0000', ['medium']),
  row('write-16', 0x8a, 'write', '8a18ffffffffffffffffffffffff0000', ['medium']),
  row('verify-16', 0x8f, 'read', '8f16ffffffffffffffffffffffff0000', ['medium']),
  row('synchronize-cache-16', 0x91, 'control', '9102ffffffffffffffffffffffff0000', ['medium']),
  row('write-same-16', 0x93, 'write', '9309ffffffffffffffffffffffff0000', ['medium']),
  row('read-capacity-16', 0x9e, 'always', '9e100000000000000000ffffffff0000', ['reserve6', 'medium'], 0x10),
  row('get-lba-status', 0x9e, 'read', '9e12ffffffffffffffffffffffff0000', ['medium'], 0x12),
  row('report-luns', 0xa0, 'always', 'a000ff000000ffffffff0000', ['reserve6', 'attention']),
  row('read-12', 0xa8, 'read', 'a818ffffffffffffffff0000', ['medium']),
  row('write-12', 0xaa, 'write', 'aa18ffffffffffffffff0000', ['medium']),
  row('report-target-port-groups', 0xa3, 'always', 'a3ea00000000ffffffff0000', ['reserve6'], 0x0a),
  row('report-supported-operation-codes', 0xa3, 'read', 'a30c87ffffffffffffff0000', [], 0x0c),
];

const byOpcode = new Map<number, readonly CommandRow[]>();
for (const command of commands) byOpcode.set(command.opcode, [...(byOpcode.get(command.opcode) ?? []), command]);

/** The row of a CDB; undefined when the device server does not know the command. */
export const findCommand = (cdb: Buffer): CommandRow | undefined => {
  const action = (cdb[1] ?? 0) & 0x1f;
  return byOpcode.get(cdb[0] ?? -1)?.find((one) => one.serviceAction === undefined || one.serviceAction === action);
};

export const cdbLength = (command: CommandRow): number => command.usage.length / 2;
