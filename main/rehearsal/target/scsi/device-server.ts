import { senses, type LogicalUnit, type LunStore, type Nexus } from '../../store/index.ts';
import type { CommandName } from '../../faults/index.ts';
import { read, synchronizeCache, unmap, verify, write, writeSame } from './block-commands.ts';
import { getLbaStatus, readCapacity10, readCapacity16 } from './capacity.ts';
import { cdbLength, findCommand, type CommandRow } from './commands.ts';
import { inquiry, inquiryWithoutUnit } from './inquiry.ts';
import { modeSense } from './mode-sense.ts';
import { reportLuns, reportOperationCodes, reportTargetPortGroups, requestSense } from './report.ts';
import { persistentReserveIn } from './reserve-in.ts';
import { persistentReserveOut } from './reserve-out.ts';
import { conflictsNow } from './reservation-check.ts';
import {
  busyResult,
  checkResult,
  conflictResult,
  fromAnswer,
  goodResult,
  isResult,
  taskSetFullResult,
  type CommandResult,
  type Prepared,
} from './result.ts';
import type { CommandContext, TargetPort } from './context.ts';

const handlers: Readonly<Record<CommandName, (context: CommandContext) => Prepared>> = {
  'test-unit-ready': () => goodResult,
  'request-sense': ({ unit, nexus, cdb }) => requestSense(unit.unitAttentions.take(nexus), cdb),
  inquiry,
  'mode-sense-6': modeSense,
  'mode-sense-10': modeSense,
  'reserve-6': ({ unit, nexus }) => fromAnswer(unit.reserveLegacy(nexus)),
  'release-6': ({ unit, nexus }) => fromAnswer(unit.releaseLegacy(nexus)),
  'start-stop-unit': () => goodResult,
  'read-6': read,
  'read-10': read,
  'read-12': read,
  'read-16': read,
  'write-6': write,
  'write-10': write,
  'write-12': write,
  'write-16': write,
  'verify-10': verify,
  'verify-16': verify,
  'synchronize-cache-10': synchronizeCache,
  'synchronize-cache-16': synchronizeCache,
  unmap,
  'write-same-10': writeSame,
  'write-same-16': writeSame,
  'read-capacity-10': readCapacity10,
  'read-capacity-16': readCapacity16,
  'get-lba-status': getLbaStatus,
  'report-luns': ({ store, cdb }) => reportLuns(store.luns, cdb),
  'report-target-port-groups': ({ port, cdb }) => reportTargetPortGroups(port, cdb),
  'report-supported-operation-codes': reportOperationCodes,
  'persistent-reserve-in': persistentReserveIn,
  'persistent-reserve-out': persistentReserveOut,
};

/** SPC-4 clause 5.15.2.4.4: what a path in standby still takes. */
const inStandby: ReadonlySet<CommandName> = new Set(['read-capacity-10', 'read-capacity-16']);

const isInStandby = (row: CommandRow, { faults }: LogicalUnit, { portalGroupTag }: Nexus): boolean =>
  row.needsMedium && !inStandby.has(row.name) && faults.amount('standby') === portalGroupTag;

/** A command as the transport hands it over. */
export interface IncomingCommand {
  readonly nexus: Nexus;
  readonly port: TargetPort;
  /** The LUN number; null when the 64 bits name no single-level LUN. */
  readonly lun: number | null;
  readonly cdb: Buffer;
}

/** A command that was looked at: refused already, or ready to run once its data is here. */
export interface Examined {
  /** Null for a command that is not known. */
  readonly name: CommandName | null;
  readonly prepared: Prepared;
}

/**
 * The device server: says no to a command before any data moves where it can, else says how much data it wants and runs.
 * Knows nothing of iSCSI but the words nexus and portal group.
 */
export class DeviceServer {
  readonly #store: LunStore;

  constructor(store: LunStore) {
    this.#store = store;
  }

  get store(): LunStore {
    return this.#store;
  }

