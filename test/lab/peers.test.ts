import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areLinked } from '../support/ask-core.ts';
import { builtCli } from '../support/built-cli.ts';
import { makeNetworkLab, whyNoNamespaces, type NetworkLab } from '../support/network-lab.ts';
import { until } from '../support/peers.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/*
 * Real agents on machines of their own: two servers with a NIC in the LAN and one in the storage network, none with a default route. The foreign
 * judge of discovery is avahi (Debian packages avahi-daemon, avahi-utils, dbus).
 */

const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
const reason =
  whyNoNamespaces() ??
  (existsSync(builtCli) ? null : 'dist/ is not built') ??
  (['avahi-daemon', 'avahi-browse', 'avahi-publish', 'dbus-daemon', 'dbus-send'].every(has)
    ? null
    : 'avahi is not installed (Debian packages avahi-daemon, avahi-utils, dbus)');

/** A responder with a bus of its own, so that nothing of this machine is asked; then the words. */
const avahiScript = (folder: string, words: string): string => `
set -e
mount -t tmpfs none /run
mkdir -p /run/dbus /run/avahi-daemon
cat > ${folder}/bus.conf <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_type="method_call"/><allow send_type="method_return"/><allow send_type="signal"/><allow send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="signal"/><allow receive_type="error"/></policy></busconfig>
END
printf '[server]\\nhost-name=judge\\nuse-ipv6=no\\nallow-interfaces=lan\\n' > ${folder}/avahi.conf
dbus-daemon --config-file=${folder}/bus.conf --nofork --nopidfile & BUS=$!
trap 'kill $WORDS $AVAHI $BUS 2>/dev/null' EXIT
# Who ends it by a signal ends the bus and the responder as well.
trap 'exit 0' TERM INT
for n in $(seq 2400); do [ -S /run/dbus/system_bus_socket ] && break; sleep 0.05; done
avahi-daemon -f ${folder}/avahi.conf --no-drop-root --no-chroot --no-rlimits >/dev/null 2>&1 & AVAHI=$!
# Its socket is there before it is on the bus, where its tools look for it.
for n in $(seq 2400); do
  dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.Avahi 2>/dev/null |
    grep -q 'boolean true' && break
  sleep 0.05
done
(${words}) & WORDS=$!
wait $WORDS
`;

