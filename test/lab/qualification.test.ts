import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qualificationReportSchema, type QualificationReport } from '../../shared/model/qualification.ts';
import { runCli, startCli, temporaryData, type CliResult } from '../support/built-cli.ts';
import { openForeignSessionInside } from '../support/foreign-session.ts';
import { makeNetworkLab, whyNoNamespaces, type NetworkLab } from '../support/network-lab.ts';
import { startTgt, tgtIsHere, type Tgt } from '../support/tgt.ts';
import { titled } from '../support/skipped.ts';

/*
 * A target that we did not write, on a machine of its own, with two portals in two networks, offered to two servers on
 * machines of their own: CHAP both ways, admission by initiator name. Each machine is a network namespace.
 */

const reason = tgtIsHere ? whyNoNamespaces() : 'tgtd is not installed (Debian: tgt)';

const target = 'iqn.2026-01.example.quorate:array';
const portals = ['10.91.1.1:3260', '10.91.2.1:3260'] as const;
const servers = [
  { name: 'node1', iqn: 'iqn.1991-05.com.microsoft:node1.example', number: 2 },
  { name: 'node2', iqn: 'iqn.1991-05.com.microsoft:node2.example', number: 3 },
] as const;
type Server = (typeof servers)[number];
const chap = { user: 'cluster', secret: 'secret-of-cluste', arrayUser: 'array', arraySecret: 'secret-of-array1' };
const secrets = `${chap.secret}\n${chap.arraySecret}\n`;
const withChap = [
  ...['--chap-user', chap.user, '--chap-secret-file', '-'],
  ...['--chap-mutual-user', chap.arrayUser, '--chap-mutual-secret-file', '-'],
];
/** tgt takes no CHAP for the discovery: where the target has to prove itself, it is not asked without. */
const oneWay = withChap.slice(0, 4);

