import type * as z from 'zod';
import { failure } from '../errors/failure.ts';
import { heartbeatSchema, resiliencySchema } from '../model/cluster.ts';
import { nearestName, nearestNames } from './nearest-name.ts';
import { stateDocumentSchema, type AvailabilityState, type ParsedState, type StateTarget } from './state.ts';
import { problemOf } from '../model/issue-words.ts';

/** Windows compares names without regard to case. */
export const keyOf = (name: string): string => name.toLowerCase();

export const placeText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('') || 'the file';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of each kind of object in a state file, taken from its schema: a misspelt optional field would be ignored without a word. */
const fieldsOf = (() => {
  const { shape } = stateDocumentSchema;
  const node = shape.nodes.element.shape;
  const target = shape.targets.element.options[1].shape;
  return {
    file: Object.keys(shape),
    nodes: Object.keys(node),
    nics: Object.keys(node.nics.unwrap().element.shape),
    witness: Object.keys(shape.witness.unwrap().unwrap().shape),
    targets: Object.keys(target),
    portals: Object.keys(target.portals.unwrap().element.shape),
    vms: Object.keys(shape.vms.element.shape),
    dynamicMemory: Object.keys(shape.vms.element.shape.dynamicMemory.unwrap().shape),
    switches: Object.keys(shape.switches.unwrap().element.shape),
    cluster: Object.keys(shape.cluster.unwrap().shape),
    resiliency: Object.keys(resiliencySchema.shape),
    heartbeat: Object.keys(heartbeatSchema.shape),
    multiSite: Object.keys(shape.multiSite.unwrap().shape),
  };
})();

interface Unknown {
  readonly path: readonly PropertyKey[];
  readonly field: string;
  readonly meant: string | null;
}

const findUnknownFields = (
  value: unknown,
  kind: keyof typeof fieldsOf,
  path: readonly PropertyKey[],
  found: Unknown[],
): void => {
  if (Array.isArray(value)) {
    value.forEach((item, index) => findUnknownFields(item, kind, [...path, index], found));
    return;
  }
  if (!isRecord(value)) return;
  const known = fieldsOf[kind];
  for (const [field, inner] of Object.entries(value)) {
    if (!known.includes(field)) {
      const free = known.filter((one) => !Object.hasOwn(value, one));
      found.push({ path, field, meant: nearestName(field, free) });
    } else if (field !== 'file' && field in fieldsOf)
      findUnknownFields(inner, field as keyof typeof fieldsOf, [...path, field], found);
  }
};

/** A first message for each problem that zod found; the name of the thing is added where the object has one. */
const describeIssue = (document: unknown, issue: z.core.$ZodIssue): string => {
  let at: unknown = document;
  let owner = '';
  for (const part of issue.path) {
    at = isRecord(at) || Array.isArray(at) ? (at as Record<PropertyKey, unknown>)[part] : undefined;
    if (isRecord(at) && typeof at['name'] === 'string') owner = ` (${at['name']})`;
  }
  return problemOf([issue], (path) => `${placeText(path)}${owner}`);
};

export interface StateProblem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

const duplicates = (
  items: readonly { readonly name: string }[],
  what: string,
  field: string,
  problems: StateProblem[],
): void => {
  const first = new Map<string, number>();
  items.forEach(({ name }, index) => {
    const before = first.get(keyOf(name));
    if (before === undefined) first.set(keyOf(name), index);
    else
      problems.push({
        path: [field, index, 'name'],
        text: `the ${what} ${name} is there twice (${field}[${before}] and ${field}[${index}]); names are compared without regard to case`,
      });
  });
};

const unknownName = (
  what: string,
  name: string,
  known: readonly string[],
  path: readonly PropertyKey[],
  who: string,
  problems: StateProblem[],
): void => {
  if (known.some((one) => keyOf(one) === keyOf(name))) return;
  const meant = nearestNames(name, known).slice(0, 3);
  const next =
    meant.length > 0
      ? `did you mean ${meant.join(' or ')}?`
      : known.length === 0
        ? `the file has none`
        : `the file has ${known.slice(0, 5).join(', ')}${known.length > 5 ? ', ...' : ''}`;
  problems.push({ path, text: `${who}${what} ${name} is not in the file; ${next}` });
};

