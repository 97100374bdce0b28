import { describe, expect, it } from 'vitest';
import { judgeFolder, judgeInside, parseSddl, wantedSddl, type Trust } from '../../../shared/model/folder-security.ts';

const user = 'S-1-5-21-1-2-3-1001';
const elevated = { user, isElevated: true };
const plain = { user, isElevated: false };
const judge = (sddl: string, trust: Trust = elevated) => judgeFolder(parseSddl(sddl)!, trust);

/** The folders as Windows makes them: in the account's own profile, below ProgramData, and on a volume without access rights. */
const inProfile = `O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${user})`;
const inProgramData = 'O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)';
const onFat = 'O:WDG:WDD:(A;OICI;FA;;;WD)';

describe('the security descriptor of a folder', () => {
  it('is read by its sections, and nothing is guessed of a text that is none', () => {
    expect(parseSddl('O:BAG:SYD:PAI(A;OICI;FA;;;SY)(D;;FA;;;WD)')).toEqual({
      owner: 'S-1-5-32-544',
      isProtected: true,
      entries: [
        { allows: true, sid: 'S-1-5-18' },
        { allows: false, sid: 'S-1-1-0' },
      ],
    });
    expect(parseSddl('D:AIAR')).toEqual({ owner: null, isProtected: false, entries: [] });
    expect(parseSddl('O:BAD:NO_ACCESS_CONTROL')).toMatchObject({ entries: null });
    expect(parseSddl('O:BA')).toMatchObject({ entries: null });
    expect(parseSddl('D:P(XA;;FX;;;S-1-1-0;(@User.Title == "PM"))')).toMatchObject({
      entries: [{ allows: true, sid: 'S-1-1-0' }],
    });
    for (const text of ['nonsense', 'O:', 'D:P(A;;FA;;)', 'D:P(Q;;FA;;;WD)', 'O:BAD:P(A;;FA;;;SY'])
      expect(parseSddl(text), text).toBeNull();
  });

  it('is protected only with a trusted owner, nothing from above and nobody else', () => {
    expect(judge('O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')).toEqual({ is: 'protected' });
    expect(judge('O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(D;;FA;;;WD)')).toEqual({ is: 'protected' });
    expect(judge('O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)')).toEqual({ is: 'open', others: [] });
    expect(judge(inProfile)).toEqual({ is: 'open', others: [user] });
    expect(judge(inProgramData)).toEqual({ is: 'open', others: ['S-1-3-0', 'S-1-5-32-545'] });
    expect(judge('O:BAD:NO_ACCESS_CONTROL')).toEqual({ is: 'open', others: ['S-1-1-0'] });
  });

  it('is of another account, or of the same one without its rights, which an elevated process does not trust', () => {
    expect(judge('O:S-1-5-21-1-2-3-1002D:PAI(A;OICI;FA;;;SY)')).toEqual({
      is: 'foreign',
      owner: 'S-1-5-21-1-2-3-1002',
    });
    expect(judge(onFat)).toEqual({ is: 'foreign', owner: 'S-1-1-0' });
    const mine = `O:${user}D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)`;
    expect(judge(mine)).toEqual({ is: 'open', others: [user] });
    expect(judge(mine, plain)).toEqual({ is: 'protected' });
    expect(judge(mine, { user: null, isElevated: true })).toMatchObject({ is: 'foreign' });
  });

  it('is judged inside by owner and rights', () => {
    const inside = (sddl: string) => judgeInside(parseSddl(sddl)!, elevated);
    expect(inside('O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)')).toBeNull();
    expect(inside('O:S-1-5-21-1-2-3-1002D:AI(A;ID;FA;;;SY)')).toBe('it belongs to S-1-5-21-1-2-3-1002');
    expect(inside('O:SYD:AI(A;ID;FA;;;SY)(A;;FA;;;WD)')).toBe('Everyone may use it');
  });

  it('is wanted without the account where the process is elevated, and is then what it wants', () => {
    expect(judge(`${wantedSddl(elevated).replace('D:', 'G:SYD:')}`)).toEqual({ is: 'protected' });
    expect(wantedSddl(elevated)).not.toContain(user);
    expect(wantedSddl(plain)).toBe(`D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${user})`);
    expect(judge(`O:${user}${wantedSddl(plain)}`, plain)).toEqual({ is: 'protected' });
  });
});
