import {
  describeReservationType,
  formatReservationKey,
  reservationTypeCode,
  scsi,
  type ReservationState,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { failed, inconclusive, skipped } from '../runner/not-passed.ts';
import { isConflict, isRefused } from '../runner/absence.ts';
import { lookBehind } from '../runner/behind.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import { aside } from './proven.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { describeLegacyHolder } from '../runner/strangers.ts';
import { proveBlank } from './blank.ts';
import {
  askForPr,
  decidingAccessId,
  decidingType,
  holdDeciding,
  needKeys,
  needUnregister,
  prOut,
  reservationCase,
} from './steps.ts';
import { harmless, needRefused, needWrite, needWriteConflict, probeRead, probeWrite } from './probes.ts';
import { findWriteRule, judgingWrites, writeSameBytes } from './write-rule.ts';
import { askFullStatus, judgeOwners, ownersId } from './owners.ts';
import type { RealWrites } from '../runner/write-rule.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

const unregisteredWriterId = 'Reservations.Conflict.UnregisteredWriter';
const unregisteredReaderId = 'Reservations.Conflict.UnregisteredReader';
const keepsHolderId = 'Reservations.Second.KeepsHolder';

const needRead = (outcome: ScsiOutcome<unknown>): void => {
  if (!outcome.ok) throw failed(`reading was answered with ${describeOutcome(outcome)}`);
};

/** The second initiator tries to reserve what the first one holds. */
const reserveAsSecond = (laboratory: Laboratory): Promise<ScsiOutcome<undefined>> =>
  laboratory.reserveOut(
    laboratory.b,
    'Putting PR reserve from the second initiator. Expected to fail',
    { action: 'reserve', type: decidingType, key: laboratory.keyB },
    isConflict,
  );

const judgeRealWrites = ({ ofHolder, ofOther }: RealWrites): void => {
  if (ofOther === null) throw failed(`the holder of the reservation cannot write: ${describeOutcome(ofHolder)}`);
  if (!isConflict(ofOther))
    throw failed(`the write of an initiator that is not registered was answered with ${describeOutcome(ofOther)}`);
};

/** Real writes that were needed to find out how a refused write shows itself are the proof already. */
const proveRealWrite = (laboratory: Laboratory, writes: RealWrites): void => {
  if (laboratory.proofs.get(realWriteId)) return;
  const answer = describeOutcome(writes.ofOther ?? writes.ofHolder);
  laboratory.proofs.add(realWriteId, answer, () => judgeRealWrites(writes), { isFinal: true });
};

/** Where finding the rule has written already, that is the proof. */
const judgingRealWrite = (run: CaseDefinition['run']): CaseDefinition['run'] => {
  const judging = judgingWrites(async () => undefined);
  return async (laboratory, figures) => {
    if (laboratory.writeRule === null) await judging(laboratory, figures);
    if (laboratory.realWrites) return judgeRealWrites(laboratory.realWrites);
    await run(laboratory, figures);
  };
};

const needHolderKept = (laboratory: Laboratory, { reservation }: ReservationState): void => {
  if (reservation?.key !== laboratory.keyA)
    throw failed('after the second registration the first initiator is no longer the holder');
};

const needSecondRefused = (second: ScsiOutcome<undefined>): void => {
  if (!isConflict(second))
    throw failed(`a second RESERVE was answered with ${describeOutcome(second)} instead of RESERVATION CONFLICT`);
};

export const realWriteId = 'Reservations.Conflict.RealWrite';

const noReservations = 'Failover clustering cannot use this disk: it needs SPC-3 persistent reservations.';

export const reservationCases: readonly CaseDefinition[] = [
  {
    id: 'Reservations.Capabilities.Reported',
    title: 'The device says which reservations it has',
    required: false,
    needs: 'nothing',
    meaning: 'A device without this report may still have reservations; the other cases prove them.',
    askVendor: 'Ask whether reservations survive a restart of the target (APTPL).',
    source: sources.spc4('6.15.4'),
    run: async (laboratory, figures) => {
      const outcome = await laboratory.ask(laboratory.a, 'Report the reservation capabilities', (on) =>
        scsi.reportCapabilities(on, laboratory.lun),
      );
      if (!outcome.ok) throw inconclusive(`the device answers ${describeOutcome(outcome)}`);
      figures['persistThroughPowerLossCapable'] = outcome.value.persistThroughPowerLossCapable;
      figures['persistThroughPowerLossActive'] = outcome.value.persistThroughPowerLossActive;
      if (!outcome.value.types) return;
      figures['types'] = outcome.value.types
        .map((type) => describeReservationType(reservationTypeCode(type)))
        .join(', ');
      if (!outcome.value.types.includes(decidingType))
        throw failed('the device says that it has no Write Exclusive - Registrants Only');
    },
  },
  {
    id: 'Reservations.Preconditions.NobodyElse',
    title: 'Nobody else has a key or a reservation here',
    required: true,
    needs: 'nothing',
    meaning: 'The disk belongs to somebody; a cluster must not take it.',
    askVendor: 'Nothing: find out whose it is, from the key and the initiator shown.',
    source: prOut,
    run: async (laboratory) => {
      const keys = await laboratory.ask(laboratory.a, 'Read the registered keys', (on) =>
        scsi.readKeys(on, laboratory.lun),
      );
      if (isConflict(keys)) throw inconclusive(describeLegacyHolder('Read the registered keys'));
      if (!keys.ok)
        throw failed(
          `PERSISTENT RESERVE IN is answered with ${describeOutcome(keys)}: the device has no persistent reservations`,
        );
      await laboratory.needNobodyElse();
    },
  },
  reservationCase(
    'Reservations.Register.Register',
    'A key can be registered (REGISTER)',
    noReservations,
    askForPr,
    async (laboratory) => {
      await lookBehind(
        (onSent) => laboratory.register(laboratory.a, laboratory.keyA, 'register', onSent),
        () => needKeys(laboratory, [laboratory.keyA]),
      );
    },
  ),
  reservationCase(
    'Reservations.Register.IgnoreExisting',
    'A key can be registered over any existing one (REGISTER AND IGNORE EXISTING KEY)',
    noReservations,
    askForPr,
    async (laboratory) => {
      await laboratory.register(laboratory.a, laboratory.keyB);
      await laboratory.registerAndSee(laboratory.a, laboratory.keyA, () => needKeys(laboratory, [laboratory.keyA]));
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Register.Unregister',
    'A registration can be removed',
    'Keys of nodes that left add up until no node can register.',
    askForPr,
    async (laboratory) => {
      await laboratory.register(laboratory.a, laboratory.keyA);
      await lookBehind(
        (onSent) => needUnregister(laboratory, onSent),
        () => needKeys(laboratory, []),
      );
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Register.PersistsThroughPowerLoss',
    'A registration can persist through a power loss (APTPL)',
    'After a restart of the storage the disk is unprotected until its node registers again.',
    'Ask whether registrations and reservations survive a restart of every controller.',
    async (laboratory) => {
      await lookBehind(
        async (onSent) => {
          const outcome = await laboratory.tryRegister(laboratory.a, laboratory.keyA, 'registerAndIgnoreExistingKey', {
            persistThroughPowerLoss: true,
            onSent,
          });
          if (!outcome.ok) throw failed(`a registration with APTPL was answered with ${describeOutcome(outcome)}`);
        },
        () => needKeys(laboratory, [laboratory.keyA]),
      );
      // The last registration decides about APTPL (SPC-4 section 5.13.8): nothing is left switched on.
      await laboratory.register(laboratory.a, laboratory.keyA);
      // GOOD is a promise: some targets write the registrations down and never read them again.
      throw inconclusive('APTPL was accepted; that registrations survive a restart of the target is not proven');
    },
    { required: false, source: sources.spc4('5.13.8') },
  ),
  reservationCase(
    'Reservations.Reserve.Held',
    'A reservation can be taken and is shown with its holder',
    noReservations,
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      const [{ reservation }, write, read] = await together([
        laboratory.readReservation(laboratory.b),
        probeWrite(laboratory, laboratory.b, true),
        aside(probeRead(laboratory, laboratory.b, false)),
      ]);
      // Refused, as SBC-3 wants it: then these two tell in every case.
      if (write.mayWrite === false) laboratory.writeRule ??= { kind: 'judged', by: harmless };
      laboratory.proofs.add(unregisteredWriterId, write.answers, () => needRefused(write, ''));
      if (read) laboratory.proofs.add(unregisteredReaderId, describeOutcome(read), () => needRead(read));
      if (!reservation) throw failed('the other initiator sees no reservation');
      if (reservation.key !== laboratory.keyA)
        throw failed(
          `the reservation is shown with the key ${formatReservationKey(reservation.key)}, not ${formatReservationKey(laboratory.keyA)}`,
        );
      if (reservation.typeCode !== reservationTypeCode(decidingType))
        throw failed(`the reservation is shown as ${describeReservationType(reservation.typeCode)}`);
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Reserve.NeedsRegistration',
    'Only a registered initiator can reserve',
    'A node that lost the disk could take it back.',
    askForPr,
    async (laboratory) => {
      const outcome = await laboratory.reserveOut(
        laboratory.b,
        'Putting PR reserve from an initiator that is not registered. Expected to fail',
        { action: 'reserve', type: decidingType, key: laboratory.keyB },
        isRefused,
      );
      if (outcome.ok) {
        await laboratory.reserveOut(laboratory.b, 'Releasing PR reserve again', {
          action: 'release',
          type: decidingType,
          key: laboratory.keyB,
        });
        throw failed('an initiator that is not registered could reserve');
      }
      if (!isRefused(outcome))
        throw failed(
          `an unregistered RESERVE was answered with ${describeOutcome(outcome)} instead of RESERVATION CONFLICT`,
        );
    },
  ),
  reservationCase(
    unregisteredWriterId,
    'While the disk is reserved, an initiator that is not registered cannot write',
    'Two nodes write to one disk at once: its file system is lost. This is what reservations are for.',
    'Ask whether persistent reservations are enforced, not only recorded.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      const isNew = laboratory.writeRule === null;
      const rule = laboratory.writeRule ?? (await findWriteRule(laboratory));
      if (laboratory.realWrites) proveRealWrite(laboratory, laboratory.realWrites);
      if (rule.kind === 'ignored') throw failed(`the device ignores the reservation it shows (${rule.because})`);
      if (rule.kind === 'open' && rule.isWriteRefused !== true) throw inconclusive(rule.because);
      if (rule.kind === 'judged' && !isNew)
        await needWriteConflict(laboratory, laboratory.b, 'the device ignores the reservation it shows');
    },
    { source: sources.sbc3('4.17, table 13') },
  ),
  reservationCase(
    unregisteredReaderId,
    'While the disk is reserved, an initiator that is not registered can read',
    'The other node cannot look at the disk before it takes it over.',
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      needRead(await probeRead(laboratory, laboratory.b, false));
    },
    { source: sources.sbc3('4.17, table 13') },
  ),
  reservationCase(
    realWriteId,
    'A real write of the other initiator conflicts as well',
    'Two nodes write to one disk at once: its file system is lost.',
    'Ask whether persistent reservations are enforced for every write.',
    judgingRealWrite(async (laboratory) => {
      if (laboratory.needUnit().blockSizeBytes === null) throw inconclusive('the block size is not known');
      if (!laboratory.settings.allowDataLoss) {
        const because = await proveBlank(laboratory);
        if (because !== null)
          throw skipped(`${because}, and writing was not allowed with --allow-data-loss and --serial`);
      }
      await holdDeciding(laboratory);
      // Never written where the device has just shown that it lets others write: a stranger may write between our read and our write.
      const { mayWrite, answers } = await probeWrite(laboratory, laboratory.b, true);
      const isOpen = laboratory.writeRule?.kind === 'open';
      if (mayWrite === true || (mayWrite === null && !(isOpen && laboratory.settings.allowDataLoss)))
        throw skipped(`the device did not refuse the harmless commands of the other initiator (${answers})`);
      judgeRealWrites(await writeSameBytes(laboratory));
    }),
    {
      required: 'whenRun',
      needs: 'dataLoss',
      source: sources.sbc3('4.17, table 13'),
      // Without leave to lose data it depends on what the logical unit holds: see findNotAsked.
      canRun: ({ allowReservations, allowDataLoss }) => allowReservations && allowDataLoss,
    },
  ),
  reservationCase(
    'Reservations.Second.RegistersAndWrites',
    'A second initiator registers and may then write',
    'Cluster shared volumes need every registered node to write.',
    askForPr,
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.registerAndSee(laboratory.b, laboratory.keyB, () =>
        together([
          needWrite(laboratory, laboratory.b, 'a registered initiator is refused'),
          needKeys(laboratory, [laboratory.keyA, laboratory.keyB], laboratory.b),
        ]),
      );
      // Both are registered and one holds: what other cases want to know then.
      const [state, full, read, second] = await together([
        aside(laboratory.readReservation(laboratory.b)),
        aside(askFullStatus(laboratory, laboratory.b)),
        aside(probeRead(laboratory, laboratory.b, false)),
        reserveAsSecond(laboratory),
      ]);
      const { proofs } = laboratory;
      if (state)
        proofs.add(keepsHolderId, describeOutcome(second), () => {
          needHolderKept(laboratory, state);
          needSecondRefused(second);
        });
      if (full) proofs.add(ownersId, describeOutcome(full), (figures) => judgeOwners(laboratory, full, figures));
      const isOtherHalfProven = proofs.get(unregisteredWriterId) && proofs.get(unregisteredReaderId);
      if (read && isOtherHalfProven) proofs.add(decidingAccessId, describeOutcome(read), () => needRead(read));
    }),
  ),
  reservationCase(
    keepsHolderId,
    'A second registration does not change the holder',
    'A node that only joins would take the disk.',
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      needHolderKept(laboratory, await laboratory.readReservation(laboratory.b));
      needSecondRefused(await reserveAsSecond(laboratory));
    },
  ),
];
