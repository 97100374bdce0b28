import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatReservationKey, openSession, parseIsid, scsi } from '../../../main/iscsi/index.ts';
import { runCli, temporaryData, type CliResult } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { expectNothingLeft, keysOf, nodeName, portalOf } from '../../support/iscsi-cli.ts';

const isid = '800000000001';
const key = 0x5152415400000001n;

interface Note {
  readonly portal: string;
  readonly target: string;
  readonly lun: number;
  readonly initiator: string;
  readonly isid: string;
  readonly key: string;
  readonly since: string;
}

const noteOf = (target: TestTarget, more: Partial<Note> = {}): Note => ({
  portal: portalOf(target),
  target: target.name,
  lun: 1,
  initiator: nodeName,
  isid,
  key: formatReservationKey(key),
  since: '2026-01-01T00:00:00.000Z',
  ...more,
});

/** What a run that was killed leaves: a note, and the key at the target. */
const leave = async (target: TestTarget, data: string, ...notes: Note[]): Promise<void> => {
  const session = await openSession({
    portal: portalOf(target),
    target: target.name,
    initiatorName: nodeName,
    isid: parseIsid(isid),
  });
  const lun = scsi.lunFromNumber(1);
  await scsi.testUnitReady(session, lun);
  await scsi.persistentReserveOut(session, lun, { action: 'register', serviceActionKey: key });
  await session.close();
  expect(keysOf(target)).toEqual([key]);
  write(data, notes);
};

const write = (data: string, notes: readonly Note[]): void =>
  writeFileSync(join(data, 'registered-keys.json'), JSON.stringify({ schema: 'quorate.registered-keys/1', notes }));

/** A file without notes is not kept. */
const notesIn = (data: string): Note[] => {
  const path = join(data, 'registered-keys.json');
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as { notes: Note[] }).notes;
};

const clearMine = (data: string, ...more: string[]): Promise<CliResult> =>
  runCli(['iscsi', 'reservations', 'clear-mine', ...more], { data });

const serve = (): Promise<TestTarget> => startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(16) }] });

describe('a filter of clear-mine', () => {
  it.each([
    ['another portal', ['--portal', '192.0.2.1']],
    ['another name', ['--initiator', 'iqn.2026-01.example:other']],
  ])('that leaves keys out says which, and ends with 5: %s', async (_what, filter) => {
    const target = await serve();
    const data = temporaryData();
    await leave(target, data, noteOf(target));
    const { code, out, err } = await clearMine(data, ...filter);
    expect(code).toBe(5);
    expect(out).not.toContain('nothing to remove');
    expect(err).toContain(`1 key remains noted for ${portalOf(target)} (as ${nodeName})`);
    const json = await clearMine(data, ...filter, '--json');
    expect(json.code).toBe(5);
    expect(JSON.parse(json.out)).toMatchObject({ removed: [], left: [], excluded: [{ lun: 1 }] });
    expect(keysOf(target)).toEqual([key]);
  });

  it('takes a portal in any spelling', async () => {
    const target = await serve();
    const data = temporaryData();
    await leave(target, data, noteOf(target, { portal: `localhost:${target.port}` }));
    const cleared = await clearMine(
      data,
      '--portal',
      `LOCALHOST:${target.port}`,
      '--initiator',
      nodeName.toUpperCase(),
    );
    expect(cleared.code).toBe(0);
    expect(cleared.out).toContain('removed: 0x5152415400000001 on LUN 1');
    await expectNothingLeft(target);
  });

  it.each([
    ['localhost', 'LOCALHOST:3260', '127.0.0.1'],
    ['[fd00::1]:3260', 'fd00:0:0:0:0:0:0:1', 'fd00::2'],
  ])('the default port and other spellings of an address are the same: %s and %s', async (noted, given, other) => {
    const target = await serve();
    const data = temporaryData();
    write(data, [noteOf(target, { portal: noted })]);
    // Nothing answers there, so that it is left; what matters is that it was meant.
    const meant = JSON.parse((await clearMine(data, '--portal', given, '--json')).out) as Record<string, unknown[]>;
    expect([meant['left']?.length, meant['excluded']?.length]).toEqual([1, 0]);
    const not = JSON.parse((await clearMine(data, '--portal', other, '--json')).out) as Record<string, unknown[]>;
    expect([not['left']?.length, not['excluded']?.length]).toEqual([0, 1]);
  });

  it('that is no portal is wrong usage', async () => {
    expect((await clearMine(temporaryData(), '--portal', 'a b')).code).toBe(2);
  });
});

describe('clear-mine', () => {
  it('says of keys that it could not ask about that they may still be there, with the next step', async () => {
    const target = await serve();
    const data = temporaryData();
    write(data, [noteOf(target, { portal: '127.0.0.1:1' })]);
    const { code, out, err } = await clearMine(data);
    expect(code).toBe(5);
    expect(out).toMatch(/^may still be there: 0x5152415400000001 on LUN 1 .*refused/s);
    expect(out).toContain('Check that the target');
    expect(err).toContain('--forget');
    expect(notesIn(data)).toHaveLength(1);
  });

  it('says of a registration that is noted twice what became of it once, over the portal that answers', async () => {
    const target = await serve();
    const data = temporaryData();
    await leave(target, data, noteOf(target, { portal: '127.0.0.1:1' }), noteOf(target), noteOf(target));
    const { code, out } = await clearMine(data, '--json');
    expect(code).toBe(0);
    const cleared = JSON.parse(out) as Record<'removed' | 'gone' | 'left', unknown[]>;
    expect([cleared.removed.length, cleared.gone.length, cleared.left.length]).toEqual([1, 0, 0]);
    expect(notesIn(data)).toEqual([]);
    await expectNothingLeft(target);
  });
});

describe('clear-mine --forget', () => {
  it('names what it would forget and wants --yes; then the note is gone and nobody was asked', async () => {
    const target = await serve();
    const data = temporaryData();
    write(data, [noteOf(target), noteOf(target, { portal: '192.0.2.1:3260', lun: 2 })]);
    const asked = await clearMine(data, '--forget', '--portal', portalOf(target));
    expect(asked.code).toBe(2);
    expect(asked.err).toContain(`0x5152415400000001 on LUN 1 of ${target.name}`);
    expect(asked.err).toContain('--yes');
    expect(notesIn(data)).toHaveLength(2);
    const elsewhere = await clearMine(data, '--forget', '--portal', '192.0.2.2', '--yes');
    expect(elsewhere.code).toBe(5);
    expect(notesIn(data)).toHaveLength(2);
    const forgotten = await clearMine(data, '--forget', '--portal', ` ${portalOf(target)} `, '--yes');
    expect(forgotten.code).toBe(0);
    expect(forgotten.out).toContain('forgotten: 0x5152415400000001 on LUN 1');
    expect(notesIn(data).map(({ lun }) => lun)).toEqual([2]);
    expect(target.events.filter(({ kind }) => kind !== 'listening')).toEqual([]);
  });
});
