import { describe, expect, it } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import { identityOfDisk, seenLunsSchema, type SeenPath, type SeenUnit } from '../../../shared/model/lun-map.ts';
import { judgeLuns, type SeeingServer } from '../../../shared/rules/peers/luns.ts';
import {
  mapLuns,
  seenByWindows,
  seenLuns,
  seenOverPortals,
  type OwnInitiator,
} from '../../../main/operations/peers/luns.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { at } from '../../support/readiness.ts';

const target = 'iqn.2003-01.example:store';
const unit = (changes: Partial<SeenUnit> = {}): SeenUnit => ({
  lun: 1,
  identity: 'naa.60014050000000000000000000000001',
  serial: 'SN-1',
  sizeBytes: '10737418240',
  ...changes,
});
const path = (units: SeenUnit[] | null, changes: Partial<SeenPath> = {}): SeenPath => ({
  by: 'quorate',
  bus: 'iscsi',
  target,
  portal: '10.0.3.50:3260',
  source: '10.0.3.11',
  units,
  because: units ? null : 'the portal does not answer',
  ...changes,
});
const judge = (...servers: (SeenPath[] | string)[]) =>
  judgeLuns(
    servers.map((paths, index): SeeingServer => ({
      id: `id${index}`,
      name: `NODE${index + 1}`,
      seen: typeof paths === 'string' ? null : seenLuns(paths),
      because: typeof paths === 'string' ? paths : null,
    })),
    at,
  );
/** The worst row, or the only one. */
const row = (...servers: (SeenPath[] | string)[]) => judge(...servers).luns[0]!;

