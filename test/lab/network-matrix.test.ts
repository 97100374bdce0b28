import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkMatrixSchema, type MatrixLink, type NetworkMatrix } from '../../shared/model/network-matrix.ts';
import { summariseEchoes } from '../../shared/rules/peers/round-trip.ts';
import { builtCli } from '../support/built-cli.ts';
import { makeNetworkLab, whyNoNamespaces, type NetworkLab } from '../support/network-lab.ts';
import { until } from '../support/peers.ts';
import { startTapForwarder, type TapForwarder } from '../support/tap-forwarder.ts';

/*
 * The network matrix of real agents on three machines, held against ping and iperf3. The LAN is shaped by tbf. In the storage network one hop towards
 * node2 passes 1400 bytes only, and node3 is plugged into the LAN's switch. In the LAN node3 is behind a link that delays and loses echoes (a forwarder
 * between two taps), and it has a NIC with an IPv6 address alone.
 */

const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
const reason =
  whyNoNamespaces() ??
  (existsSync(builtCli) ? null : 'dist/ is not built') ??
  (['ping', 'iperf3', 'tc', 'perl'].every(has) ? null : 'ping, iperf3, tc or perl is not installed');
if (reason) console.warn(`skipped: ${reason}`);

const rate = '200mbit';
const hopBytes = 1_400;
const slow = { delay: 10, jitter: 6, loseEvery: 5 };
const machines = ['node1', 'node2', 'node3'] as const;
type Machine = (typeof machines)[number];

