import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import type { MatrixSummary, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { runCli } from '../../support/built-cli.ts';
import { startCore } from '../../support/cores.ts';
import { freePort } from '../../support/free-port.ts';
import { measureMatrix } from '../../../main/operations/peers/measure-matrix.ts';
import { measureSettingsSchema } from '../../../shared/model/network-measure.ts';
import { openManyAgents } from '../../support/many-agents.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-matrix-'));
afterAll(() => removeFolder(data));

it('is measured between two cores over the real channel, and tells the faults of a rehearsal', async () => {
  await runCli(['rehearsal', 'create', 'lab'], { data });
  const one = startCore(data, 'NODE1', 'NODE1');
  const two = startCore(data, 'NODE2', 'NODE2');
  try {
    const endpoint = { address: '127.0.0.1', port: await freePort() };
    await one.call('peers.listen', { endpoints: [endpoint] });
    const { code } = await one.call<{ code: string }>('peers.invite', {});
    await two.call('peers.join', { code, endpoints: [endpoint] });

    const settings = { echoes: 20, segmentMs: 50 };
    const measure = () => one.call<NetworkMatrix>('peers.matrix', { settings });
    const outcomes = (matrix: NetworkMatrix, from: string) =>
      Object.fromEntries(
        matrix.links
          .filter((link) => link.from === from && link.portal === null)
          .flatMap(({ findings }) => findings.map(({ id, outcome }) => [id, outcome])),
      );
    const sound = await measure();
    expect(sound).toMatchObject({
      isRehearsal: true,
      servers: [
        { name: 'NODE1', because: null },
        { name: 'NODE2', because: null },
      ],
    });
    const good = { reach: 'pass', loss: 'pass', packet: 'pass', bandwidth: 'pass', ports: 'pass' };
    expect(outcomes(sound, 'local')).toMatchObject(good);
    expect(outcomes(sound, sound.servers[1]!.id)).toMatchObject(good);

    const fault = async (text: string[]) => {
      const { code: exit, err } = await runCli(['rehearsal', 'fault', 'lab', ...text], { data });
      expect(exit, err).toBe(0);
    };
    await fault(['packetLoss', 'server=NODE2', 'nic=Ethernet', 'percent=10']);
    await fault(['portBlocked', 'server=NODE2', 'protocol=udp', 'port=3343']);
    await fault(['smallMtu', 'network=production', 'mtuBytes=1400']);
    const broken = await measure();
    expect(broken.outcome).toBe('fail');
    expect(outcomes(broken, 'local')).toMatchObject({ reach: 'pass', loss: 'fail', packet: 'fail', ports: 'fail' });
    // Nothing blocks the ports of NODE1.
    expect(outcomes(broken, broken.servers[1]!.id)).toMatchObject({ loss: 'fail', ports: 'pass' });
    expect(broken.links[0]!.figures!.largestPacketBytes).toBe(1_400);

    const { matrices } = await one.call<{ matrices: MatrixSummary[] }>('peers.matrices', {});
    expect(matrices.map(({ id }) => id)).toEqual([broken.id, sound.id]);
    const path = join(data, 'matrix.html');
    await one.call('peers.exportMatrix', { matrix: broken, format: 'html', to: { kind: 'path', path } });
    expect(readFileSync(path, 'utf8')).toContain('REHEARSAL');

    // What a peer may be made to do stays on its own networks.
    await expect(
      one.call('measure.answer', { addresses: ['10.9.9.9'], from: ['10.9.9.8'], ports: [], forMs: 1_000 }),
    ).rejects.toMatchObject({ code: 'MEASURE_NOT_OURS' });

    await two.close();
    const alone = await measure();
    expect(alone.outcome).toBe('unknown');
    expect(alone.servers[1]!.because).not.toBeNull();
  } finally {
    await one.close();
    await two.close();
    await runCli(['rehearsal', 'stop', 'lab'], { data });
  }
});

it('takes sixty-four agents n - 1 rounds over their own connections, and none measures with two at once', async () => {
  const agents = await openManyAgents({ count: 64, measureMs: 1 });
  onTestFinished(() => agents.close());
  const rounds = new Set<number>();
  const matrix = await measureMatrix(agents.group, {
    id: 'matrix-20260101-000000-000',
    isRehearsal: true,
    settings: measureSettingsSchema.parse({ segmentMs: 0 }),
    portals: [],
    now: () => new Date(0),
    progress: ({ done }) => done !== null && rounds.add(done),
  });
  // The last one is that of the portals.
  expect(rounds.size - 1).toBe(63);
  // Whoever was not reached at all is told with the reason.
  expect(matrix.servers.filter(({ because }) => because !== null)).toEqual([]);
  expect(matrix.links.filter(({ figures }) => figures !== null)).toHaveLength(64 * 63);
  expect(agents.most()).toBe(1);
});
