import type { CaseDefinition } from '../runner/case.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed, skipped } from '../runner/not-passed.ts';
import { needWriteConflict } from './probes.ts';
import { decidingType, onFreeUnit } from './steps.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

/** What is held over one portal must be seen, and enforced, over another; the initiator that looks is not registered. */
const needHeldOver = async (
  laboratory: Laboratory,
  { by, key, over }: { readonly by: Nexus; readonly key: bigint; readonly over: Nexus },
): Promise<void> => {
  const [{ keys }, { reservation }] = await together([laboratory.readKeys(over), laboratory.readReservation(over)]);
  if (!keys.includes(key)) throw failed(`over ${over.portal} the registration made over ${by.portal} is not seen`);
  if (reservation?.key !== key) throw failed(`over ${over.portal} the reservation held over ${by.portal} is not seen`);
  await needWriteConflict(
    laboratory,
    over,
    `over ${over.portal} the reservation held over ${by.portal} is shown and not enforced`,
  );
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
      await onFreeUnit(async () => {
        const { a, b, keyA, keyB } = laboratory;
        // A target may have room for few sessions.
        await laboratory.closeExtras();
        const others: Nexus[] = [];
        for (const path of otherPaths) others.push(await laboratory.initiators.reach('B', path));
        await laboratory.register(a, keyA);
        await laboratory.reserve(a, keyA, decidingType);
        await together(others.map((over) => needHeldOver(laboratory, { by: a, key: keyA, over })));
        await laboratory.cleanUp();
        for (const by of others) {
          await laboratory.register(by, keyB);
          await laboratory.reserve(by, keyB, decidingType);
          await needHeldOver(laboratory, { by, key: keyB, over: b });
          await laboratory.cleanUp();
        }
        figures['portals'] = others.length + 1;
      })(laboratory, figures);
    },
  },
];
