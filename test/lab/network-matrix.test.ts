import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkMatrixSchema, type MatrixLink, type NetworkMatrix } from '../../shared/model/network-matrix.ts';
import type { RoundTrip } from '../../shared/model/network-measure.ts';
import { summariseEchoes } from '../../shared/rules/peers/round-trip.ts';
import { peersOf } from '../support/ask-core.ts';
import { builtCli } from '../support/built-cli.ts';
import { makeNetworkLab, whyNoNamespaces, type NetworkLab } from '../support/network-lab.ts';
import { measuredUntil } from '../support/measured.ts';
import { until } from '../support/peers.ts';
import { startTapForwarder, type TapForwarder } from '../support/tap-forwarder.ts';
import { startTgt, tgtIsHere, type Tgt } from '../support/tgt.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/*
 * The network matrix of real agents on three machines, held against ping and iperf3. The LAN is shaped by tbf. In the storage network one hop towards
 * node2 passes 1400 bytes only, and node3 is plugged into the LAN's switch. In the LAN node3 is behind a link that delays and loses echoes (a forwarder
 * between two taps), and it has a NIC with an IPv6 address alone. A fourth machine has storage: Debian's tgt. At the end the forwarder parts node3 from the others.
 */

const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
const reason =
  whyNoNamespaces() ??
  (existsSync(builtCli) ? null : 'dist/ is not built') ??
  (['ping', 'iperf3', 'tc', 'perl'].every(has) && tgtIsHere ? null : 'ping, iperf3, tc, perl or tgt is not installed');

/** What a busy machine of two processors still carries; QUORATE_LAB_RATE=1gbit is for a quiet one. */
const rate = process.env['QUORATE_LAB_RATE'] ?? '200mbit';
const hopBytes = 1_400;
const slow = { delay: 10, jitter: 6, loseEvery: 5 };
const machines = ['node1', 'node2', 'node3'] as const;
type Machine = (typeof machines)[number];

