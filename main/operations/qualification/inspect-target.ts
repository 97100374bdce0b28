import type { Progress } from '../../../shared/contract/define.ts';
import type { Inspection } from '../../../shared/contract/iscsi.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import {
  DEFAULT_LOGIN_TIMEOUT_MS,
  describeReservationType,
  formatReservationKey,
  openSession,
  reservationTypeCode,
  scsi,
  SENSE_KEY,
  type ScsiOutcome,
  type Session,
} from '../../iscsi/index.ts';
import { describeHolder, describeOutcome, describeWrongAnswer } from '../../qualify/index.ts';
import { toReach, type AccessInput, type ThisServer } from './access.ts';
import { withIscsiFailures } from './iscsi-failure.ts';
import { findNumber, listNumbers, lookAtUnit, type Tell } from './list-units.ts';
import { signOfLife } from './sign-of-life.ts';
import { warningsAboutName } from './target-name.ts';

type InspectedUnit = Inspection['luns'][number];
type Reservations = Omit<InspectedUnit, keyof LogicalUnit | 'notReady'>;

/** "I do not know this command" is an answer; anything else leaves it open what the device has. */
const isUnknownCommand = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.sense?.senseKey === SENSE_KEY.ILLEGAL_REQUEST;

const withoutReservations = (outcome: ScsiOutcome<unknown>): Reservations => ({
  capabilities: null,
  keys: null,
  reservation: null,
  reservationState: isUnknownCommand(outcome) ? 'notSupported' : 'notAnswered',
  reservations: null,
  problem: isUnknownCommand(outcome) ? null : `READ KEYS was answered with ${describeOutcome(outcome)}.`,
});

/** What is to be said of owners that are not shown. */
const describeOwners = ({ notAsked, keys, missing }: scsi.Owners): string[] => {
  if (notAsked === 'tooMany')
    return [`Whose the ${keys.length} registrations are was not asked: too many for one answer.`];
  if (missing.length === 0) return [];
  return [`READ FULL STATUS leaves out the owners of ${missing.map(formatReservationKey).join(', ')}.`];
};

const lookAtReservations = async (session: Session, lun: bigint, signal: AbortSignal): Promise<Reservations> => {
  const options = { signal };
  const keys = await scsi.readKeys(session, lun, options);
  if (!keys.ok) return withoutReservations(keys);
  const state = await scsi.readReservation(session, lun, options);
  const capabilities = await scsi.reportCapabilities(session, lun, options);
  const full = await scsi.readFullStatus(session, lun, { ...options, keys: keys.value });
  const owners = full.ok && full.value.notAsked === undefined ? full.value : null;
  const registrations = owners
    ? owners.registrations.map((one) => ({
        key: formatReservationKey(one.key),
        holder: describeHolder(one.transportId),
        isReservationHolder: one.holder !== undefined,
      }))
    : null;
  const held = state.ok ? state.value.reservation : undefined;
  const reservation = held
    ? {
        key: formatReservationKey(held.key),
        type: describeReservationType(held.typeCode),
        holder: registrations?.find(({ isReservationHolder }) => isReservationHolder)?.holder ?? null,
      }
    : null;
  const shown = keys.value.keys.map(formatReservationKey);
  return {
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
    reservationState: !state.ok ? 'notAnswered' : held ? 'held' : 'none',
    // The view says that nobody holds a reservation; where that is not known there is no view.
    reservations: state.ok ? { generation: keys.value.generation, keys: shown, registrations, reservation } : null,
    problem:
      [
        ...(state.ok ? [] : [`READ RESERVATION was answered with ${describeOutcome(state)}.`]),
        ...(full.ok ? describeOwners(full.value) : []),
      ].join(' ') || null,
  };
};

const inspectUnit = async (
  session: Session,
  unit: LogicalUnit,
  signal: AbortSignal,
  tell: Tell,
): Promise<InspectedUnit> => {
  const at = scsi.lunFromNumber(unit.lun);
  tell(`TEST UNIT READY of LUN ${unit.lun}`);
  const ready = await scsi.testUnitReady(session, at, { signal });
  tell(`PERSISTENT RESERVE IN of LUN ${unit.lun}`);
  return {
    ...unit,
    notReady: ready.ok ? null : describeOutcome(ready),
    ...(await lookAtReservations(session, at, signal).catch((error: unknown): Reservations => ({
      capabilities: null,
      keys: null,
      reservation: null,
      reservationState: 'notAnswered',
      reservations: null,
      problem: `${describeWrongAnswer(error)}.`,
    }))),
  };
};

/** Identity, capacity, capabilities, keys and reservation with its holder. Reads only. */
export const inspectTarget = async (
  input: AccessInput & { readonly target: string; readonly lun?: number | undefined },
  server: ThisServer,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<Inspection> => {
  const initiator = input.initiator ?? (await server.ownName(signal));
  const life = signOfLife(progress);
  const tell: Tell = (command) => life.waitFor(`Waiting for ${input.portal}: ${command}`);
  try {
    return await withIscsiFailures('The inspection', { input, server, signal }, async () => {
      life.waitFor(`Waiting for ${input.portal}: logon`, DEFAULT_LOGIN_TIMEOUT_MS);
      const session = await openSession({ ...toReach(input), initiatorName: initiator, target: input.target, signal });
      try {
        tell('REPORT LUNS');
        const listed =
          input.lun === undefined ? await listNumbers(session, signal) : await findNumber(session, input.lun, signal);
        const problems = [...listed.problems];
        const luns: InspectedUnit[] = [];
        for (const number of listed.numbers) {
          tell(`INQUIRY of LUN ${number}`);
          const { unit, problems: own } = await lookAtUnit(session, number, signal);
          problems.push(...own);
          if (unit) luns.push(await inspectUnit(session, unit, signal, tell));
          else if (own.length === 0 && input.lun !== undefined)
            throw failure('QUALIFY_LUN_NOT_THERE', {
              portal: input.portal,
              target: input.target,
              lun: input.lun,
              initiator,
            });
        }
        const { info } = session;
        return {
          portal: info.portal,
          redirects: [...info.redirects],
          target: info.target,
          initiator,
          authentication: info.authentication,
          parameters: { ...info.parameters },
          warnings: warningsAboutName(input.target),
          problems,
          luns,
        };
      } finally {
        await session.close();
      }
    });
  } finally {
    life.end();
  }
};
