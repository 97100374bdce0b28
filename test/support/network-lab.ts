import { spawnSync } from 'node:child_process';

const ip = (...args: string[]): void => {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
};

/** Why network namespaces cannot be made here; null when they can. */
export const whyNoNamespaces = (): string | null => {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `q${process.pid}probe`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.error) return 'ip is not installed (Debian: iproute2)';
  if (made.status !== 0) return `ip netns add: ${made.stderr.trim()}`;
  const bridge = spawnSync('ip', ['-n', name, 'link', 'add', 'br0', 'type', 'bridge'], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'delete', name]);
  return bridge.status === 0 ? null : `a bridge cannot be made: ${bridge.stderr.trim()}`;
};

export interface NetworkLab {
  /** What to put before a program so that it runs on this machine of the lab. */
  inside(machine: string): [string, ...string[]];
  remove(): void;
}

/**
 * Machines with one NIC in each network, each network a bridge of its own. The address of machine number N in network number
 * M is 10.91.M.N, both counted from 1. Nothing of it is in the network of the real machine.
 */
export const makeNetworkLab = (machines: readonly string[], networks: readonly string[]): NetworkLab => {
  const prefix = `q${process.pid}`;
  const space = (name: string): string => `${prefix}${name}`;
  const made: string[] = [];
  const remove = (): void => {
    for (const name of made) spawnSync('ip', ['netns', 'delete', name]);
  };
  const add = (name: string): void => {
    ip('netns', 'add', space(name));
    made.push(space(name));
    ip('-n', space(name), 'link', 'set', 'lo', 'up');
  };
  try {
    add('switch');
    for (const machine of machines) add(machine);
    networks.forEach((network, m) => {
      ip('-n', space('switch'), 'link', 'add', network, 'type', 'bridge');
      ip('-n', space('switch'), 'link', 'set', network, 'up');
      machines.forEach((machine, n) => {
        const port = `p${m}${n}`;
        ip(
          ...['-n', space('switch'), 'link', 'add', port, 'type', 'veth'],
          ...['peer', 'name', network, 'netns', space(machine)],
        );
        ip('-n', space('switch'), 'link', 'set', port, 'master', network, 'up');
        ip('-n', space(machine), 'address', 'add', `10.91.${m + 1}.${n + 1}/24`, 'dev', network);
        ip('-n', space(machine), 'link', 'set', network, 'up');
      });
    });
  } catch (error) {
    remove();
    throw error;
  }
  return { inside: (machine) => ['ip', 'netns', 'exec', space(machine)], remove };
};
