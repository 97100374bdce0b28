import { outServiceActions, type Access, type LogicalUnit } from '../../store/index.ts';
import type { CommandRow } from './commands.ts';
import type { CommandContext } from './context.ts';

/** A WRITE (10) or (16) of no block. */
export const isWriteOfNothing = ({ name }: CommandRow, cdb: Buffer): boolean =>
  (name === 'write-10' && cdb.readUInt16BE(7) === 0) || (name === 'write-16' && cdb.readUInt32BE(10) === 0);

/** SBC-3 clause 4.17: only a plain start is allowed under another nexus's reservation. Nothing here ever spins. */
const accessOf = (row: CommandRow, unit: LogicalUnit, cdb: Buffer): Access => {
  if (unit.onlyRefusesData) {
    if (isWriteOfNothing(row, cdb)) return 'control';
    if (row.name === 'verify-10' || row.name === 'verify-16') return (cdb.readUInt8(1) & 0x06) === 0 ? 'read' : 'write';
  }
  if (row.name !== 'start-stop-unit') return row.access;
  const isPlainStart = (cdb.readUInt8(4) & 0xf1) === 0x01;
  return isPlainStart ? 'always' : 'control';
};

/** The service actions that only a registered nexus may ask for. */
const { reserve, release, clear, preempt, preemptAndAbort, registerAndMove } = outServiceActions;
const ofRegistrants: readonly number[] = [reserve, release, clear, preempt, preemptAndAbort, registerAndMove];

/**
 * Does this command end in RESERVATION CONFLICT, as far as the CDB tells? PERSISTENT RESERVE OUT may still do so once its
 * parameter list, with the key, is here.
 */
export const conflictsNow = (row: CommandRow, { unit, nexus, cdb }: Omit<CommandContext, 'port'>): boolean => {
  if (!row.underReserve6 && unit.legacyConflicts(nexus)) return true;
  if (!unit.admits(nexus, accessOf(row, unit, cdb))) return true;
  switch (row.name) {
    case 'reserve-6':
    case 'release-6':
      // CRH is reported as zero: both conflict once anything is registered (SPC-4 clause 5.13.3).
      return unit.reservationsAt(nexus.portalGroupTag).registrations.length > 0;
    case 'persistent-reserve-in':
      // SPC-2: while a RESERVE is in force, both PERSISTENT RESERVE commands conflict, whoever sends them.
      return unit.legacyHolder !== null;
    case 'persistent-reserve-out': {
      if (unit.legacyHolder !== null) return true;
      // SPC-4 clause 5.13.1: from a nexus that is not registered everything but registering conflicts.
      // One fault has another answer where nothing is held.
      if ((cdb.readUInt8(1) & 0x1f) === reserve && unit.faults.has('reserve-not-ready')) return false;
      return ofRegistrants.includes(cdb.readUInt8(1) & 0x1f) && unit.keyOf(nexus) === null && unit.checksKeys;
    }
    default:
      return false;
  }
};