describe.skipIf(reason !== null)(titled('peers between separate machines', reason), () => {
  let lab: NetworkLab;
  const folder = mkdtempSync(join(tmpdir(), 'quorate-peers-lab-'));
  const children: ChildProcess[] = [];

  const start = (machine: string, words: readonly string[]): ChildProcess & { text: () => string } => {
    const [program, ...before] = lab.inside(machine);
    const child = spawn(program, [...before, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
    children.push(child);
    return Object.assign(child, { text: () => text });
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  const dataOf = (machine: string): string => join(folder, machine);
  const quorate = (machine: string, ...words: string[]) => {
    const [program, ...before] = lab.inside(machine);
    const all = [...before, process.execPath, builtCli, '--data', dataOf(machine), ...words];
    const { stdout, stderr, status } = spawnSync(program, all, { encoding: 'utf8' });
    return { out: stdout, err: stderr, code: status };
  };
  const json = <T>(machine: string, ...words: string[]): T => {
    const { out, err } = quorate(machine, ...words, '--json');
    if (!out) throw new Error(err);
    return JSON.parse(out) as T;
  };
  const startAgent = async (machine: string, address: string): Promise<ChildProcess> => {
    const words = [process.execPath, builtCli, '--data', dataOf(machine), 'agent', '--listen', address, '--no-page'];
    const agent = start(machine, words);
    await until(`${machine} listens`, () => agent.text().includes('Listens for peers'));
    return agent;
  };
  const avahi = (words: string): ChildProcess & { text: () => string } => {
    const script = join(folder, `avahi-${children.length}.sh`);
    writeFileSync(script, avahiScript(folder, words));
    return start('judge', ['unshare', '-m', 'sh', script]);
  };
  /** The judge’s announcement, once it stands: its tools give up where their responder is not as far yet. */
  const publishing = async (words: string): Promise<ChildProcess> => {
    const said: string[] = [];
    while (said.length < 3) {
      const publish = avahi(words);
      const isThere = (): boolean => publish.text().includes('Established');
      await until('avahi-publish says something', () => isThere() || publish.exitCode !== null, 60_000).catch(
        () => undefined,
      );
      if (isThere()) return publish;
      await end(publish);
      said.push(publish.text());
    }
    throw new Error(`avahi-publish announced nothing: ${said.join('; ')}`);
  };
  interface Found {
    servers: { id: string; name: string; address: string; port: number; heardOn: string; relation: string }[];
  }
  /** Both know the other as connected, or both as not. */
  const bothAre = async (isConnected: boolean): Promise<boolean> =>
    (await areLinked(dataOf('node1'), isConnected)) && (await areLinked(dataOf('node2'), isConnected));

  beforeAll(async () => {
    lab = makeNetworkLab(['node1', 'node2', 'judge'], ['lan', 'storage']);
    await startAgent('node1', '10.91.1.1');
    await startAgent('node2', '10.91.1.2');
  });
  afterAll(async () => {
    for (const child of children) await end(child);
    lab.remove();
    await removeFolder(folder);
  });

  it('are found on the network that they listen on, and on no other', () => {
    const { servers } = json<Found>('node2', 'peers', 'discover');
    expect(servers).toHaveLength(1);
    expect(servers[0]).toMatchObject({ address: '10.91.1.1', port: 23_343, heardOn: '10.91.1.2' });
  });

  it('pair without an address being typed', async () => {
    const { code } = json<{ code: string }>('node1', 'peers', 'invite');
    const joined = json<{ endpoint: { address: string }; words: string }>('node2', 'peers', 'join', code);
    expect(joined.endpoint.address).toBe('10.91.1.1');
    await until('both are connected', () => bothAre(true), 180_000, 100);
  });

  it('are seen by avahi-browse with the right address and port', async () => {
    const browse = avahi('avahi-browse -rpt _quorate._tcp');
    await new Promise((resolve) => browse.once('close', resolve));
    const lines = browse
      .text()
      .split('\n')
      .filter((line) => line.startsWith('='));
    const found = lines.map((line) => line.split(';')).map((fields) => `${fields[7]}:${fields[8]}`);
    expect(found.sort(), browse.text()).toEqual(['10.91.1.1:23343', '10.91.1.2:23343']);
    expect(browse.text()).toMatch(/"id=[0-9a-f]{16}"/);
  });

  it('see what avahi-publish announces', async () => {
    const publish = await publishing(
      'exec avahi-publish -s "FOREIGN 0123" _quorate._tcp 4000 id=0123456789abcdef name=FOREIGN v=9.9.9 p=1,2 inviting=0 run=0123456789abcdef',
    );
    const found = () => json<Found>('node1', 'peers', 'discover').servers.find(({ name }) => name === 'FOREIGN');
    await until('it is found', () => found() !== undefined);
    expect(found()).toMatchObject({ id: '0123456789abcdef', address: '10.91.1.3', port: 4_000, relation: 'stranger' });
    await end(publish);
  });

  it('lose each other when the network parts them, and find each other when it heals', async () => {
    const [program, ...before] = lab.inside('node2');
    const lan = (what: 'up' | 'down') => spawnSync(program, [...before, 'ip', 'link', 'set', 'lan', what]);
    lan('down');
    // Of itself TCP would say so after a quarter of an hour.
    await until('both know', () => bothAre(false), 180_000, 100);
    lan('up');
    await until('they are connected again', () => bothAre(true), 180_000, 100);
  });
});
