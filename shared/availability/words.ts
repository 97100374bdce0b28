import type { Assessment, Cause, Touched } from './assess.ts';
import type { QuorumResult } from './chain.ts';
import { elementKindWords, type Element } from './elements.ts';
import type { Model, ModelVm } from './model.ts';
import type { Grade } from './grades.ts';

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** A number as it is said: words up to twelve. */
export const count = (number: number): string => small[number] ?? String(number);

export const machines = (number: number): string => `${count(number)} virtual machine${number === 1 ? '' : 's'}`;

export const join = (names: readonly string[], last: 'and' | 'or' = 'and'): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;

/** At most so many names, the rest as a number. */
export const someOf = (names: readonly string[], most = 5): string =>
  names.length <= most ? join(names) : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;

/** With a capital letter to begin with; iSCSI stays as it is. */
export const capital = (text: string): string =>
  /^i[A-Z]/.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

export const memoryText = (megabytes: number): string => {
  if (megabytes < 1024) return `${megabytes} MB`;
  const gigabytes = megabytes / 1024;
  return `${Number.isInteger(gigabytes) ? gigabytes : gigabytes.toFixed(1)} GiB`;
};

/** An element in a sentence: `node HV01`, `NIC Ethernet 2 of HV01`. */
export const elementText = ({ kind, name, owner }: Element): string => {
  if (kind === 'witness') return `the ${name === 'share' ? 'file share' : name} witness`;
  const word = kind === 'nic' || kind === 'lun' ? elementKindWords[kind] : kind === 'path' ? 'iSCSI path' : kind;
  return `${word} ${name}${owner === null ? '' : ` of ${owner}`}`;
};

export const unnamedSite = 'this site';

/** The id of an element as it is said: `node HV01` for `node:HV01`, `NIC Ethernet 2 of HV01` for `nic:HV01/Ethernet 2`. */
export const elementName = (id: string): string => {
  const [, kind = id, rest = ''] = /^([a-z]+):(.+)$/.exec(id) ?? [];
  // Where no site was named, the one that is there has this name.
  if (kind === 'site' && rest === unnamedSite) return rest;
  if (rest === '') return kind === 'witness' ? 'the witness' : id;
  const [, owner = null, own = rest] = ['nic', 'portal', 'lun', 'path'].includes(kind)
    ? (/^([^/]+)\/(.+)$/.exec(rest) ?? [])
    : [];
  if (kind === 'path') {
    const [nic = '', portal = ''] = own.split('>');
    return `iSCSI path from ${nic} of ${owner ?? ''} to ${portal}`;
  }
  const word = kind === 'nic' || kind === 'lun' ? elementKindWords[kind] : kind === 'power' ? 'power feed' : kind;
  return `${word} ${own}${owner === null ? '' : ` of ${owner}`}`;
};

/** `2 of 3 votes are left`. */
export const votesLeft = (have: number, of: number): string =>
  `${have} of ${of} vote${of === 1 ? '' : 's'} ${have === 1 || of === 1 ? 'is' : 'are'} left`;

export const quorumText = (quorum: QuorumResult): string => {
  const { verdict, have, of, cases, witness, isSplit } = quorum;
  const needed = Math.floor(of / 2) + 1;
  const witnessPart =
    witness === 'lost'
      ? ' The witness is lost.'
      : witness === 'maybeLost'
        ? ' Whether the witness is lost too is not known: the state does not say what it lies on.'
        : witness === 'unknown'
          ? ' The state does not say whether there is a witness.'
          : '';
  const split = isSplit
    ? ' The nodes no longer hear each other, and which side gets the witness first cannot be predicted.'
    : '';
  if (verdict === 'kept')
    return `${capital(votesLeft(have, of))}; ${needed} ${needed === 1 ? 'is' : 'are'} needed.${witnessPart}${split}`;
  if (verdict === 'lost')
    return `${votesLeft(have, of)}; ${needed} ${needed === 1 ? 'is' : 'are'} needed, so the cluster stops.${witnessPart}`;
  const chance =
    cases.of > 1
      ? ` To break a tie, one node has no vote, and which one cannot be predicted: the cluster goes on in ${cases.kept} of ${cases.of} cases.`
      : '';
  return `At worst ${votesLeft(have, of)}; ${needed} ${needed === 1 ? 'is' : 'are'} needed.${chance}${witnessPart}${split}`;
};

