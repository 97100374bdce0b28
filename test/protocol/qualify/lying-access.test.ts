import { describe, expect, it } from 'vitest';
import { caseOf, startQualified } from '../../support/qualification.ts';
import { expectLeftAsFound, lyingIn, makeLie } from '../../support/lying-device.ts';

/*
 * The access table, cell by cell: SPC-4 table 50 and SBC-3 table 13 written down a second time, by type of the CDB, and each of
 * the 24 cells told wrong once. Only Write Exclusive - Registrants Only counts for the verdict.
 */

const standard = {
  WE: { type: 1, registered: { read: true, write: false }, unregistered: { read: true, write: false } },
  EA: { type: 3, registered: { read: false, write: false }, unregistered: { read: false, write: false } },
  WERO: { type: 5, registered: { read: true, write: true }, unregistered: { read: true, write: false } },
  EARO: { type: 6, registered: { read: true, write: true }, unregistered: { read: false, write: false } },
  WEAR: { type: 7, registered: { read: true, write: true }, unregistered: { read: true, write: false } },
  EAAR: { type: 8, registered: { read: true, write: true }, unregistered: { read: false, write: false } },
} as const;

const cells = (Object.keys(standard) as (keyof typeof standard)[]).flatMap((short) =>
  (['registered', 'unregistered'] as const).flatMap((who) =>
    (['read', 'write'] as const).map((what) => ({ short, who, what, may: standard[short][who][what] })),
  ),
);

const words = ({ read, write }: { read: boolean; write: boolean }): string =>
  `${read ? 'reads' : 'does not read'}, ${write ? 'writes' : 'does not write'}`;

describe.each(lyingIn)('the access table of a device (%s)', (kind) => {
  it.each(cells)('$short: $who, $what is not as the standard says', async ({ short, who, what, may }) => {
    const target = await startQualified(kind);
    const { type, ...row } = standard[short];
    const device = makeLie(
      target,
      {
        admits: ({ access, state, isRegistered, isHolder, truth }) => {
          const isMeant = state.reservation?.type === type && access !== 'always' && !isHolder;
          // Under the types of all registrants the one that reserved holds as well: of the registered B alone is told wrong.
          const isOther =
            isRegistered === (who === 'registered') && state.registrations.length === (isRegistered ? 2 : 1);
          const isOf = what === 'read' ? access === 'read' : access !== 'read';
          return isMeant && isOther && isOf ? !may : truth();
        },
      },
      { oneName: kind === 'guarded' },
    );
    const id = `Reservations.Access.${short}`;
    const report = await target.run({ cases: [id] });
    const told = { ...row[who], [what]: !may };
    const found = caseOf(report, id);
    expect(found.verdict).toBe('failed');
    const ofRegistered = who === 'registered' ? told : row.registered;
    const ofUnregistered = who === 'unregistered' ? told : row.unregistered;
    expect(found.because).toBe(
      `a registered initiator ${words(ofRegistered)} (the standard: ${words(row.registered)}); ` +
        `one that is not registered ${words(ofUnregistered)} (the standard: ${words(row.unregistered)})`,
    );
    expect(report.accessTable).toEqual([
      expect.objectContaining({
        registeredMayRead: ofRegistered.read,
        registeredMayWrite: ofRegistered.write,
        unregisteredMayRead: ofUnregistered.read,
        unregisteredMayWrite: ofUnregistered.write,
        isAsTheStandardSays: false,
      }),
    ]);
    expect(found.required).toBe(short === 'WERO');
    expect(report.verdict).toBe(short === 'WERO' ? 'notQualified' : 'inconclusive');
    expect(report.leftBehind).toEqual([]);
    await expectLeftAsFound(target);
    device.stop();
    const honest = await target.run({ cases: [id] });
    expect(caseOf(honest, id)).toMatchObject({ verdict: 'passed', because: null });
    expect(honest.accessTable[0]?.isAsTheStandardSays).toBe(true);
  });

  it('that reserves another type than it was told is found by no cell, and by Reserve.Held', async () => {
    const target = await startQualified(kind);
    makeLie(
      target,
      {
        answers: ({ out, truth, remember }) => {
          if (out?.action !== 'reserve' || out.type !== 5) return undefined;
          const answer = truth();
          remember((state) =>
            state.reservation?.type === 5 ? { ...state, reservation: { ...state.reservation, type: 6 } } : state,
          );
          return answer;
        },
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run();
    expect(caseOf(report, 'Reservations.Reserve.Held').because).toBe(
      'the reservation is shown as Exclusive Access - Registrants Only (6)',
    );
    expect(caseOf(report, 'Reservations.Access.WERO').because).toContain('does not read');
    expect(report.verdict).toBe('notQualified');
    expect(report.leftBehind).toEqual([]);
    await expectLeftAsFound(target);
  });
});
