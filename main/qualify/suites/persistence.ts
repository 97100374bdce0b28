import { IscsiError } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { describeBreak, failed, inconclusive } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { decidingType, holdDeciding, needKeys, onFreeUnit, reservationCase } from './reservations.ts';
import { sources } from './sources.ts';

/** What outlives a session, and how many registrations there is room for. */
export const persistenceCases: readonly CaseDefinition[] = [
  reservationCase(
    'Reservations.Persistence.SurvivesLogout',
    'The reservation outlives the session of its holder',
    'After a short break of the network nobody owns the disk: both nodes may then write.',
    'Ask why registrations end with the session; SPC-3 wants them to outlive it.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.a.logout();
      laboratory.note('The holder logged out');
      const { reservation } = await laboratory.readReservation(laboratory.b);
      if (reservation?.key !== laboratory.keyA) throw failed('after the holder’s logout its reservation is gone');
      const { conflicts, answers } = await laboratory.probeWrite(laboratory.b, true);
      if (!conflicts) throw failed(`after the holder’s logout the other initiator may write (${answers})`);
      await needKeys(laboratory, [laboratory.keyA]);
      const after = await laboratory.readReservation(laboratory.a);
      if (after.reservation?.key !== laboratory.keyA)
        throw failed('after the holder’s next logon its reservation is gone');
    },
  ),
  reservationCase(
    'Reservations.Persistence.KnowsHolderAgain',
    'After its next logon the holder is known as the holder',
    'After a short break of the network a node has to take its own disk back before it can write; its virtual machines may fail over meanwhile.',
    'Ask why a registration does not belong to the same initiator name and ISID after a new logon, as SPC-3 wants.',
    async (laboratory) => {
      await holdDeciding(laboratory);
      await laboratory.a.logout();
      laboratory.note('The holder logged out');
      const own = await laboratory.probeWrite(laboratory.a, false);
      if (own.conflicts) throw failed(`the same name and ISID is refused after its next logon (${own.answers})`);
    },
    { required: false, source: sources.spc4('5.13.1') },
  ),
  reservationCase(
    'Reservations.Persistence.TakesBack',
    'After a logout and a logon a node takes its disk back as clustering does',
    'A node that lost its session for a moment never gets its disk back.',
    'Ask for REGISTER AND IGNORE EXISTING KEY and PREEMPT after a new logon.',
    async (laboratory) => {
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
        const taken = await laboratory.reserveOut(laboratory.a, 'Preempting PR of the own registration of before', {
          action: 'preempt',
          type: decidingType,
          key: newKey,
          serviceActionKey: laboratory.keyA,
        });
        if (!taken.ok) throw failed(`PREEMPT was answered with ${describeOutcome(taken)}`);
      }
      laboratory.forget(laboratory.a, laboratory.keyA);
      await needKeys(laboratory, [newKey]);
      const own = await laboratory.probeWrite(laboratory.a, false);
      if (own.conflicts) throw failed(`the node is still refused (${own.answers})`);
      const other = await laboratory.probeWrite(laboratory.b, true);
      if (!other.conflicts) throw failed(`meanwhile the other initiator may write (${other.answers})`);
    },
    { source: sources.csvp },
  ),
  {
    id: 'Reservations.Registrations.Capacity',
    title: 'There is room for a registration of every node over every path',
    required: true,
    needs: 'reservations',
    meaning: 'The last nodes or paths can not register: the disk fails on them, often only after months.',
    askVendor: 'Ask how many registrations a logical unit takes, and compare it with nodes times paths.',
    source: sources.registrations,
    run: onFreeUnit(async (laboratory, figures) => {
      const wanted = laboratory.settings.nodes * laboratory.settings.paths;
      figures['wanted'] = wanted;
      const paths = [laboratory.a.path, ...laboratory.settings.otherPaths];
      const registrations = Array.from({ length: wanted }, (_, at) => ({
        nexus: laboratory.addNexus(at % 2 === 0 ? 'A' : 'B', paths[at % paths.length]),
        key: laboratory.keyA + BigInt(at),
      }));
      await laboratory.noteRegistrations(registrations);
      let registered = 0;
      for (const { nexus, key } of registrations) {
        let outcome;
        try {
          outcome = await laboratory.tryRegister(nexus, key);
        } catch (error) {
          if (!(error instanceof IscsiError) || laboratory.settings.signal.aborted) throw error;
          figures['registered'] = registered;
          throw inconclusive(
            `after ${registered} registrations over as many sessions the next session failed: ${describeBreak(error)}; ${wanted} are needed (${laboratory.settings.nodes} nodes x ${laboratory.settings.paths} paths)`,
          );
        }
        if (!outcome.ok) {
          figures['registered'] = registered;
          throw failed(
            `after ${registered} registrations the next one was answered with ${describeOutcome(outcome)}; ${wanted} are needed (${laboratory.settings.nodes} nodes x ${laboratory.settings.paths} paths)`,
          );
        }
        registered += 1;
      }
      figures['registered'] = registered;
      const { keys } = await laboratory.readKeys(laboratory.a);
      if (keys.length !== wanted) throw failed(`${wanted} keys were registered, ${keys.length} are shown`);
    }),
  },
];