describe('the logical units of servers side by side', () => {
  it('are the same where every server sees one identity', () => {
    const map = judge([path([unit()])], [path([unit()])]);
    expect(map).toMatchObject({ outcome: 'pass', sentence: 'All servers see the same logical unit.' });
    expect(map.luns).toMatchObject([{ verdict: 'same', outcome: 'pass', next: null, identity: unit().identity }]);
    expect(map.luns[0]!.cells).toMatchObject([
      { isSeen: true, paths: [{ lun: 1, portal: '10.0.3.50:3260' }] },
      { isSeen: true },
    ]);
  });

  it('join what Windows and our initiator call one thing', () => {
    const disk = { uniqueId: '60014050000000000000000000000001', uniqueIdFormat: 'fcphName' } as const;
    const windows = path([unit({ lun: null, identity: identityOfDisk(disk) })], { by: 'windows' });
    expect(judge([windows], [path([unit()])]).luns).toMatchObject([{ verdict: 'same' }]);
  });

  it.each([
    ['it has no path to the target', [], 'has no path to'],
    ['the target masks it', [path([])], 'does not show it this unit'],
  ])('miss one that a server does not see: %s', (_, other, because) => {
    const found = row([path([unit()])], other);
    expect(found).toMatchObject({ verdict: 'missing', outcome: 'fail' });
    expect(found.text).toContain('Not seen by NODE2');
    expect(found.cells[1]).toMatchObject({ isSeen: false, because: expect.stringContaining(because) as unknown });
  });

  it('say that a disk of another bus is missing, and leave out what may lie in one server', () => {
    const fibre = path([unit({ lun: null })], { by: 'windows', bus: 'fibreChannel', target: null, portal: null });
    expect(row([fibre], [])).toMatchObject({
      verdict: 'missing',
      cells: [{}, { because: 'it shows no such disk' }],
    });
    const inside = { ...fibre, bus: 'raid' as const };
    expect(judge([inside], [])).toMatchObject({ luns: [], sentence: 'No server sees a shared logical unit.' });
    expect(judge([inside], [inside]).luns).toMatchObject([{ verdict: 'same' }]);
  });

  it.each([
    ['it did not answer', 'it does not answer [PEER_NOT_CONNECTED]'],
    ['it could not look over the portal', [path(null)]],
    ['it could not read its sessions', [path(null, { target: null, portal: null, by: 'windows' })]],
  ])('do not know of a server: %s', (_, other) => {
    const map = judge([path([unit()])], other);
    expect(map.luns).toMatchObject([{ verdict: 'unknown', outcome: 'unknown' }]);
    expect(map.luns[0]!.cells[1]!.isSeen).toBeNull();
    expect(map.outcome).toBe('unknown');
  });

  it('do not vouch for paths that were not looked over, even if all that is seen is the same', () => {
    const blind = path(null, { portal: '10.0.4.50:3260' });
    const map = judge([path([unit()]), blind], [path([unit()])]);
    expect(map.luns).toMatchObject([{ verdict: 'same' }]);
    expect(map.outcome).toBe('unknown');
    expect(map.sentence).toContain('not every path was looked over');
    expect(map.servers[0]!.notLooked).toEqual([`${target}: the portal does not answer`]);
    expect(judge('silent', 'silent')).toMatchObject({ outcome: 'unknown', luns: [] });
  });

  it('differ where one number of a target is two units', () => {
    const other = unit({ identity: 'naa.60014050000000000000000000000002', serial: 'SN-2' });
    const map = judge([path([unit()])], [path([other])]);
    expect(map.luns.map(({ verdict, outcome }) => [verdict, outcome])).toEqual([
      ['different', 'fail'],
      ['different', 'fail'],
    ]);
    expect(map.luns[0]!.text).toContain(
      `LUN 1 of ${target} is ${unit().identity} on NODE1, ${other.identity} on NODE2`,
    );
  });

  it('differ where one number of one server is two units over two portals', () => {
    const other = unit({ identity: 'naa.60014050000000000000000000000002', serial: 'SN-2' });
    expect(row([path([unit()]), path([other], { portal: '10.0.4.50:3260' })], [path([unit()])])).toMatchObject({
      verdict: 'different',
      outcome: 'fail',
    });
  });

  it('differ where a serial number is two identities, unless a server tells both apart', () => {
    const other = unit({ lun: 2, identity: 'naa.60014050000000000000000000000002' });
    expect(row([path([unit()])], [path([other])]).text).toContain('The serial number sn-1 is');
    expect(judge([path([unit(), other])], [path([unit(), other])]).luns).toMatchObject([
      { verdict: 'same' },
      { verdict: 'same' },
    ]);
  });

  it.each([
    ['another size', { sizeBytes: '21474836480' }, 'fail', 'has 10 GiB on NODE1, 20 GiB on NODE2'],
    ['another serial number', { serial: 'SN-9' }, 'fail', 'has the serial number sn-1 on NODE1, sn-9 on NODE2'],
    ['another number', { lun: 4 }, 'warn', 'is LUN 1 on NODE1, LUN 4 on NODE2'],
  ] as const)('differ where one identity has %s', (_, changes, outcome, text) => {
    const found = row([path([unit()])], [path([unit(changes)])]);
    expect(found).toMatchObject({ verdict: 'different', outcome });
    expect(found.text).toContain(text);
    expect(found.next).not.toBeNull();
  });

  it('cannot tell a unit without identity from another', () => {
    const found = row([path([unit({ identity: null })])], [path([unit({ identity: null })])]);
    expect(found).toMatchObject({ verdict: 'unknown', outcome: 'fail', identity: null, serial: 'SN-1' });
    expect(judge([path([unit({ identity: null })])], [path([unit()])]).luns[0]).toMatchObject({ verdict: 'different' });
  });

  it('warn where Windows has fewer paths on one server', () => {
    const over = (source: string) => path([unit({ lun: null })], { by: 'windows', source });
    const found = row([over('10.0.3.11'), over('10.0.4.11')], [over('10.0.3.12')]);
    expect(found).toMatchObject({ verdict: 'same', outcome: 'warn' });
    expect(found.text).toContain('NODE1 over 2, NODE2 over 1');
  });

  it('stand with what fails first', () => {
    const alone = unit({ lun: 7, identity: 'naa.6001405f', serial: 'SN-7' });
    expect(judge([path([unit(), alone])], [path([unit()])]).luns.map(({ verdict }) => verdict)).toEqual([
      'missing',
      'same',
    ]);
  });
});

