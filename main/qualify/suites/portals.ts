import type { CaseDefinition } from '../runner/case.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed, skipped } from '../runner/not-passed.ts';
import { pathStateOf } from '../runner/absence.ts';
import { needWriteConflict } from './probes.ts';
import { judgingWrites } from './write-rule.ts';
import { scsi } from '../../iscsi/index.ts';
import { decidingType, onFreeUnit } from './steps.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

interface Held {
  readonly by: Nexus;
  readonly key: bigint;
  readonly over: Nexus;
  /** Over a path in standby (ALUA) nothing is read or written, whoever holds what. */
  readonly isActive?: boolean;
}

/**
 * What is held over one portal must be seen, and enforced, over another. The initiator that looks is not registered and has another name: some targets take
 * every session of a registered node for that node.
 */
const needHeldOver = async (laboratory: Laboratory, { by, key, over, isActive = true }: Held): Promise<void> => {
  const [{ keys }, { reservation }] = await together([laboratory.readKeys(over), laboratory.readReservation(over)]);
  if (!keys.includes(key)) throw failed(`over ${over.portal} the registration made over ${by.portal} is not seen`);
  if (reservation?.key !== key) throw failed(`over ${over.portal} the reservation held over ${by.portal} is not seen`);
  if (!isActive) return;
  await needWriteConflict(
    laboratory,
    over,
    `over ${over.portal} the reservation held over ${by.portal} is shown and not enforced`,
  );
};

/** Whether the path takes commands that read and write; anything else than a state of asymmetric access is the logical unit's own answer. */
const isPathActive = async (laboratory: Laboratory, nexus: Nexus): Promise<boolean> => {
  const text = 'TEST UNIT READY over this portal';
  const outcome = await laboratory.ask(nexus, text, (on) => scsi.testUnitReady(on, laboratory.lun), undefined, {
    isRaw: true,
  });
  const state = pathStateOf(outcome);
  if (state === null) {
    if (!outcome.ok) await laboratory.heed(outcome, text, nexus);
    return true;
  }
  laboratory.note(`The path over ${nexus.portal} ${state}`, 'keys and reservation are read over it, nothing else');
  return false;
};

export const portalCases: readonly CaseDefinition[] = [
  {
    id: 'Behaviour.Portals.Consistent',
    title: 'A reservation over one portal is seen and enforced over the others, and the reverse',
    required: 'whenRun',
    needs: 'reservations',
    canRun: ({ otherPaths, allowReservations }) => otherPaths.length > 0 && allowReservations,
    meaning: 'The nodes see different reservations depending on the path: both may think that the disk is theirs.',
    askVendor: 'Ask whether the controllers share their reservations.',
    source: sources.spc4('5.13'),
    run: async (laboratory, figures) => {
      const { otherPaths } = laboratory.settings;
      if (otherPaths.length === 0) throw skipped('one portal was given');
      await judgingWrites(
        onFreeUnit(async () => {
          const { a, keyA, keyB } = laboratory;
          // A target may have room for few sessions.
          await laboratory.closeExtras();
          const others: Nexus[] = [];
          for (const path of otherPaths) others.push(await laboratory.initiators.reach('B', path));
          const active = new Set<Nexus>();
          for (const over of others) if (await isPathActive(laboratory, over)) active.add(over);
          await laboratory.register(a, keyA);
          await laboratory.reserve(a, keyA, decidingType);
          await together(
            others.map((over) => needHeldOver(laboratory, { by: a, key: keyA, over, isActive: active.has(over) })),
          );
          await laboratory.cleanUp();
          for (const by of active) {
            await laboratory.register(by, keyB);
            await laboratory.reserve(by, keyB, decidingType);
            await needHeldOver(laboratory, { by, key: keyB, over: a });
            await laboratory.cleanUp();
          }
          figures['portals'] = others.length + 1;
          if (active.size < others.length) figures['portalsInStandby'] = others.length - active.size;
        }),
      )(laboratory, figures);
    },
  },
];
