import {
  decodeTransportId,
  isReservationType,
  outServiceActions,
  senses,
  type OutRequest,
  type OutServiceAction,
  type TransportId,
} from '../../store/index.ts';
import { checkResult, fromAnswer, invalidField, statusCodes, type Prepared } from './result.ts';
import type { CommandContext } from './context.ts';

const listBytes = 24;
/** More than any list of TransportIDs that makes sense. */
const mostListBytes = 64 * 1024;

const actionNames = new Map(
  (Object.entries(outServiceActions) as [OutServiceAction, number][]).map(([name, code]) => [code, name]),
);

/** TransportIDs up to `end`; null when one is malformed. */
const readTransportIds = (list: Buffer, start: number, end: number): TransportId[] | null => {
  const ids: TransportId[] = [];
  for (let at = start; at < end;) {
    const decoded = decodeTransportId(list.subarray(0, end), at);
    if (!decoded) return null;
    ids.push(decoded.id);
    at = decoded.nextOffset;
  }
  return ids;
};

type Decoded = OutRequest | 'lengthError' | 'invalidField';

/** Decodes the parameter list of PERSISTENT RESERVE OUT (SPC-4 clause 6.16.3; REGISTER AND MOVE: 6.16.4). */
export const decodeOutParameters = (action: OutServiceAction, scopeAndType: number, list: Buffer): Decoded => {
  const type = scopeAndType & 0x0f;
  if (list.length < listBytes) return 'lengthError';
  const common = {
    action,
    key: list.readBigUInt64BE(0),
    actionKey: list.readBigUInt64BE(8),
    type: isReservationType(type) ? type : null,
    scope: scopeAndType >> 4,
  };
  if (action === 'registerAndMove') {
    const idBytes = list.readUInt32BE(20);
    if (listBytes + idBytes !== list.length) return 'lengthError';
    const flags = list.readUInt8(17);
    const ids = readTransportIds(list, listBytes, list.length);
    const to = ids?.length === 1 ? ids[0] : undefined;
    if (!to) return 'invalidField';
    return {
      ...common,
      aptpl: (flags & 0x01) !== 0,
      allTargetPorts: false,
      specifiedPorts: null,
      move: { to, portalGroupTag: list.readUInt16BE(18), unregister: (flags & 0x02) !== 0 },
    };
  }
  const flags = list.readUInt8(20);
  const registers = action === 'register' || action === 'registerAndIgnore';
  const specified = (flags & 0x08) !== 0; // SPEC_I_PT
  if (!specified && list.length !== listBytes) return 'lengthError';
  let specifiedPorts: TransportId[] | null = null;
  if (specified) {
    if (list.length < listBytes + 4) return 'lengthError';
    const idBytes = list.readUInt32BE(24);
    if (listBytes + 4 + idBytes !== list.length) return 'lengthError';
    specifiedPorts = readTransportIds(list, listBytes + 4, list.length);
    if (!specifiedPorts) return 'invalidField';
  }
  return {
    ...common,
    // APTPL and ALL_TG_PT mean something for registering only and are ignored elsewhere (SPC-4 clause 6.16.3).
    aptpl: registers && (flags & 0x01) !== 0,
    allTargetPorts: registers && (flags & 0x04) !== 0,
    specifiedPorts,
    move: null,
  };
};

/** PERSISTENT RESERVE OUT (SPC-4 clause 6.16). */
export const persistentReserveOut = ({ unit, nexus, cdb }: CommandContext): Prepared => {
  if (unit.faults.has('no-reservations')) return checkResult(senses.invalidOperationCode);
  const action = actionNames.get(cdb.readUInt8(1) & 0x1f);
  if (!action || action === 'replaceLostReservation') return invalidField;
  const listLength = cdb.readUInt32BE(5);
  if (listLength < listBytes || listLength > mostListBytes) return checkResult(senses.parameterListLengthError);
  return {
    dataOutBytes: listLength,
    run(data) {
      if (data.length < listLength) return checkResult(senses.parameterListLengthError);
      const request = decodeOutParameters(action, cdb.readUInt8(2), data);
      if (request === 'lengthError') return checkResult(senses.parameterListLengthError);
      if (request === 'invalidField') return checkResult(senses.invalidFieldInParameterList);
      const result = fromAnswer(unit.persistentReserveOut(nexus, request));
      const ending = action === 'preemptAndAbort' && result.status === statusCodes.good ? unit.endOfAborted : null;
      return ending ? ending.then(() => result) : result;
    },
  };
};
