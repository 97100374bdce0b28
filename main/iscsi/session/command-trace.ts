import { decodeCdb, nameOfCdb } from '../scsi/cdb.ts';
import type { ScsiResponse } from '../scsi/executor.ts';
import { formatLun } from '../scsi/lun.ts';
import { describeSense } from '../scsi/sense.ts';
import { describeStatus } from '../scsi/status.ts';
import { describeFields, type Trace } from '../transport/trace.ts';

/** A command in the words of SCSI. */
export const traceCommand = (trace: Trace, cdb: Buffer, lun: bigint): void => {
  if (!trace.shows('scsi')) return;
  const { kind: _kind, ...fields } = decodeCdb(cdb) ?? { kind: undefined };
  trace.line(`LUN ${formatLun(lun)} ${nameOfCdb(cdb)} ${describeFields(fields)}`.trimEnd());
};

/** What became of it: status, lengths and sense, never the data. */
export const traceResponse = (trace: Trace, cdb: Buffer, lun: bigint, response: ScsiResponse): void => {
  if (!trace.shows('scsi')) return;
  const { residual, sense } = response;
  const rest =
    (response.data.length === 0 ? '' : ` ${response.data.length} bytes`) +
    (residual.kind === 'none' ? '' : ` ${residual.kind} ${residual.bytes}`) +
    (sense === undefined ? '' : ` ${describeSense(sense)}`);
  trace.line(`LUN ${formatLun(lun)} ${nameOfCdb(cdb)}: ${describeStatus(response.status)}${rest}`);
};