  examine(command: IncomingCommand): Examined {
    const row = findCommand(command.cdb);
    return { name: row?.name ?? null, prepared: this.#refuseForNow() ?? this.#prepare(command, row) };
  }

  /** BUSY and TASK SET FULL may come before everything else (SAM-5 clause 5.3.3), and no unit attention is used up. */
  #refuseForNow(): CommandResult | null {
    const { faults } = this.#store;
    if (faults.strikes('busy')) return busyResult;
    return faults.strikes('task-set-full') ? taskSetFullResult : null;
  }

  #prepare({ nexus, port, lun, cdb }: IncomingCommand, row: CommandRow | undefined): Prepared {
    const unit = lun === null ? undefined : this.#visibleUnit(lun, nexus);
    if (lun === null || !unit) return this.#withoutUnit(cdb, row, lun, nexus);
    if (row?.name === 'report-luns') unit.unitAttentions.clear(nexus, 'reportedLunsChanged');
    // Which of several conditions is reported: SAM-5 clause 5.3.3. First the unit attentions that tell of a reset or of the
    // loss of the nexus, then RESERVATION CONFLICT, then the other unit attentions, which stay until then. ILLEGAL REQUEST
    // may stand anywhere: a CDB that is too short to be judged is told of before a conflict.
    const isShort = row !== undefined && cdb.length < cdbLength(row);
    const isConflict =
      row !== undefined && !isShort && conflictsNow(row, { nexus, store: this.#store, lun, unit, cdb });
    if (!row?.passesUnitAttention) {
      const attention = isConflict
        ? unit.unitAttentions.takeBeforeConflict(nexus)
        : (this.#storm(unit) ?? unit.unitAttentions.take(nexus));
      if (attention) return checkResult(attention);
    }
    if (!row) return checkResult(senses.invalidOperationCode);
    if (isShort) return checkResult(senses.invalidFieldInCdb);
    if (isConflict) return conflictResult;
    if (isInStandby(row, unit, nexus)) return checkResult(senses.standby);
    if (row.needsMedium && unit.faults.has('not-ready')) return checkResult(senses.notReadyBecomingReady);
    const context: CommandContext = { nexus, port, store: this.#store, lun, unit, cdb };
    const prepared = handlers[row.name](context);
    if (isResult(prepared)) return prepared;
    return {
      dataOutBytes: prepared.dataOutBytes,
      run: (data, command) => {
        // A reservation may have been made while the data was under way.
        if (prepared.dataOutBytes > 0 && !unit.admits(nexus, row.access)) return conflictResult;
        return prepared.run(data, command);
      },
    };
  }

  #visibleUnit(lun: number, nexus: Nexus): LogicalUnit | undefined {
    const { faults } = this.#store;
    if (this.#isMasked(nexus)) return undefined;
    if (faults.has('lun-vanishes') && !faults.spend('lun-vanishes')) return undefined;
    return this.#store.get(lun);
  }

  #isMasked({ initiatorName }: Nexus): boolean {
    const only = this.#store.faults.argument('luns-masked');
    return only !== undefined && only !== initiatorName;
  }

  #storm(unit: LogicalUnit) {
    return unit.faults.spend('unit-attention-storm') ? senses.modeParametersChanged : null;
  }

  /** SPC-4 allows three commands where there is no logical unit: INQUIRY, REPORT LUNS, REQUEST SENSE. */
  #withoutUnit(cdb: Buffer, row: CommandRow | undefined, lun: number | null, nexus: Nexus): CommandResult {
    if (row && cdb.length < cdbLength(row)) return checkResult(senses.invalidFieldInCdb);
    switch (row?.name) {
      case 'inquiry':
        return inquiryWithoutUnit(cdb);
      case 'report-luns':
        // LUN 0 answers even where no disk has that number (SAM-5 clause 4.7.3).
        if (lun !== 0) return checkResult(senses.logicalUnitNotSupported);
        return reportLuns(this.#store.faults.has('lun-vanishes') || this.#isMasked(nexus) ? [] : this.#store.luns, cdb);
      case 'request-sense':
        return requestSense(senses.logicalUnitNotSupported, cdb);
      case undefined:
      default:
        return checkResult(senses.logicalUnitNotSupported);
    }
  }
}