/** What each cause means for one virtual machine, as a sentence. */
export const causeText = (model: Model, assessment: Assessment, { vm: index, cause, nodes }: Touched): string => {
  const vm = model.vms[index] as ModelVm;
  const node = model.nodes[vm.node]?.name ?? '';
  const target = model.targets[vm.target]?.name ?? '';
  const names = nodes.map((one) => model.nodes[one]?.name ?? '');
  const texts: Readonly<Record<Cause, () => string>> = {
    untouched: () => `${node} keeps running.`,
    restarts: () =>
      names.length === 1
        ? `${names[0]} has room for it in every order of restarts.`
        : `In every order of restarts one of ${count(names.length)} nodes has room for it.`,
    quorumLost: () => 'The cluster loses quorum and stops.',
    quorumDepends: () => 'Whether the cluster keeps quorum cannot be predicted.',
    noAutoStart: () => `Its priority is No Auto Start: it is not started after ${node} is lost.`,
    storageLost: () => `Its disks${target ? ` on ${target}` : ''} cannot be reached by any node that is left.`,
    storageNotKnown: () => 'The state does not say which target holds its disks.',
    lunNotKnown: () => `The state does not say which LUN of ${target} holds its disks.`,
    noPossibleOwner: () =>
      vm.possible?.length === 0
        ? 'No node is a possible owner of it.'
        : `None of its possible owners is left (${join(vm.possible?.map((one) => model.nodes[one]?.name ?? '') ?? [])}).`,
    antiAffinity: () =>
      'Every node that is left runs a virtual machine of the same anti-affinity class, and the class is enforced.',
    noNodeLargeEnough: () => {
      const most = Math.max(0, ...Array.from(assessment.placement?.input.free ?? []));
      return `It needs ${memoryText(vm.memoryMB)}; the most that any node it may run on has free is ${memoryText(
        largestRoomFor(assessment, index) ?? most,
      )}.`;
    },
    roomTakenBefore: () => 'Virtual machines that come first take the memory that it would need.',
    orderDecides: () =>
      'The memory does not hold all virtual machines that have to restart; the order of restarts decides which of them stay down.',
    notDecided: () =>
      'The memory may be too little for some order of restarts; there are too many orders to try them all.',
    roomNotKnown: () => `The memory of ${join(names)} was not read: whether it finds room there is not known.`,
    nodeNotKnown: () => 'Whether its node stays in the cluster is not known.',
    ownPathLost: () =>
      `${node} loses its last path to the disks: a Cluster Shared Volume goes on by way of another node, another disk fails over.`,
    clientsCut: () =>
      `${node} loses its last production network adapter: the virtual machine runs, but clients reach it only after a move to another node.`,
  };
  return texts[cause]();
};

const largestRoomFor = ({ placement }: Assessment, vm: number): number | null => {
  const at = placement?.vms.indexOf(vm) ?? -1;
  const comer = placement?.input.comers[at];
  if (!placement || !comer) return null;
  const rooms = Array.from(placement.input.free).filter(
    (free, node) => free >= 0 && (comer.nodes === null || comer.nodes.includes(node)),
  );
  return rooms.length === 0 ? null : Math.max(...rooms);
};

/** What a loss stops, in a word or two. */
export const gradeWords: Readonly<Record<Grade, string>> = {
  cluster: 'the cluster',
  machines: 'virtual machines',
  open: 'cannot be predicted',
  interruption: 'a restart',
  none: 'nothing',
};

export const judgementWords: Readonly<
  Record<'worthIt' | 'noEffect' | 'present' | 'notApplicable' | 'notKnown', string>
> = {
  worthIt: 'worth it',
  noEffect: 'no effect here',
  present: 'is there',
  notApplicable: 'not applicable',
  notKnown: 'not known',
};
