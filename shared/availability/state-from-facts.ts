import { failure } from '../errors/failure.ts';
import type { HostFacts, NicFacts } from '../model/facts.ts';
import { serverOfVersion } from '../rules/os-profiles.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, StateNode } from './state.ts';
import { someOf } from './words.ts';

/**
 * What a host is taken to keep for itself where nobody said: 2 GB and a thirty-second of its memory. An assumption that the
 * notes state; Microsoft gives no one number.
 */
export const assumedReserveMB = (memoryMB: number): number => Math.min(memoryMB, 2048 + Math.round(memoryMB / 32));

const isPort = ({ kind }: NicFacts): boolean => !kind.known || kind.value === 'ethernet';

export interface FactsFile {
  readonly path: string;
  readonly facts: HostFacts;
}

const nodeOf = ({ path, facts }: FactsFile): StateNode => {
  const { name } = facts.machine;
  if (!name.known) throw failure('AVAILABILITY_FACTS_WITHOUT_NAME', { path });
  const memory = facts.memory.visibleBytes.known ? facts.memory.visibleBytes : facts.memory.installedBytes;
  if (!memory.known)
    throw failure('AVAILABILITY_FACTS_WITHOUT_MEMORY', { server: name.value, because: memory.because });
  const memoryMB = Number(BigInt(memory.value) / (1024n * 1024n));
  return {
    name: name.value,
    memoryMB,
    reserveMB: assumedReserveMB(memoryMB),
    ...(facts.nics.known
      ? { nics: facts.nics.value.filter(isPort).map((nic) => ({ name: nic.name, role: null, switch: null })) }
      : {}),
  };
};

/**
 * A state of servers whose facts were exported. Facts hold servers, memory and NICs; witness, storage and virtual machines are not in
 * them and stay unknown.
 * @throws Failure AVAILABILITY_FACTS_*
 */
export const stateFromFacts = (files: readonly FactsFile[]): { state: AvailabilityState; notes: string[] } => {
  const nodes = files.map(nodeOf);
  nodes.forEach((node, index) => {
    const first = nodes.findIndex((other) => keyOf(other.name) === keyOf(node.name));
    if (first !== index)
      throw failure('AVAILABILITY_FACTS_TWICE', {
        server: node.name,
        files: `${files[first]?.path ?? ''}, ${files[index]?.path ?? ''}`,
      });
  });
  const releases = new Set(
    files.map(({ facts: { os } }) =>
      os.version.known ? serverOfVersion(os.version.value, os.build.known ? os.build.value : undefined) : null,
    ),
  );
  const [release] = releases;
  return {
    state: {
      nodes,
      targets: [],
      vms: [],
      ...(releases.size === 1 && release ? { cluster: { operatingSystem: release } } : {}),
    },
    notes: [
      'Facts of servers hold memory and network adapters, but neither the witness nor storage nor virtual machines: add those to a state file and give it with --state.',
      `The host reserve is assumed (2 GiB and 1/32 of the memory): ${someOf(
        nodes.map(({ name, reserveMB }) => `${name} ${reserveMB} MB`),
      )}.`,
      ...(releases.size > 1
        ? ['The servers run different releases of Windows Server, or some of them are not known.']
        : []),
      ...files.flatMap(({ facts }) => facts.notes),
    ],
  };
};
