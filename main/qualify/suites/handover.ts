import { formatReservationKey, SENSE_KEY, STATUS, scsi, type ScsiOutcome } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import type { Figures } from '../runner/proofs.ts';
import { isConflict, isRefused } from '../runner/absence.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import { lookBehind } from '../runner/behind.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { needWrite, needWriteConflict } from './probes.ts';
import { judgingWrites } from './write-rule.ts';
import {
  askForPr,
  decidingType,
  holdAndRegister,
  holdDeciding,
  holdWhile,
  needHolder,
  needKeys,
  needNoHolder,
  needUnregister,
  reservationCase,
} from './steps.ts';
import { askFullStatus, judgeOwners, ownersId } from './owners.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

/** The second initiator, registered, drives the first one out. */
const preempt = async (
  laboratory: Laboratory,
  action: 'preempt' | 'preemptAndAbort' = 'preempt',
  onSent?: () => void,
): Promise<void> => {
  const words = action === 'preempt' ? 'PREEMPT' : 'PREEMPT AND ABORT';
  const request = { action, type: decidingType, key: laboratory.keyB, serviceActionKey: laboratory.keyA };
  const text = `Preempting PR of the first initiator (${words})`;
  const outcome = await laboratory.reserveOut(laboratory.b, text, request, undefined, onSent);
  if (!outcome.ok) throw failed(`${words} was answered with ${describeOutcome(outcome)}`);
  laboratory.forget(laboratory.a);
};

/** The same, and looks behind it over the session of the second initiator. */
const preemptAndSee = async <Seen>(
  laboratory: Laboratory,
  look: () => Promise<Seen>,
  action: 'preempt' | 'preemptAndAbort' = 'preempt',
): Promise<Seen> => (await lookBehind((onSent) => preempt(laboratory, action, onSent), look))[1];

/** The second initiator is the only one that is registered, and holds the reservation; the generation. */
const needTakenOver = async (laboratory: Laboratory, because: string): Promise<number> => {
  const { b, keyB } = laboratory;
  const [generation] = await together([needKeys(laboratory, [keyB], b), needHolder(laboratory, b, keyB, because)]);
  return generation;
};

/** The first initiator lets its reservation go. */
const release = async (laboratory: Laboratory): Promise<void> => {
  const request = { action: 'release', type: decidingType, key: laboratory.keyA } as const;
  const outcome = await laboratory.reserveOut(laboratory.a, 'Releasing PR reserve', request);
  if (!outcome.ok) throw failed(`RELEASE was answered with ${describeOutcome(outcome)}`);
};

const generationId = 'Reservations.Preempt.Generation';
const attentionId = 'Reservations.Preempt.UnitAttention';

/** PRGENERATION before, after two registrations and after PREEMPT: a 32-bit counter that wraps (SPC-4 section 6.15.2). */
const judgeGeneration = (
  counted: { readonly start: number; readonly registered: number; readonly preempted: number },
  figures: Figures,
): void => {
  Object.assign(figures, counted);
  const { start, registered, preempted } = counted;
  if (registered === start) throw failed(`two registrations left the generation at ${start}`);
  if (preempted === registered) throw failed(`PREEMPT left the generation at ${registered}`);
};

const hearOut = (laboratory: Laboratory): Promise<undefined> =>
  laboratory.need(laboratory.a, 'TEST UNIT READY, so that nothing older is left to be told', (on) =>
    scsi.testUnitReady(on, laboratory.lun),
  );

const askOnce = (laboratory: Laboratory): Promise<ScsiOutcome<undefined>> =>
  laboratory.ask(
    laboratory.a,
    'TEST UNIT READY as the initiator that was driven out',
    (on) => scsi.testUnitReady({ execute: (command) => on.executeOnce(command) }, laboratory.lun),
    (answer) => !answer.ok,
  );

const judgeTold = (told: ScsiOutcome<undefined>, figures: Figures): void => {
  figures['answer'] = describeOutcome(told);
  const isAttention =
    !told.ok &&
    told.status === STATUS.CHECK_CONDITION &&
    told.sense?.senseKey === SENSE_KEY.UNIT_ATTENTION &&
    told.sense.asc === 0x2a;
  if (!isAttention)
    throw failed(`the next command was answered with ${describeOutcome(told)} instead of a unit attention of 2Ah`);
};

