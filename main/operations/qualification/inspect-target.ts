import type { Inspection } from '../../../shared/contract/iscsi.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import {
  describeReservationType,
  formatReservationKey,
  numberFromLun,
  openSession,
  reservationTypeCode,
  scsi,
  type Session,
} from '../../iscsi/index.ts';
import { describeHolder, describeOutcome, describeUnit } from '../../qualify/index.ts';
import { toReach, type AccessInput, type ThisServer } from './access.ts';
import { withIscsiFailures } from './iscsi-failure.ts';

type InspectedUnit = Inspection['luns'][number];

const inspectUnit = async (session: Session, unit: LogicalUnit, signal: AbortSignal): Promise<InspectedUnit> => {
  const at = scsi.lunFromNumber(unit.lun);
  const options = { signal };
  const keys = await scsi.readKeys(session, at, options);
  if (!keys.ok)
    return {
      ...unit,
      capabilities: null,
      keys: null,
      reservation: null,
      reservations: null,
      problem: `Persistent reservations are not answered: ${describeOutcome(keys)}.`,
    };
  const state = await scsi.readReservation(session, at, options);
  const capabilities = await scsi.reportCapabilities(session, at, options);
  const full = await scsi.readFullStatus(session, at, options);
  const held = state.ok ? state.value.reservation : undefined;
  const registrations = full.ok
    ? full.value.registrations.map((one) => ({
        key: formatReservationKey(one.key),
        holder: describeHolder(one.transportId),
        isReservationHolder: one.holder !== undefined,
      }))
    : null;
  const reservation = held
    ? {
        key: formatReservationKey(held.key),
        type: describeReservationType(held.typeCode),
        holder: registrations?.find(({ isReservationHolder }) => isReservationHolder)?.holder ?? null,
      }
    : null;
  const shown = keys.value.keys.map(formatReservationKey);
  return {
    ...unit,
    capabilities: capabilities.ok
      ? {
          persistThroughPowerLossCapable: capabilities.value.persistThroughPowerLossCapable,
          persistThroughPowerLossActive: capabilities.value.persistThroughPowerLossActive,
          specifyInitiatorPorts: capabilities.value.specifyInitiatorPorts,
          allTargetPorts: capabilities.value.allTargetPorts,
          types:
            capabilities.value.types?.map((type) => describeReservationType(reservationTypeCode(type))).join(', ') ??
            'not reported',
        }
      : null,
    keys: shown,
    reservation,
    reservations: { generation: keys.value.generation, keys: shown, registrations, reservation },
    problem: null,
  };
};

/** Identity, capacity, capabilities, keys and reservation with its holder. Reads only. */
export const inspectTarget = async (
  input: AccessInput & { readonly target: string; readonly lun?: number | undefined },
  server: ThisServer,
  signal: AbortSignal,
): Promise<Inspection> => {
  const initiator = input.initiator ?? (await server.ownName(signal));
  return withIscsiFailures('The inspection', { input, server, signal }, async () => {
    const session = await openSession({ ...toReach(input), initiatorName: initiator, target: input.target, signal });
    try {
      const listed = await scsi.reportLuns(session, { signal });
      const numbers =
        input.lun === undefined
          ? (listed.ok ? listed.value.luns : []).map(numberFromLun).filter((number) => number !== undefined)
          : [input.lun];
      const luns: InspectedUnit[] = [];
      for (const number of numbers) {
        const unit = await describeUnit(session, number, signal);
        if (unit) luns.push(await inspectUnit(session, unit, signal));
        else if (input.lun !== undefined)
          throw failure('QUALIFY_LUN_NOT_THERE', { target: input.target, lun: input.lun, initiator });
      }
      const { info } = session;
      return {
        portal: info.portal,
        redirects: [...info.redirects],
        target: info.target,
        initiator,
        authentication: info.authentication,
        parameters: { ...info.parameters },
        luns,
      };
    } finally {
      await session.close();
    }
  });
};