describe.skipIf(reason !== null)(titled('the network matrix of separate machines', reason), () => {
  let lab: NetworkLab;
  let matrix: NetworkMatrix;
  let forwarder: TapForwarder;
  let tgt: Tgt;
  const agents = new Map<Machine, ChildProcess>();
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
  const link = (from: Machine, to: Machine, subnet: string, { links } = matrix): MatrixLink => {
    const addressOf = (machine: Machine): string => subnet.replace('0/24', String(machines.indexOf(machine) + 1));
    const found = links.find(({ source, destination }) => source === addressOf(from) && destination === addressOf(to));
    if (!found) throw new Error(`${from} to ${to} in ${subnet} was not measured`);
    return found;
  };
  const startAgent = async (machine: Machine): Promise<void> => {
    const address = `10.91.1.${machines.indexOf(machine) + 1}`;
    const words = ['--data', join(folder, machine), 'agent', '--listen', address, '--no-page'];
    const agent = start(machine, process.execPath, builtCli, ...words);
    agents.set(machine, agent);
    await until(`${machine} listens`, () => agent.text().includes('Listens for peers'));
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  const measureWhole = (): NetworkMatrix => {
    const words = [
      ...['--echoes', '20', '--bandwidth', '800', '--report', report, '--json'],
      ...['--portal', '10.91.2.2:3260', '--portal', '10.91.2.4:3260'],
    ];
    const measured = quorate('node1', 'peers', 'matrix', ...words);
    if (!measured.out) throw new Error(measured.err);
    // Something fails here, and the exit code says so.
    expect(measured.code).toBe(4);
    return networkMatrixSchema.parse(JSON.parse(measured.out));
  };
  /** Where the machine stood still for a moment, an echo was lost or a port was silent: the whole matrix is measured anew, and has to be right then. */
  const holds = (judge: () => void): Promise<void> =>
    measuredUntil((attempt) => (attempt === 1 ? matrix : (matrix = measureWhole())).id, judge, 4);
  /** The round trips from node1, as measured now. */
  const roundTripTo = (machine: Machine): RoundTrip => {
    const words = ['--peer', idOf(machine), '--echoes', '20', '--no-bandwidth', '--json'];
    const { out, err } = quorate('node1', 'peers', 'matrix', ...words);
    if (!out) throw new Error(err);
    return link('node1', machine, lan, networkMatrixSchema.parse(JSON.parse(out))).figures!.roundTrip!;
  };
  const least = (figures: readonly (number | null)[]): number =>
    Math.min(...figures.map((figure) => figure ?? Number.POSITIVE_INFINITY));
  /** The states of a machine's links to those that it is paired with. */
  const linksOf = async (machine: Machine): Promise<{ id: string; state: string }[]> =>
    ((await peersOf(join(folder, machine))) ?? [])
      .filter(({ state }) => state === 'paired')
      .map(({ id, link: { state } }) => ({ id, state }));
  const idOf = (machine: Machine): string =>
    (JSON.parse(quorate(machine, 'peers', 'self', '--json').out) as { id: string }).id;
  const untilTold = (what: string, holds: () => Promise<boolean>): Promise<void> => until(what, holds, 180_000, 100);
  const areAllConnected = async (): Promise<boolean> =>
    (await linksOf('node1')).length === 2 &&
    (await Promise.all(machines.map(linksOf))).flat().every(({ state }) => state === 'connected');
  const lan = '10.91.1.0/24';
  const storage = '10.91.2.0/24';

  beforeAll(async () => {
    lab = makeNetworkLab([...machines, 'san'], ['lan', 'storage']);
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
        rate === '200mbit' ? '64kb' : '256kb',
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
    // What of it is asked on the LAN it does not answer for: Linux would, for any of its addresses.
    must('san', 'ip', 'link', 'set', 'lan', 'down');
    tgt = await startTgt(['10.91.2.4:3260'], lab.inside('san'));
    for (const machine of machines) await startAgent(machine);
    for (const machine of ['node2', 'node3'] as const) {
      const { code } = JSON.parse(quorate('node1', 'peers', 'invite', '--json').out) as { code: string };
      const joined = quorate(machine, 'peers', 'join', code, '--address', '10.91.1.1');
      if (joined.code !== 0) throw new Error(joined.err);
    }
    await untilTold('all are connected', areAllConnected);
    matrix = measureWhole();
  });
  afterAll(async () => {
    for (const child of children) await end(child);
    await tgt?.stop();
    await forwarder?.close();
    lab?.remove();
    await removeFolder(folder);
  });

  it('holds every pair in both directions, and is kept', () => {
    expect(matrix.links.filter(({ to }) => to !== null)).toHaveLength(12);
    expect(readFileSync(report, 'utf8')).toContain('<svg');
    const last = JSON.parse(quorate('node1', 'peers', 'matrix', '--last', '--json').out) as NetworkMatrix;
    expect(last.id).toBe(matrix.id);
  });

  // What separates two trains of echoes on a machine that does something else is the scheduler, and it only ever makes a trip longer. So both are sent
  // again, in turn: a figure that is wrong is wrong in each train.
  it('tells the round trip that ping tells', async () => {
    await measuredUntil(
      (attempt) => {
        const ours = attempt === 1 ? link('node1', 'node2', lan).figures!.roundTrip! : roundTripTo('node2');
        const said = must('node1', 'ping', '-n', '-q', '-c', '20', '-i', '0.02', '-I', '10.91.1.1', '10.91.1.2');
        const [, average] = /= [\d.]+\/([\d.]+)\//.exec(said)!.map(Number);
        return { ours, average: average! };
      },
      ({ ours }, all) => {
        const [mine, average] = [least(all.map((one) => one.ours.p50Ms)), least(all.map((one) => one.average))];
        expect(ours).toMatchObject({ sent: 20, answered: 20 });
        expect(mine).toBeGreaterThan(0);
        // On an idle wire both are far below a millisecond.
        expect(Math.abs(mine - average)).toBeLessThan(Math.max(average * 0.1, 0.5));
      },
    );
  });

  it('tells the delay, jitter and loss of a bad link as they come out of ping’s own figures', async () => {
    const count = 30;
    const byPing = (): RoundTrip => {
      const words = ['-n', '-c', String(count), '-i', '0.05', '-W', '1', '-I', '10.91.1.1', '10.91.1.3'];
      // It exits with 0 as long as anything is answered.
      const said = must('node1', 'ping', ...words);
      const trips = new Map(
        [...said.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)].map(([, sequence, ms]) => [
          Number(sequence),
          Number(ms),
        ]),
      );
      return summariseEchoes(Array.from({ length: count }, (_, at) => trips.get(at + 1) ?? 'timeout'));
    };
    await measuredUntil(
      (attempt) => {
        const ours = attempt === 1 ? link('node1', 'node3', lan).figures!.roundTrip! : roundTripTo('node3');
        return { ours, judged: byPing() };
      },
      ({ ours, judged }, all) => {
        console.info(`ours ${JSON.stringify(ours)}, by ping ${JSON.stringify(judged)}`);
        // Every fifth is lost, wherever the train began.
        expect(ours.answered).toBe(16);
        expect(judged.answered).toBe(24);
        for (const { p50Ms, p99Ms, jitterMs } of [ours, judged]) {
          // 20 ms there and back, and 0, 6 or 12 ms more.
          expect(p50Ms).toBeGreaterThanOrEqual(20);
          expect(p99Ms).toBeGreaterThanOrEqual(32);
          expect(jitterMs).toBeGreaterThan(4);
        }
        // Each against the other of the same moment, or the least of all against the least.
        const figures = (name: 'p50Ms' | 'jitterMs'): [mine: number, pings: number][] => [
          [ours[name]!, judged[name]!],
          [least(all.map((one) => one.ours[name])), least(all.map((one) => one.judged[name]))],
        ];
        const isNear = ([mine, pings]: [number, number]): boolean => Math.abs(mine - pings) < Math.max(pings * 0.1, 3);
        expect(figures('p50Ms').filter(isNear), JSON.stringify(figures('p50Ms'))).not.toEqual([]);
        const isSteady = ([mine, pings]: [number, number]): boolean => mine / pings < 3;
        expect(figures('jitterMs').filter(isSteady), JSON.stringify(figures('jitterMs'))).not.toEqual([]);
      },
    );
    expect(link('node1', 'node3', lan).findings.find(({ id }) => id === 'loss')!.outcome).toBe('fail');
    await holds(() => expect(link('node1', 'node2', lan).figures!.roundTrip!.answered).toBe(20));
  });

  it('says which NIC was not measured because it has IPv6 alone', () =>
    holds(() =>
      expect(matrix.findings.filter(({ id }) => id === 'ipv6')).toMatchObject([
        { outcome: 'unknown', text: expect.stringMatching(/^six of .* \(fd00:91::3\)/) as unknown },
      ]),
    ));

  it('finds the MTU that a don’t-fragment ping finds, exactly', async () => {
    const passes = (from: 'node1' | 'node2', to: string, bytes: number): boolean =>
      on(from, 'ping', '-n', '-c', '3', '-i', '0.1', '-W', '1', '-M', 'do', '-s', String(bytes - 28), to).code === 0;
    await holds(() => {
      const there = link('node1', 'node2', storage).figures!.largestPacketBytes!;
      expect(there).toBe(hopBytes);
      expect([passes('node1', '10.91.2.2', there), passes('node1', '10.91.2.2', there + 1)]).toEqual([true, false]);
      // What comes in at the small hop may be longer by a VLAN tag (Linux, is_skb_forwardable): the other direction is its own.
      const back = link('node2', 'node1', storage).figures!.largestPacketBytes!;
      expect([passes('node2', '10.91.2.1', back), passes('node2', '10.91.2.1', back + 1)]).toEqual([true, false]);
      expect(link('node1', 'node2', lan).figures!.largestPacketBytes).toBe(1_500);
      expect(link('node1', 'node2', storage).findings.find(({ id }) => id === 'packet')!.outcome).toBe('fail');
    });
  });

  it('tells the bandwidth that iperf3 tells, within a tenth', async () => {
    const judged = async (): Promise<number> => {
      const server = start('node2', 'iperf3', '-s', '-1', '-B', '10.91.1.2', '--forceflush');
      await until('iperf3 listens', () => server.text().includes('listening'));
      const words = ['-c', '10.91.1.2', '-B', '10.91.1.1', '-t', '2', '-O', '1', '-J'];
      const said = JSON.parse(must('node1', 'iperf3', ...words)) as {
        end: { sum_received: { bits_per_second: number } };
      };
      return said.end.sum_received.bits_per_second;
    };
    const again = (): number | null => {
      const words = ['--peer', idOf('node2'), '--echoes', '5', '--bandwidth', '800', '--json'];
      const { out, err } = quorate('node1', 'peers', 'matrix', ...words);
      if (!out) throw new Error(err);
      return link('node1', 'node2', lan, networkMatrixSchema.parse(JSON.parse(out))).figures!.bandwidthBps;
    };
    // The matrix was measured a while before: whatever else the machine did at one of the two times stands between them, so both measure again in turn.
    await measuredUntil(
      async (attempt) => {
        const ours = attempt === 1 ? link('node1', 'node2', lan).figures!.bandwidthBps : again();
        return { ours, theirs: await judged() };
      },
      ({ ours, theirs }) => {
        const ratio = (ours ?? 0) / theirs;
        const said = `${((ours ?? 0) / 1e6).toFixed(1)} Mbit/s, by iperf3 ${(theirs / 1e6).toFixed(1)} Mbit/s`;
        console.info(`bandwidth: ${said}, ratio ${ratio.toFixed(3)}`);
        expect(ratio).toBeGreaterThan(0.9);
        expect(ratio).toBeLessThan(1.1);
      },
    );
  });

  it('names the network that the wrong cable leads to', () =>
    holds(() => {
      const { outcome, findings } = link('node3', 'node1', storage);
      expect(outcome).toBe('fail');
      expect(findings[0]!.text).toContain(`through storage arrives in ${lan}`);
      expect(matrix.separations).toMatchObject([{ outcome: 'warn' }]);
    }));

  it('shows how near it comes to iperf3 where nothing shapes the link', async () => {
    const server = start('node1', 'iperf3', '-s', '-1', '-B', '10.91.2.1', '--forceflush');
    await until('iperf3 listens', () => server.text().includes('listening'));
    const said = JSON.parse(must('node2', 'iperf3', '-c', '10.91.2.1', '-B', '10.91.2.2', '-t', '1', '-J')) as {
      end: { sum_received: { bits_per_second: number } };
    };
    const judged = said.end.sum_received.bits_per_second;
    await holds(() => {
      const ours = link('node2', 'node1', storage).figures!.bandwidthBps;
      console.info(
        `unshaped: ${(judged / 1e9).toFixed(1)} Gbit/s by iperf3, ratio ${((ours ?? 0) / judged).toFixed(2)}`,
      );
      expect(ours).toBeGreaterThan(0);
    });
  });

  it('finds the cluster’s ports open, a target behind one portal and none behind the other', () =>
    holds(() => {
      expect(link('node2', 'node3', lan).findings.find(({ id }) => id === 'ports')!.outcome).toBe('pass');
      const toPortal = (address: string) => {
        const { figures, findings } = matrix.links.find(
          (one) => one.portal?.address === address && one.from === 'local',
        )!;
        const outcomes = ['reach', 'ports'].map((wanted) => findings.find(({ id }) => id === wanted)!.outcome);
        return { outcomes, bytes: figures!.largestPacketBytes };
      };
      expect(toPortal('10.91.2.2').outcomes).toEqual(['pass', 'fail']);
      // The small hop is not on the way to the storage.
      expect(toPortal('10.91.2.4')).toEqual({ outcomes: ['pass', 'pass'], bytes: 1_500 });
    }));

  it('knows of a half-open link and of a parted network on either side, and of no other, until it heals', async () => {
    const [one, two, three] = machines.map(idOf) as [string, string, string];
    const stateOf = async (machine: Machine, id: string): Promise<string | undefined> =>
      (await linksOf(machine)).find((peer) => peer.id === id)?.state;
    const areConnected = async (): Promise<boolean> =>
      (await stateOf('node1', two)) === 'connected' &&
      (await stateOf('node1', three)) === 'connected' &&
      (await stateOf('node3', one)) === 'connected';
    await untilTold('all are connected', areConnected);
    // Half-open: what node3 sends still arrives, and what is sent to it does not. Then nothing passes in either direction.
    for (const block of ['there', 'both'] as const) {
      await forwarder.set({ block });
      const begun = Date.now();
      await untilTold(
        `both ends know (${block})`,
        async () => (await stateOf('node1', three)) !== 'connected' && (await stateOf('node3', one)) !== 'connected',
      );
      console.info(`${block}: both ends knew after ${Date.now() - begun} ms`);
      expect(await stateOf('node1', two)).toBe('connected');
      await forwarder.set({ block: 'none' });
      await untilTold('all are connected again', areConnected);
    }
  });

  it('is one again after each agent was started again', async () => {
    for (const machine of machines) {
      await end(agents.get(machine)!);
      await startAgent(machine);
      await untilTold(`all are connected after ${machine} was started again`, areAllConnected);
    }
  });
});
