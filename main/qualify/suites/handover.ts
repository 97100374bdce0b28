import { SENSE_KEY, STATUS, scsi } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { describeHolder } from '../runner/strangers.ts';
import { askForPr, decidingType, holdDeciding, needKeys, reservationCase } from './reservations.ts';
import { sources } from './sources.ts';

/** The second initiator, registered, drives the first one out. */
const preempt = async (laboratory: Laboratory, action: 'preempt' | 'preemptAndAbort' = 'preempt'): Promise<void> => {
  const words = action === 'preempt' ? 'PREEMPT' : 'PREEMPT AND ABORT';
  const outcome = await laboratory.reserveOut(laboratory.b, `Preempting PR of the first initiator (${words})`, {
    action,
    type: decidingType,
    key: laboratory.keyB,
    serviceActionKey: laboratory.keyA,
  });
  if (!outcome.ok) throw failed(`${words} was answered with ${describeOutcome(outcome)}`);
  laboratory.forget(laboratory.a);
};

/** How the disk goes from one node to another and is let go. */
export const handoverCases: readonly CaseDefinition[] = [
  reservationCase(
    'Reservations.Preempt.TakesOver',
    'A registered initiator takes the disk over from another (PREEMPT)',
    'When a node dies, no other can take its disks: there is no failover.',
    'Ask for PREEMPT, and whether it is enforced.',
    async (laboratory, figures) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      const before = await needKeys(laboratory, [laboratory.keyA, laboratory.keyB]);
      await preempt(laboratory);
      const after = await needKeys(laboratory, [laboratory.keyB]);
      const { reservation } = await laboratory.readReservation(laboratory.b);
      if (reservation?.key !== laboratory.keyB) throw failed('after PREEMPT the second initiator is not the holder');
      const { conflicts, answers } = await laboratory.probeWrite(laboratory.a, true);
      if (!conflicts) throw failed(`the initiator that was driven out can still write (${answers})`);
      figures['generationBefore'] = before;
      figures['generationAfter'] = after;
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Preempt.Generation',
    'The generation grows with registration and preemption',
    'A node can not notice that something changed between two looks.',
    'Ask why PRGENERATION does not count.',
    async (laboratory, figures) => {
      const start = (await laboratory.readKeys(laboratory.a)).generation;
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      const registered = (await laboratory.readKeys(laboratory.a)).generation;
      await preempt(laboratory);
      const preempted = (await laboratory.readKeys(laboratory.b)).generation;
      Object.assign(figures, { start, registered, preempted });
      // PRGENERATION is a 32-bit counter that wraps: SPC-4 section 6.15.2.
      if ((registered - start) >>> 0 === 0) throw failed(`two registrations left the generation at ${start}`);
      if ((preempted - registered) >>> 0 === 0) throw failed(`PREEMPT left the generation at ${registered}`);
    },
  ),
  reservationCase(
    'Reservations.Preempt.UnitAttention',
    'The initiator that was driven out is told (unit attention)',
    'The other node notices the loss of the disk only with its next refused write.',
    'Ask for the unit attentions of SPC-4 after PREEMPT.',
    async (laboratory, figures) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      await laboratory.a.execute({ cdb: Buffer.alloc(6), lun: laboratory.lun });
      await preempt(laboratory);
      const told = await laboratory.ask(
        laboratory.a,
        'TEST UNIT READY as the initiator that was driven out',
        (on) => scsi.testUnitReady({ execute: (command) => on.executeOnce(command) }, laboratory.lun),
        (answer) => !answer.ok,
      );
      figures['answer'] = describeOutcome(told);
      const isAttention =
        !told.ok &&
        told.status === STATUS.CHECK_CONDITION &&
        told.sense?.senseKey === SENSE_KEY.UNIT_ATTENTION &&
        told.sense.asc === 0x2a;
      if (!isAttention)
        throw failed(`the next command was answered with ${describeOutcome(told)} instead of a unit attention of 2Ah`);
    },
    { required: false, source: sources.spc4('5.13.11.4') },
  ),
  reservationCase(
    'Reservations.Preempt.AndAbort',
    'Taking over can also end what the other initiator had under way (PREEMPT AND ABORT)',
    'Writes of a node that was driven out may still be carried out after another node took its disk.',
    'Ask for PREEMPT AND ABORT.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      await preempt(laboratory, 'preemptAndAbort');
      await needKeys(laboratory, [laboratory.keyB]);
      const { reservation } = await laboratory.readReservation(laboratory.b);
      if (reservation?.key !== laboratory.keyB)
        throw failed('after PREEMPT AND ABORT the second initiator is not the holder');
    },
    { required: false, source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Release.Ends',
    'The holder releases; then everybody may write',
    'A planned move of the disk does not work.',
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      const outcome = await laboratory.reserveOut(laboratory.a, 'Releasing PR reserve', {
        action: 'release',
        type: decidingType,
        key: laboratory.keyA,
      });
      if (!outcome.ok) throw failed(`RELEASE was answered with ${describeOutcome(outcome)}`);
      const { reservation } = await laboratory.readReservation(laboratory.b);
      if (reservation) throw failed('after RELEASE there still is a reservation');
      await needKeys(laboratory, [laboratory.keyA]);
      const { conflicts, answers } = await laboratory.probeWrite(laboratory.b, false);
      if (conflicts) throw failed(`after RELEASE the other initiator is still refused (${answers})`);
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Release.ByUnregister',
    'Removing the holder’s registration ends its reservation',
    'A node that leaves keeps its disks locked.',
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      const outcome = await laboratory.unregister(laboratory.a);
      if (!outcome.ok) throw failed(`removing the registration was answered with ${describeOutcome(outcome)}`);
      const { reservation } = await laboratory.readReservation(laboratory.b);
      if (reservation) throw failed('the reservation outlived the registration of its holder');
    },
  ),
  reservationCase(
    'Reservations.Clear.Removes',
    'CLEAR removes the reservation and every key',
    'A disk of a cluster that is gone can not be freed.',
    'Ask for CLEAR.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      // A stranger may have registered since the case began: CLEAR would take its key too.
      await needKeys(laboratory, [laboratory.keyA, laboratory.keyB]);
      const outcome = await laboratory.reserveOut(laboratory.b, 'Clearing PR', {
        action: 'clear',
        key: laboratory.keyB,
      });
      if (!outcome.ok) throw failed(`CLEAR was answered with ${describeOutcome(outcome)}`);
      laboratory.forget(laboratory.a);
      laboratory.forget(laboratory.b);
      await needKeys(laboratory, []);
      const { reservation } = await laboratory.readReservation(laboratory.a);
      if (reservation) throw failed('after CLEAR there still is a reservation');
    },
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Status.Owners',
    'The device tells whose a registration is (READ FULL STATUS)',
    'When a disk is found registered, nobody can tell by whom.',
    'Ask for READ FULL STATUS with the iSCSI name of every registration.',
    async (laboratory, figures) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      const full = await laboratory.ask(laboratory.a, 'Attempting to read the full PR status', (on) =>
        scsi.readFullStatus(on, laboratory.lun),
      );
      if (!full.ok) throw inconclusive(`the device does not have READ FULL STATUS (${describeOutcome(full)})`);
      for (const [nexus, key] of [
        [laboratory.a, laboratory.keyA],
        [laboratory.b, laboratory.keyB],
      ] as const) {
        const shown = full.value.registrations.find((one) => one.key === key);
        const holder = shown ? describeHolder(shown.transportId) : null;
        figures[`initiator${nexus.label}`] = holder ?? 'not told';
        if (!shown) throw failed(`the key of initiator ${nexus.label} is missing in the full status`);
        if (shown.transportId.protocol !== 'iscsi' || shown.transportId.name !== nexus.name)
          throw failed(`the key of ${nexus.name} is shown as that of ${holder ?? 'nobody'}`);
        if ((shown.holder !== undefined) !== (nexus === laboratory.a))
          throw failed(`${nexus.name} is shown ${shown.holder ? 'as the holder' : 'as if it held nothing'}`);
      }
    },
    { required: false, source: sources.spc4('6.15.5') },
  ),
];
