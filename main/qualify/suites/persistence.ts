import type { CaseDefinition } from '../runner/case.ts';
import { lookBehind } from '../runner/behind.ts';
import { failed, inconclusive, skipped } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { needAdmitted, needWrite, needWriteConflict, probeWrite } from './probes.ts';
import { judgingWrites } from './write-rule.ts';
import { decidingType, holdDeciding, needHolder, needKeys, reservationCase } from './steps.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

const refusedAfterLogon = 'the same name and ISID is refused after its next logon';
const knowsHolderId = 'Reservations.Persistence.KnowsHolderAgain';

/** What outlives a session. */
export const persistenceCases: readonly CaseDefinition[] = [
  reservationCase(
    'Reservations.Persistence.SurvivesLogout',
    'The reservation outlives the session of its holder',
    'After a short break of the network nobody owns the disk: both nodes may then write.',
    'Ask why registrations end with the session; SPC-3 wants them to outlive it.',
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.a.logout();
      laboratory.note('The holder logged out');
      const { a, b, keyA } = laboratory;
      await together([
        needHolder(laboratory, b, keyA, 'after the holder’s logout its reservation is gone'),
        needWriteConflict(laboratory, b, 'after the holder’s logout the other initiator may write'),
        needKeys(laboratory, [keyA], b),
      ]);
      const [, probe] = await together([
        needHolder(laboratory, a, keyA, 'after the holder’s next logon its reservation is gone'),
        probeWrite(laboratory, a, null),
      ]);
      laboratory.proofs.add(knowsHolderId, probe.answers, () => needAdmitted(probe, refusedAfterLogon), {
        isFinal: true,
      });
    }),
  ),
  reservationCase(
    'Reservations.Persistence.SurvivesCut',
    'The reservation outlives a cut connection of its holder',
    'A pulled cable frees the disk at once: both nodes may then write.',
    'Ask why registrations end with the connection; SPC-3 wants them to outlive it.',
    judgingWrites(async (laboratory) => {
      const { a, b, keyA } = laboratory;
      await holdDeciding(laboratory);
      a.cut();
      laboratory.note('Cut the connection of the holder without a logout');
      // The next logon under the same name and ISID ends what was left of the old session (RFC 7143 section 6.3.5): from then on the target knows.
      const { reservation } = await laboratory.readReservation(a);
      if (reservation?.key !== keyA) throw failed('after the connection was cut the reservation is gone');
      await together([
        needKeys(laboratory, [keyA], b),
        needWriteConflict(laboratory, b, 'after the connection was cut the other initiator may write'),
      ]);
    }),
  ),
  reservationCase(
    knowsHolderId,
    'After its next logon the holder is known as the holder',
    'After a short break of the network a node has to take its own disk back before it can write; its virtual machines may fail over meanwhile.',
    'Ask why a registration does not belong to the same initiator name and ISID after a new logon, as SPC-3 wants.',
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.a.logout();
      laboratory.note('The holder logged out');
      await needWrite(laboratory, laboratory.a, refusedAfterLogon);
    }),
    { required: false, source: sources.spc4('5.13.1') },
  ),
  reservationCase(
    'Reservations.Persistence.TakesBack',
    'After a logout and a logon a node takes its disk back as clustering does',
    'A node that lost its session for a moment never gets its disk back.',
    'Ask for REGISTER AND IGNORE EXISTING KEY and PREEMPT after a new logon.',
    judgingWrites(async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.a.logout();
      laboratory.note('The holder logged out');
      const newKey = laboratory.keyB;
      const registered = await laboratory.tryRegister(laboratory.a, newKey, 'registerAndIgnoreExistingKey', {
        keepsOld: true,
      });
      if (!registered.ok) throw failed(`registering again was answered with ${describeOutcome(registered)}`);
      const { keys } = await laboratory.readKeys(laboratory.a);
      if (keys.includes(laboratory.keyA)) {
        const request = {
          action: 'preempt',
          type: decidingType,
          key: newKey,
          serviceActionKey: laboratory.keyA,
        } as const;
        const text = 'Preempting PR of the own registration of before';
        await lookBehind(
          async (onSent) => {
            const taken = await laboratory.reserveOut(laboratory.a, text, request, undefined, onSent);
            if (!taken.ok) throw failed(`PREEMPT was answered with ${describeOutcome(taken)}`);
            laboratory.forget(laboratory.a, laboratory.keyA);
          },
          () => needKeys(laboratory, [newKey]),
        );
      } else {
        laboratory.forget(laboratory.a, laboratory.keyA);
        await needKeys(laboratory, [newKey]);
      }
      await together([
        needWrite(laboratory, laboratory.a, 'the node is still refused'),
        needWriteConflict(laboratory, laboratory.b, 'meanwhile the other initiator may write'),
      ]);
    }),
    { source: sources.csvp },
  ),
  reservationCase(
    'Reservations.Persistence.SurvivesReset',
    'The reservation outlives a LOGICAL UNIT RESET',
    'Windows resets a disk whose commands take too long: just then nobody would own it, and both nodes may write.',
    'Ask why a reset ends persistent reservations; SPC-4 says that it does not.',
    judgingWrites(async (laboratory, figures) => {
      const { a, b, keyA } = laboratory;
      await holdDeciding(laboratory);
      const session = await a.session();
      const begun = performance.now();
      const response = await session.manage('logicalUnitReset', laboratory.lun);
      laboratory.log.note('LOGICAL UNIT RESET', response, null, {
        initiator: 'A',
        tookMs: Math.round((performance.now() - begun) * 100) / 100,
      });
      figures['response'] = response;
      if (response === 'functionNotSupported' || response === 'functionRejected' || response === 'authorizationFailed')
        throw skipped(`the target does not carry out LOGICAL UNIT RESET (${response})`);
      if (response !== 'functionComplete') throw inconclusive(`LOGICAL UNIT RESET was answered with ${response}`);
      const [{ reservation }] = await together([laboratory.readReservation(b), needKeys(laboratory, [keyA])]);
      if (reservation?.key !== keyA) throw failed('after LOGICAL UNIT RESET the reservation is gone');
      await needWriteConflict(laboratory, b, 'after LOGICAL UNIT RESET the other initiator may write');
    }),
    {
      required: 'whenRun',
      source: sources.spc4('5.13.1'),
      canRun: ({ allowReservations }) => allowReservations,
    },
  ),
];