const checkReferences = (state: AvailabilityState): StateProblem[] => {
  const problems: StateProblem[] = [];
  duplicates(state.nodes, 'node', 'nodes', problems);
  duplicates(state.vms, 'virtual machine', 'vms', problems);
  duplicates(state.targets, 'target', 'targets', problems);
  duplicates(state.switches ?? [], 'switch', 'switches', problems);
  const nodes = state.nodes.map((node) => node.name);
  const targets = state.targets.map((target) => target.name);
  const lunsOf = (target: string | undefined): readonly string[] =>
    (target === undefined && state.targets.length === 1
      ? state.targets[0]
      : state.targets.find((one) => keyOf(one.name) === keyOf(target ?? ''))
    )?.luns ?? [];
  state.nodes.forEach((node, index) => {
    if (node.reserveMB > node.memoryMB)
      problems.push({
        path: ['nodes', index, 'reserveMB'],
        text: `node ${node.name} keeps ${node.reserveMB} MB of ${node.memoryMB} MB for itself; the reserve must not be larger than the memory`,
      });
    duplicates(node.nics ?? [], `NIC of ${node.name}`, `nodes[${index}].nics`, problems);
  });
  state.targets.forEach((target, index) => {
    const inTarget = (list: string): string => `targets[${index}].${list}`;
    duplicates(
      (target.portals ?? []).map(({ address }) => ({ name: address })),
      `portal of ${target.name}`,
      inTarget('portals'),
      problems,
    );
    duplicates(
      (target.luns ?? []).map((lun) => ({ name: lun })),
      `LUN of ${target.name}`,
      inTarget('luns'),
      problems,
    );
    if (target.mirrorOf === undefined) return;
    const path = ['targets', index, 'mirrorOf'];
    unknownName('target', target.mirrorOf, targets, path, `target ${target.name} is a mirror: `, problems);
    if (keyOf(target.mirrorOf) === keyOf(target.name))
      problems.push({ path, text: `target ${target.name} cannot be a mirror of itself; name the other target` });
  });
  const { witness, cluster } = state;
  if (witness?.target !== undefined)
    unknownName('target', witness.target, targets, ['witness', 'target'], 'the witness: ', problems);
  else if (witness?.lun !== undefined && state.targets.length !== 1)
    problems.push({ path: ['witness', 'lun'], text: 'the witness names a LUN but no target; add witness.target' });
  if (witness?.lun !== undefined && lunsOf(witness.target).length > 0)
    unknownName('LUN', witness.lun, lunsOf(witness.target), ['witness', 'lun'], 'the witness: ', problems);
  if (cluster?.lowerQuorumPriorityNode != null)
    unknownName(
      'node',
      cluster.lowerQuorumPriorityNode,
      nodes,
      ['cluster', 'lowerQuorumPriorityNode'],
      'lower quorum priority: ',
      problems,
    );
  const known = new Set(nodes.map(keyOf));
  state.vms.forEach((vm, index) => {
    const who = `virtual machine ${vm.name}: `;
    if (!known.has(keyOf(vm.node))) unknownName('node', vm.node, nodes, ['vms', index, 'node'], who, problems);
    for (const field of ['preferredOwners', 'possibleOwners'] as const)
      (vm[field] ?? []).forEach((owner, at) => {
        if (!known.has(keyOf(owner))) unknownName('node', owner, nodes, ['vms', index, field, at], who, problems);
      });
    if (vm.target !== undefined) unknownName('target', vm.target, targets, ['vms', index, 'target'], who, problems);
    if (vm.lun !== undefined && lunsOf(vm.target).length > 0)
      unknownName('LUN', vm.lun, lunsOf(vm.target), ['vms', index, 'lun'], who, problems);
    const { dynamicMemory } = vm;
    if (dynamicMemory && dynamicMemory.minimumMB > dynamicMemory.startupMB)
      problems.push({
        path: ['vms', index, 'dynamicMemory', 'minimumMB'],
        text: `virtual machine ${vm.name}: the minimum of ${dynamicMemory.minimumMB} MB is above the startup memory of ${dynamicMemory.startupMB} MB`,
      });
  });
  return problems;
};

const joinProblems = (problems: readonly string[]): string =>
  problems.length <= 5 ? problems.join('; ') : `${problems.slice(0, 5).join('; ')}; and ${problems.length - 5} more`;

export const withTargets = (parsed: ParsedState): AvailabilityState => ({
  ...parsed,
  targets: parsed.targets.map((target): StateTarget => (typeof target === 'string' ? { name: target } : target)),
});

/**
 * Reads a state document. What is unknown to this version is told in `notes`; what looks like a misspelt field is refused.
 * @param document parsed JSON
 * @param path what to call it in an error
 * @throws Failure AVAILABILITY_STATE_INVALID naming field and thing, with what was probably meant
 */
export const parseState = (document: unknown, path: string): { state: AvailabilityState; notes: string[] } => {
  const invalid = (problems: readonly string[]): Error =>
    failure('AVAILABILITY_STATE_INVALID', { path, problem: joinProblems(problems) });
  const unknown: Unknown[] = [];
  findUnknownFields(document, 'file', [], unknown);
  const misspelt = unknown
    .filter(({ meant }) => meant !== null)
    .map(
      ({ path: at, field, meant }) => `${placeText([...at, field])}: this field is not known; did you mean ${meant}?`,
    );
  const parsed = stateDocumentSchema.safeParse(document);
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => describeIssue(document, issue));
  if (misspelt.length + wrong.length > 0) throw invalid([...misspelt, ...wrong]);
  const state = withTargets(parsed.data as ParsedState);
  const problems = checkReferences(state);
  if (problems.length > 0) throw invalid(problems.map(({ path: at, text }) => `${placeText(at)}: ${text}`));
  return {
    state,
    notes: unknown.map(
      ({ path: at, field }) => `The field ${placeText([...at, field])} is not known and was not used.`,
    ),
  };
};