/** How the disk goes from one node to another and is let go. */
export const handoverCases: readonly CaseDefinition[] = [
  reservationCase(
    'Reservations.Preempt.TakesOver',
    'A registered initiator takes the disk over from another (PREEMPT)',
    'When a node dies, no other can take its disks: there is no failover.',
    'Ask for PREEMPT, and whether it is enforced.',
    judgingWrites(async (laboratory, figures) => {
      const { a, b, keyA, keyB } = laboratory;
      const [{ generation: start }, [before]] = await together([
        laboratory.readKeys(a),
        holdWhile(laboratory, () =>
          together([
            laboratory.registerAndSee(b, keyB, () => needKeys(laboratory, [keyA, keyB], b)),
            hearOut(laboratory),
          ]),
        ),
      ]);
      const after = await preemptAndSee(laboratory, () =>
        needTakenOver(laboratory, 'after PREEMPT the second initiator is not the holder'),
      );
      const told = await askOnce(laboratory);
      laboratory.proofs.add(attentionId, describeOutcome(told), (of) => judgeTold(told, of));
      const counted = { start, registered: before, preempted: after };
      laboratory.proofs.add(generationId, `${start}, ${before}, ${after}`, (of) => judgeGeneration(counted, of));
      await needWriteConflict(laboratory, laboratory.a, 'the initiator that was driven out can still write');
      figures['generationBefore'] = before;
      figures['generationAfter'] = after;
    }),
    { source: sources.csvp },
  ),
  reservationCase(
    generationId,
    'The generation grows with registration and preemption',
    'A node cannot notice that something changed between two reads.',
    'Ask why PRGENERATION does not count.',
    async (laboratory, figures) => {
      const start = (await laboratory.readKeys(laboratory.a)).generation;
      await holdAndRegister(laboratory);
      const registered = (await laboratory.readKeys(laboratory.a)).generation;
      await preempt(laboratory);
      const preempted = (await laboratory.readKeys(laboratory.b)).generation;
      judgeGeneration({ start, registered, preempted }, figures);
    },
  ),
  reservationCase(
    attentionId,
    'The initiator that lost the disk is told (unit attention)',
    'The other node notices the loss of the disk only with its next refused write.',
    'Ask for the unit attentions of SPC-4 after PREEMPT.',
    async (laboratory, figures) => {
      await holdAndRegister(laboratory);
      await hearOut(laboratory);
      await preempt(laboratory);
      judgeTold(await askOnce(laboratory), figures);
    },
    { required: false, source: sources.spc4('5.13.11.4') },
  ),
  reservationCase(
    'Reservations.Preempt.AndAbort',
    'Taking over can also end the commands that the other initiator had under way (PREEMPT AND ABORT)',
    'Writes of a node that lost the disk may still be carried out after another node took it.',
    'Ask for PREEMPT AND ABORT.',
    async (laboratory) => {
      await holdAndRegister(laboratory);
      await preemptAndSee(
        laboratory,
        () => needTakenOver(laboratory, 'after PREEMPT AND ABORT the second initiator is not the holder'),
        'preemptAndAbort',
      );
    },
    { required: false, source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Preempt.OfGoneNode',
    'A node that is gone loses the disk (PREEMPT of an initiator that has no session)',
    'When a node dies, no other can take its disks: there is no failover.',
    'Ask for PREEMPT of registrations whose initiator has no session; SPC-4 knows no other.',
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await together([laboratory.a.logout(), laboratory.register(laboratory.b, laboratory.keyB)]);
      laboratory.note('The holder logged out');
      await preemptAndSee(laboratory, () =>
        needTakenOver(laboratory, 'after PREEMPT of a node that is gone the second initiator is not the holder'),
      );
      await needWriteConflict(laboratory, laboratory.a, 'the node that was driven out comes back and can still write');
    }),
    { source: sources.spc4('5.13.11.2.4') },
  ),
  reservationCase(
    'Reservations.Keys.Checked',
    'Only a registered initiator changes a reservation, and only with its own key',
    'A node that lost the disk can take it back, or free it for everybody.',
    'Ask whether RELEASE, PREEMPT, CLEAR and REGISTER check the reservation key.',
    async (laboratory) => {
      const { a, b, keyA, keyB } = laboratory;
      await holdDeciding(laboratory);
      const type = decidingType;
      const expected = 'Expected to fail';
      const out = async (
        what: string,
        nexus: typeof a,
        request: Parameters<Laboratory['reserveOut']>[2],
      ): Promise<string | null> => {
        const outcome = await laboratory.reserveOut(nexus, `${what}. ${expected}`, request, isRefused);
        return isRefused(outcome) ? null : `${what} was answered with ${describeOutcome(outcome)}`;
      };
      // Each names keys of ours alone; with their answers nothing changes, so their order does not matter.
      const wrong = await together([
        out('RELEASE by an initiator that is not registered', b, { action: 'release', type, key: keyB }),
        out('PREEMPT by an initiator that is not registered', b, {
          action: 'preempt',
          type,
          key: keyB,
          serviceActionKey: keyA,
        }),
        out('RELEASE with a wrong key', a, { action: 'release', type, key: keyB }),
        // The key that it has already: where the wrong key is not noticed nothing changes.
        out('REGISTER with a wrong key', a, { action: 'register', key: keyB, serviceActionKey: keyA }),
      ]);
      const found = wrong.find((one) => one !== null);
      if (found) throw failed(`${found} instead of RESERVATION CONFLICT`);
      const registered = await laboratory.tryRegister(b, keyB, 'register', { withKey: keyA, judge: isConflict });
      if (!isConflict(registered))
        throw failed(
          `a first REGISTER with a key was answered with ${describeOutcome(registered)} instead of RESERVATION CONFLICT`,
        );
      // Last, and right after a look: a device that does not check would take every key, a stranger's too.
      await needKeys(laboratory, [keyA], b);
      const cleared = await out('CLEAR by an initiator that is not registered', b, { action: 'clear', key: keyB });
      if (cleared !== null) throw failed(`${cleared} instead of RESERVATION CONFLICT`);
      await needHolder(laboratory, b, keyA, 'after refused commands the first initiator is no longer the holder');
    },
    { source: sources.spc4('5.13.4, table 49') },
  ),
  reservationCase(
    'Reservations.Paths.OneKey',
    'A node registers one key over each of its paths',
    'A node with several paths can write over only one of them, or does not lose the disk on all of them.',
    'Ask whether one key can be registered over several paths of a node, as Microsoft’s DSM does it.',
    judgingWrites(async (laboratory) => {
      const { a, b, keyA, keyB } = laboratory;
      // The first initiator over a second path: the same name with another ISID.
      const path = laboratory.ports.spares.A;
      await together([laboratory.register(a, keyA), laboratory.register(path, keyA)]);
      await laboratory.reserve(a, keyA, decidingType);
      await together([
        needKeys(laboratory, [keyA, keyA], b),
        needWrite(laboratory, a, 'the path that reserved is refused'),
        needWrite(laboratory, path, 'the other path of the holder is refused'),
      ]);
      await release(laboratory);
      await needKeys(laboratory, [keyA, keyA]);
      await together([laboratory.reserve(a, keyA, decidingType), laboratory.register(b, keyB)]);
      await preemptAndSee(laboratory, () => needKeys(laboratory, [keyB], b));
      laboratory.forget(path);
      await together([
        needWriteConflict(laboratory, a, 'a path of the node that was driven out can still write'),
        needWriteConflict(laboratory, path, 'the other path of the node that was driven out can still write'),
      ]);
    }),
    { source: sources.msdsm },
  ),
  reservationCase(
    'Reservations.Paths.OneUnregisters',
    'A node whose one path unregisters keeps its right over the other',
    'A cluster removes paths one by one: the node is refused over a path that is still registered, and has to register it again.',
    'Ask whether a registration belongs to each path of an initiator, or to its name.',
    judgingWrites(async (laboratory) => {
      const { a, b, keyA, keyB } = laboratory;
      // The first initiator over a second path, and the second one as the holder: who holds is let in whatever is registered.
      const path = laboratory.ports.spares.A;
      await together([laboratory.register(a, keyA), laboratory.register(path, keyA)]);
      await laboratory.registerAndLook(b, keyB);
      await laboratory.reserve(b, keyB, decidingType);
      await needWrite(laboratory, path, 'a registered path is refused');
      await needUnregister(laboratory);
      await together([
        needKeys(laboratory, [keyA, keyB], b),
        needHolder(laboratory, b, keyB, 'the reservation of the other node ended with the registration of the path'),
      ]);
      await needWrite(
        laboratory,
        path,
        'over the other path, which is still registered, the node can no longer write once its first path has unregistered',
      );
    }),
    { required: false, source: sources.msdsm },
  ),
  reservationCase(
    'Reservations.Release.Ends',
    'The holder releases; then everybody may write',
    'A planned move of the disk does not work.',
    askForPr,
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await release(laboratory);
      await together([
        needNoHolder(laboratory, laboratory.b, 'after RELEASE there still is a reservation'),
        needKeys(laboratory, [laboratory.keyA]),
        needWrite(laboratory, laboratory.b, 'after RELEASE the other initiator is still refused'),
      ]);
    }),
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Release.ByUnregister',
    'Removing the holder’s registration ends its reservation',
    'A node that leaves keeps its disks locked.',
    askForPr,
    async (laboratory) => {
      await holdDeciding(laboratory);
      await needUnregister(laboratory);
      await needNoHolder(laboratory, laboratory.b, 'the reservation outlived the registration of its holder');
    },
  ),
  reservationCase(
    'Reservations.Clear.Removes',
    'CLEAR removes the reservation and every key',
    'A disk of a cluster that is gone cannot be freed.',
    'Ask for CLEAR.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.register(laboratory.b, laboratory.keyB);
      // CLEAR takes every key, a stranger's too: the last look is over the very session that clears.
      const look = await laboratory.readKeys(laboratory.b);
      const { keys, generation } = look;
      if (keys.length !== 2 || !keys.every((key) => key === laboratory.keyA || key === laboratory.keyB))
        throw failed(`${keys.length} keys are registered instead of 2: ${keys.map(formatReservationKey).join(', ')}`);
      laboratory.others.needQuiet(look);
      const outcome = await laboratory.reserveOut(laboratory.b, 'Clearing PR', {
        action: 'clear',
        key: laboratory.keyB,
      });
      if (!outcome.ok) throw failed(`CLEAR was answered with ${describeOutcome(outcome)}`);
      laboratory.forget(laboratory.a);
      laboratory.forget(laboratory.b);
      const [after, { reservation }] = await together([
        laboratory.readKeys(laboratory.a),
        laboratory.readReservation(laboratory.a),
      ]);
      // SPC-4 section 5.13.5: CLEAR counts by one, and so does every registration. A key that is shown now was registered after it, and is not lost.
      const later = after.keys.filter((key) => key !== laboratory.keyA && key !== laboratory.keyB).length;
      const more = (after.generation - generation - 1 - later) | 0;
      if (more > 0) {
        const warning = `Between the last look and CLEAR somebody else changed registrations of LUN ${laboratory.settings.lun} (the generation grew by ${more + later + 1}, CLEAR accounts for 1): a foreign registration may have been lost. Whoever uses this logical unit has to register again.`;
        laboratory.warnings.push(warning);
        throw inconclusive(
          `a foreign registration may have been lost: the generation grew by ${more + later + 1} at CLEAR`,
        );
      }
      if (more + later < 0)
        laboratory.note(`The generation did not count CLEAR: ${generation} before, ${after.generation} after`);
      if (after.keys.length > 0)
        throw failed(
          `after CLEAR ${after.keys.length} keys are registered: ${after.keys.map(formatReservationKey).join(', ')}`,
        );
      if (reservation) throw failed('after CLEAR there still is a reservation');
    },
    { source: sources.csvp },
  ),
  reservationCase(
    ownersId,
    'The device reports who owns each registration (READ FULL STATUS)',
    'When a disk is found registered, nobody can tell by whom.',
    'Ask for READ FULL STATUS with the iSCSI name of every registration.',
    async (laboratory, figures) => {
      await holdAndRegister(laboratory);
      judgeOwners(laboratory, await askFullStatus(laboratory, laboratory.a), figures);
    },
    { required: false, source: sources.spc4('6.15.5') },
  ),
];