describe('asking for them', () => {
  it('gives a server that does not answer, or in another form, a column that says why', async () => {
    const map = await mapLuns(
      [
        { id: 'local', name: 'NODE1', ask: () => Promise.resolve(seenLuns([path([unit()])])) },
        { id: 'a', name: 'NODE2', ask: () => Promise.reject(failure('PEER_UNKNOWN', { peer: 'a' })) },
        { id: 'b', name: 'NODE3', ask: () => Promise.resolve({ schema: 'quorate.seen-luns/9' }) },
      ],
      at,
    );
    expect(map.servers.map(({ because }) => because)).toEqual([
      null,
      expect.stringContaining('PEER_UNKNOWN'),
      'it answered in no form that this version knows',
    ]);
    await expect(mapLuns([], at)).rejects.toMatchObject({ code: 'PEER_NONE_TO_COMPARE' });
    const bug = [1, 2].map((id) => ({ id: `${id}`, name: `${id}`, ask: () => Promise.reject(new TypeError('a bug')) }));
    await expect(mapLuns(bug, at)).rejects.toThrow('a bug');
  });

  const address = { nic: 'eth1', address: '10.0.3.11', prefixLength: 24, family: 'ipv4', isLoopback: false } as const;
  const initiator = (discover: OwnInitiator['discover']): OwnInitiator => ({ addresses: () => [address], discover });
  const portal = (text: string) => [{ address: text, port: 3260 }];

  it('connects to no portal that is not on a link of this server', async () => {
    const never = initiator(() => Promise.reject(new Error('it was asked')));
    expect(await seenOverPortals(portal('10.0.9.50'), never)).toMatchObject([
      { units: null, because: 'it has no address in the subnet of the portal' },
    ]);
    expect(await seenOverPortals(portal('storage.example'), never)).toMatchObject([{ units: null }]);
  });

  it('tells what the portal shows, what it does not, and why', async () => {
    const found = {
      name: target,
      portals: [],
      luns: [],
      lunsReadOver: '10.0.3.51:3260',
      warnings: [],
      problem: null,
    };
    const refused = { ...found, name: `${target}2`, luns: null, problem: { code: 'X', what: 'It refused.', next: '' } };
    const shown = await seenOverPortals(
      portal('10.0.3.50'),
      initiator(() => Promise.resolve({ targets: [found, refused] })),
    );
    expect(shown).toMatchObject([
      { target, portal: '10.0.3.51:3260', source: '10.0.3.11', units: [], because: null },
      { units: null, because: 'It refused. [X]' },
    ]);
    const problem = { code: 'ISCSI_LOGIN_CHAP_NEEDED', what: 'It wants CHAP.', next: 'Give name and secret.' };
    const locked = initiator(() => Promise.resolve({ targets: [{ ...refused, problem }] }));
    expect(await seenOverPortals(portal('10.0.3.50'), locked)).toMatchObject([
      { units: null, because: 'it needs CHAP. Give name and secret. Then compare again.' },
    ]);
    expect(seenLunsSchema.safeParse(seenLuns(shown)).success).toBe(true);
    const dead = initiator(() => Promise.reject(failure('CANCELLED', { what: 'It' })));
    expect(await seenOverPortals(portal('10.0.3.50'), dead)).toMatchObject([{ units: null }]);
    await expect(seenOverPortals(portal('10.0.3.50'), dead, AbortSignal.abort())).rejects.toThrow();
  });

  it('tells of a Windows that cannot be read, and of one whose service is stopped', async () => {
    const unread = { value: null };
    const ports = (because: string): Ports =>
      ({
        initiator: {
          readState: () => Promise.resolve({ sessions: unread.value, unread: [{ property: 'sessions', because }] }),
          listSessionDisks: () => Promise.resolve([]),
        },
        disks: { list: () => Promise.reject(failure('ACCESS_DENIED', { what: 'Get-Disk' })) },
      }) as unknown as Ports;
    expect(await seenByWindows(ports('INITIATOR_SERVICE_STOPPED'))).toHaveLength(1);
    expect(await seenByWindows(ports('ACCESS_DENIED'))).toMatchObject([
      { units: null, because: 'ACCESS_DENIED' },
      { units: null, because: expect.stringContaining('[ACCESS_DENIED]') as unknown },
    ]);
  });
});