describe.skipIf(reason !== null)(titled('tgt, offered to two servers', reason), () => {
  let lab: NetworkLab;
  let tgt: Tgt;
  /** The files that are the disks of the target. */
  const disks: string[] = [];

  beforeAll(async () => {
    lab = makeNetworkLab(['array', 'node1', 'node2'], ['iscsi1', 'iscsi2']);
    // The array takes nothing that comes in from a network in which the sender is not (RFC 3704 section 2.2): each portal is reached from
    // the NIC of its own network only.
    const [ip = 'ip', ...inArray] = lab.inside('array');
    for (const nic of ['iscsi1', 'iscsi2'])
      execFileSync(ip, [...inArray, 'sysctl', '-qw', `net.ipv4.conf.${nic}.rp_filter=1`]);
    tgt = await startTgt(portals, lab.inside('array'));
    await tgt.admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
    for (const [lun, size] of [
      ['1', 600],
      ['2', 1024],
    ] as const) {
      const disk = tgt.makeDisk(`disk${lun}`, size);
      disks.push(disk);
      // Data where the proof that a disk is blank does not look.
      const file = await open(disk, 'r+');
      await file.write(Buffer.alloc(1024 * 1024, 0x5a), 0, 1024 * 1024, 300 * 1024 * 1024);
      await file.close();
      await tgt.admin('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', lun, '-b', disk);
    }
    const account = (user: string, secret: string, ...more: string[]): Promise<unknown> =>
      tgt
        .admin('--op', 'new', '--mode', 'account', '--user', user, '--password', secret)
        .then(() => tgt.admin('--op', 'bind', '--mode', 'account', '--tid', '1', '--user', user, ...more));
    await account(chap.user, chap.secret);
    await account(chap.arrayUser, chap.arraySecret, '--outgoing');
    for (const { iqn } of servers) await tgt.admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-Q', iqn);
  });

  afterAll(async () => {
    await tgt?.stop();
    lab?.remove();
  });

  const hashes = (): Promise<string[]> =>
    Promise.all(
      disks.map(async (disk) => {
        const hash = createHash('sha256');
        for await (const chunk of createReadStream(disk, { highWaterMark: 4 * 1024 * 1024 }))
          hash.update(chunk as Buffer);
        return hash.digest('hex');
      }),
    );

  const run = (server: Server, args: readonly string[], data = temporaryData()): Promise<CliResult> =>
    runCli(['iscsi', ...args], { data, stdin: secrets, program: [...lab.inside(server.name), process.execPath] });

  const keysOf = async (server: Server, lun = '1'): Promise<string[]> => {
    const where = ['--portal', portals[0], '--target', target, '--lun', lun, '--initiator', server.iqn];
    const { out } = await run(server, ['inspect', ...where, ...withChap, '--json']);
    return (JSON.parse(out) as { luns: { keys: string[] }[] }).luns[0]?.keys ?? ['not told'];
  };

  const qualify = async (server: Server, path: string, data?: string): Promise<QualificationReport> => {
    const result = await run(
      server,
      [
        ...['qualify', '--portal', portals[0], '--portal', portals[1], '--target', target, '--lun', '1'],
        ...['--initiator', server.iqn, '--purpose', 'witness', '--nodes', '2', '--paths', '2'],
        ...['--allow-reservations', '--json', '--report', path, ...withChap],
      ],
      data,
    );
    expect(result.code, result.err).toBe(0);
    return qualificationReportSchema.parse(JSON.parse(result.out));
  };

  it.each(servers)('$name discovers the target over each network, from the NIC that it names', async (server) => {
    for (const [at, portal] of portals.entries()) {
      const sourceIp = `10.91.${at + 1}.${server.number}`;
      const where = ['--portal', portal, '--source-ip', sourceIp, '--initiator', server.iqn];
      const { code, out, err } = await run(server, ['discover', ...where, ...oneWay, '--luns', '--json']);
      expect(code, err).toBe(0);
      const found = JSON.parse(out) as {
        localAddress: string;
        targets: { name: string; portals: { address: string }[]; luns: { lun: number; sizeBytes: string }[] }[];
      };
      expect(found.localAddress).toContain(sourceIp);
      expect(found.targets.map(({ name }) => name)).toEqual([target]);
      // tgt tells of a target the portal over which it was asked, and no other.
      expect(found.targets[0]?.portals.map(({ address }) => address)).toEqual([portal]);
      expect(found.targets[0]?.luns.map(({ lun, sizeBytes }) => [lun, Number(sizeBytes) / 1048576])).toEqual([
        [1, 600],
        [2, 1024],
      ]);
    }
  });

  it('is asked over each portal from a NIC of its own, one --source-ip for each', async () => {
    const [server] = servers;
    const sourceIps = ['10.91.1.2', '10.91.2.2'];
    const ways = portals.flatMap((portal, at) => ['--portal', portal, '--source-ip', sourceIps[at] ?? '']);
    const args = ['qualify', ...ways, '--target', target, '--lun', '1', '--initiator', server.iqn];
    const more = ['--allow-reservations', '--case', 'Identity.*', '--case', 'Behaviour.Portals.*', '--json'];
    const { code, out, err } = await run(server, [...args, ...more, ...withChap]);
    expect(code, err).toBe(5);
    const report = qualificationReportSchema.parse(JSON.parse(out));
    expect(report).toMatchObject({ portals, sourceIps, leftBehind: [] });
    for (const id of ['Identity.Vpd83.SameOverPortals', 'Behaviour.Portals.Consistent'])
      expect(report.cases.find((one) => one.id === id)).toMatchObject({ verdict: 'passed' });
    const text = await run(server, [...args, '--case', 'Identity.Vpd83.*', ...withChap]);
    expect(text.out).toContain(`over ${portals[0]} from 10.91.1.2 and ${portals[1]} from 10.91.2.2`);
  });

  it('is out of reach from the NIC of the other network: the failure names the NIC from which it answers', async () => {
    const [server] = servers;
    const where = ['--portal', portals[0], '--source-ip', '10.91.2.2', '--initiator', server.iqn];
    const { code, err } = await run(server, ['discover', ...where]);
    expect(code).toBe(1);
    expect(err).toContain('[ISCSI_PORTAL_ANSWERS_ELSEWHERE]');
    expect(err).toContain(portals[0]);
    expect(err).toContain('10.91.2.2');
    expect(err).toContain('10.91.1.2 (iscsi1)');
    expect(err).toContain('--source-ip 10.91.1.2');
  });

  it('lists the addresses of a server that a portal can be asked from', async () => {
    const { code, out } = await run(servers[0], ['addresses']);
    expect(code).toBe(0);
    expect(out).toMatch(/10\.91\.1\.2\/24 +iscsi1/);
    expect(out).toMatch(/10\.91\.2\.2\/24 +iscsi2/);
  });

  it('does not admit another name, and says so with name of target and portal', async () => {
    const where = ['--portal', portals[0], '--target', target, '--initiator', 'iqn.2026-01.example:stranger'];
    const { code, err } = await run(servers[0], ['inspect', ...where, ...withChap]);
    expect(code).toBe(1);
    expect(err).toContain('[ISCSI_LOGIN_TARGET_NOT_FOUND]');
    expect(err).toContain(target);
    expect(err).toContain(portals[0]);
  });

  it('does not admit a wrong secret, nor does a server believe a target that does not know its own', async () => {
    const where = ['inspect', '--portal', portals[0], '--target', target, '--initiator', servers[0].iqn, ...withChap];
    const program: [string, ...string[]] = [...lab.inside('node1'), process.execPath];
    const as = (stdin: string): Promise<CliResult> =>
      runCli(['iscsi', ...where], { data: temporaryData(), stdin, program });
    const wrong = await as(`another-secret-1\n${chap.arraySecret}\n`);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('[ISCSI_LOGIN_AUTHENTICATION_FAILED]');
    const wrongTarget = await as(`${chap.secret}\nanother-secret-2\n`);
    expect(wrongTarget.code).toBe(1);
    expect(wrongTarget.err).toContain('[ISCSI_MUTUAL_CHAP_FAILED]');
  });

  it('is qualified from either server with the same verdict on the same device, and nothing stays', async () => {
    const data = temporaryData();
    const paths = servers.map(({ name }) => join(data, `${name}.json`));
    const reports: QualificationReport[] = [];
    const before = await hashes();
    // Each server's own initiator is logged on, under the server's name and an ISID as Windows has them.
    const sessions = await Promise.all(
      servers.map(({ name, iqn }) =>
        openForeignSessionInside(lab.inside(name), {
          portal: portals[0],
          target,
          initiatorName: iqn,
          chap: {
            name: chap.user,
            secret: chap.secret,
            mutual: { name: chap.arrayUser, secret: chap.arraySecret },
          },
        }),
      ),
    );
    try {
      for (const [at, server] of servers.entries()) {
        reports.push(await qualify(server, paths[at] ?? '', data));
        expect(await keysOf(server)).toEqual([]);
        expect(await Promise.all(sessions.map((session) => session.ask(1)))).toEqual(['alive', 'alive']);
      }
    } finally {
      await Promise.all(sessions.map((session) => session.stop()));
    }
    // The proof by writing was carried out, and the bytes are what they were.
    const proof = 'Reservations.Conflict.RealWrite';
    expect(reports.map(({ cases }) => cases.find(({ id }) => id === proof)?.verdict)).toEqual(['passed', 'passed']);
    expect(await hashes()).toEqual(before);
    for (const report of reports) {
      // One name is admitted for each server: the two initiators are two ISIDs of it.
      expect(report).toMatchObject({ verdict: 'qualified', oneName: true, portals, leftBehind: [] });
      expect(report.cases.find(({ id }) => id === 'Identity.Vpd83.SameOverPortals')?.verdict).toBe('passed');
      expect(report.cases.find(({ id }) => id === 'Behaviour.Portals.Consistent')?.verdict).toBe('passed');
      expect(report.cases.find(({ id }) => id === 'Reservations.Registrations.Capacity')?.figures).toMatchObject({
        registered: 4,
      });
    }
    const compared = await run(servers[0], ['compare', ...paths, '--json'], data);
    expect(compared.code).toBe(0);
    expect(JSON.parse(compared.out)).toMatchObject({ verdict: 'match', isOneUnit: true });
  });

  it('keeps the keys of a run that was killed, tells the other server whose they are, and gives them back', async () => {
    const [one, two] = servers;
    const data = temporaryData();
    const where = ['--portal', portals[0], '--target', target, '--lun', '2'];
    const killed = startCli(
      [
        ...[
          'iscsi',
          'qualify',
          ...where,
          '--initiator',
          one.iqn,
          '--allow-reservations',
          '--nodes',
          '64',
          '--paths',
          '8',
        ],
        ...['--case', 'Reservations.Registrations.Capacity', ...withChap],
      ],
      {
        data,
        stdin: secrets,
        program: [...lab.inside(one.name), process.execPath],
        env: { QUORATE_TRACE: 'scsi' },
      },
    );
    // A few of the 512 registrations are made: then the power button.
    const noted = (): number => killed.soFar().err.split('PERSISTENT RESERVE OUT').length;
    await expect.poll(noted, { interval: 5 }).toBeGreaterThan(10);
    killed.child.kill('SIGKILL');
    expect((await killed.done).code).toBeNull();
    const left = await keysOf(one, '2');
    expect(left.length).toBeGreaterThan(0);

    const cases = ['--case', 'Reservations.Register.*', '--json'];
    const other = await run(two, [
      'qualify',
      ...where,
      '--initiator',
      two.iqn,
      '--allow-reservations',
      ...cases,
      ...withChap,
    ]);
    expect(other.code).toBe(5);
    const [refused] = qualificationReportSchema.parse(JSON.parse(other.out)).cases;
    expect(refused?.because).toContain('a run of Quorate on another server');
    expect(refused?.because).toContain(left[0]);

    // Of 512 questions one may stay without an answer on a machine that stands still: its key is told as left, and the next call removes it.
    const removed: string[] = [];
    let code: number | null = null;
    for (let calls = 1; code !== 0 && calls <= 5; calls += 1) {
      const cleared = await run(one, ['reservations', 'clear-mine', '--json', ...withChap], data);
      const said = JSON.parse(cleared.out) as Record<'removed' | 'left', { key: string }[]>;
      ({ code } = cleared);
      expect(code, JSON.stringify(said.left)).toBe(said.left.length === 0 ? 0 : 5);
      removed.push(...said.removed.map(({ key }) => key));
    }
    expect(code).toBe(0);
    expect(removed.sort()).toEqual([...left].sort());
    expect(await keysOf(two, '2')).toEqual([]);
  });
});