describe.skipIf(reason !== null)('the network matrix of separate machines', () => {
  let lab: NetworkLab;
  let matrix: NetworkMatrix;
  let forwarder: TapForwarder;
  const folder = mkdtempSync(join(tmpdir(), 'quorate-matrix-lab-'));
  const report = join(folder, 'matrix.html');
  const children: ChildProcess[] = [];

  const on = (machine: string, ...words: string[]) => {
    const [program, ...before] = lab.inside(machine);
    const { stdout, stderr, status } = spawnSync(program, [...before, ...words], { encoding: 'utf8' });
    return { out: stdout, err: stderr, code: status };
  };
  const must = (machine: string, ...words: string[]): string => {
    const { out, err, code } = on(machine, ...words);
    if (code !== 0) throw new Error(`${words.join(' ')}: ${err}`);
    return out;
  };
  const quorate = (machine: Machine, ...words: string[]) =>
    on(machine, process.execPath, builtCli, '--data', join(folder, machine), ...words);
  const start = (machine: string, ...words: string[]): ChildProcess & { text: () => string } => {
    const [program, ...before] = lab.inside(machine);
    const child = spawn(program, [...before, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
    children.push(child);
    return Object.assign(child, { text: () => text });
  };
  const link = (from: Machine, to: Machine, subnet: string): MatrixLink => {
    const addressOf = (machine: Machine): string => subnet.replace('0/24', String(machines.indexOf(machine) + 1));
    const found = matrix.links.find(
      ({ source, destination }) => source === addressOf(from) && destination === addressOf(to),
    );
    if (!found) throw new Error(`${from} to ${to} in ${subnet} was not measured`);
    return found;
  };
  const lan = '10.91.1.0/24';
  const storage = '10.91.2.0/24';

  beforeAll(async () => {
    lab = makeNetworkLab(machines, ['lan', 'storage']);
    for (const machine of machines)
      must(
        machine,
        'tc',
        'qdisc',
        'add',
        'dev',
        'lan',
        'root',
        'tbf',
        'rate',
        rate,
        'burst',
        '64kb',
        'latency',
        '50ms',
      );
    must('switch', 'ip', 'link', 'set', 'p11', 'mtu', String(hopBytes));
    must('switch', 'ip', 'link', 'set', 'p12', 'master', 'lan');
    forwarder = await startTapForwarder(lab.inside('switch'), ['near', 'far']);
    const onSwitch = (...words: string[]) => must('switch', 'ip', ...words);
    onSwitch('link', 'add', 'behind', 'type', 'bridge');
    onSwitch('link', 'set', 'near', 'master', 'lan');
    for (const port of ['far', 'p02']) onSwitch('link', 'set', port, 'master', 'behind');
    for (const link of ['behind', 'near', 'far']) onSwitch('link', 'set', link, 'up');
    await forwarder.set(slow);
    must('node3', 'ip', 'link', 'add', 'six', 'type', 'veth', 'peer', 'name', 'end');
    for (const nic of ['six', 'end']) must('node3', 'ip', 'link', 'set', nic, 'up');
    must('node3', 'ip', 'address', 'add', 'fd00:91::3/64', 'dev', 'six', 'nodad');
    for (const [at, machine] of machines.entries()) {
      const words = ['--data', join(folder, machine), 'agent', '--listen', `10.91.1.${at + 1}`, '--no-page'];
      const agent = start(machine, process.execPath, builtCli, ...words);
      await until(`${machine} listens`, () => agent.text().includes('Listens for peers'), 60_000);
    }
    for (const machine of ['node2', 'node3'] as const) {
      const { code } = JSON.parse(quorate('node1', 'peers', 'invite', '--json').out) as { code: string };
      const joined = quorate(machine, 'peers', 'join', code, '--address', '10.91.1.1');
      if (joined.code !== 0) throw new Error(joined.err);
    }
    const words = ['--echoes', '20', '--bandwidth', '800', '--portal', '10.91.2.2:3260', '--report', report, '--json'];
    const measured = quorate('node1', 'peers', 'matrix', ...words);
    if (!measured.out) throw new Error(measured.err);
    // Something fails here, and the exit code says so.
    expect(measured.code).toBe(4);
    matrix = networkMatrixSchema.parse(JSON.parse(measured.out));
  }, 240_000);
  afterAll(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    await forwarder?.close();
    lab?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds every pair in both directions, and is kept', () => {
    expect(matrix.links.filter(({ to }) => to !== null)).toHaveLength(12);
    expect(readFileSync(report, 'utf8')).toContain('<svg');
    const last = JSON.parse(quorate('node1', 'peers', 'matrix', '--last', '--json').out) as NetworkMatrix;
    expect(last.id).toBe(matrix.id);
  });

  it('tells the round trip that ping tells', () => {
    const { roundTrip } = link('node1', 'node2', lan).figures!;
    const said = must('node1', 'ping', '-n', '-q', '-c', '20', '-i', '0.02', '-I', '10.91.1.1', '10.91.1.2');
    const [, average] = /= [\d.]+\/([\d.]+)\//.exec(said)!.map(Number);
    expect(roundTrip).toMatchObject({ sent: 20, answered: 20 });
    // On an idle wire both are far below a millisecond: what separates them is the scheduler.
    expect(Math.abs(roundTrip!.p50Ms! - average!)).toBeLessThan(Math.max(average! * 0.1, 0.5));
  });

  it('tells the delay, jitter and loss of a bad link as they come out of ping’s own figures', () => {
    const ours = link('node1', 'node3', lan).figures!.roundTrip!;
    const count = 30;
    // It exits with 0 as long as anything is answered.
    const said = must(
      'node1',
      'ping',
      '-n',
      '-c',
      String(count),
      '-i',
      '0.05',
      '-W',
      '1',
      '-I',
      '10.91.1.1',
      '10.91.1.3',
    );
    const trips = new Map(
      [...said.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)].map(([, sequence, ms]) => [
        Number(sequence),
        Number(ms),
      ]),
    );
    const judged = summariseEchoes(Array.from({ length: count }, (_, at) => trips.get(at + 1) ?? 'timeout'));
    console.info(`ours ${JSON.stringify(ours)}, by ping ${JSON.stringify(judged)}`);
    // Every fifth is lost, wherever the train began.
    expect(ours.answered).toBe(16);
    expect(judged.answered).toBe(24);
    // 20 ms there and back, and 0, 6 or 12 ms more.
    expect(Math.abs(ours.p50Ms! - judged.p50Ms!)).toBeLessThan(Math.max(judged.p50Ms! * 0.1, 3));
    // One frame that waits for a busy machine is the largest of its train: what the link does itself is the least of both.
    for (const { p99Ms, jitterMs } of [ours, judged]) {
      expect(p99Ms).toBeGreaterThanOrEqual(32);
      expect(jitterMs).toBeGreaterThan(4);
    }
    expect(ours.jitterMs! / judged.jitterMs!).toBeLessThan(3);
    expect(ours.p50Ms).toBeGreaterThanOrEqual(20);
    expect(link('node1', 'node3', lan).findings.find(({ id }) => id === 'loss')!.outcome).toBe('fail');
    expect(link('node1', 'node2', lan).figures!.roundTrip!.answered).toBe(20);
  });

  it('says which NIC was not measured because it has IPv6 alone', () => {
    expect(matrix.findings.filter(({ id }) => id === 'ipv6')).toMatchObject([
      { outcome: 'unknown', text: expect.stringMatching(/^six of .* \(fd00:91::3\)/) as unknown },
    ]);
  });

  it('finds the MTU that a don’t-fragment ping finds, exactly', () => {
    const passes = (from: 'node1' | 'node2', to: string, bytes: number): boolean =>
      on(from, 'ping', '-n', '-c', '3', '-i', '0.1', '-W', '1', '-M', 'do', '-s', String(bytes - 28), to).code === 0;
    const there = link('node1', 'node2', storage).figures!.largestPacketBytes!;
    expect(there).toBe(hopBytes);
    expect([passes('node1', '10.91.2.2', there), passes('node1', '10.91.2.2', there + 1)]).toEqual([true, false]);
    // What comes in at the small hop may be longer by a VLAN tag (Linux, is_skb_forwardable): the other direction is its own.
    const back = link('node2', 'node1', storage).figures!.largestPacketBytes!;
    expect([passes('node2', '10.91.2.1', back), passes('node2', '10.91.2.1', back + 1)]).toEqual([true, false]);
    expect(link('node1', 'node2', lan).figures!.largestPacketBytes).toBe(1_500);
    expect(link('node1', 'node2', storage).findings.find(({ id }) => id === 'packet')!.outcome).toBe('fail');
  });

  it('tells the bandwidth that iperf3 tells, within a tenth', async () => {
    const server = start('node2', 'iperf3', '-s', '-1', '-B', '10.91.1.2', '--forceflush');
    await until('iperf3 listens', () => server.text().includes('listening'), 30_000);
    const said = JSON.parse(
      must('node1', 'iperf3', '-c', '10.91.1.2', '-B', '10.91.1.1', '-t', '2', '-O', '1', '-J'),
    ) as {
      end: { sum_received: { bits_per_second: number } };
    };
    const judged = said.end.sum_received.bits_per_second;
    const ratio = link('node1', 'node2', lan).figures!.bandwidthBps! / judged;
    console.info(`bandwidth: ${(judged / 1e6).toFixed(1)} Mbit/s by iperf3, ratio ${ratio.toFixed(3)}`);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('names the network that the wrong cable leads to', () => {
    const { outcome, findings } = link('node3', 'node1', storage);
    expect(outcome).toBe('fail');
    expect(findings[0]!.text).toContain(`through storage arrives in ${lan}`);
    expect(matrix.separations).toMatchObject([{ outcome: 'warn' }]);
  });

  it('finds the cluster’s ports open, and no target behind the portal', () => {
    expect(link('node2', 'node3', lan).findings.find(({ id }) => id === 'ports')!.outcome).toBe('pass');
    const portal = matrix.links.find(({ portal: one, from }) => one !== null && from === 'local')!;
    expect(portal.findings.find(({ id }) => id === 'reach')!.outcome).toBe('pass');
    expect(portal.findings.find(({ id }) => id === 'ports')!.outcome).toBe('fail');
  });
});
