import { questionId, type FollowUp, type QuestionKind } from '../../shared/plan/plan.ts';

/*
 * Version 1 knew one server: its records do not name it, ids of steps are without it, questions are pairs, and what follows is a
 * sentence. Files of it are read as version 2; nothing in them is rewritten, and what is added to them is version 2.
 */

type Raw = Readonly<Record<string, unknown>>;

const isRaw = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The three sentences of version 1 that a plan could end with begin or end so; anything else waited for a restart. */
const followUpOf = (more: unknown): FollowUp | null => {
  if (typeof more !== 'string') return null;
  const waitsFor = more.startsWith('Quorate looks at what is on')
    ? 'diskOnline'
    : more.startsWith('Quorate reads the initiator again')
      ? 'service'
      : 'restart';
  return { waitsFor, text: more };
};

const idOn = (node: string, id: unknown): string => `${node}/${text(id)}`;

const stepOf = (step: unknown): unknown => {
  if (!isRaw(step)) return step;
  const { id, node, requires, action, undoActions, asks, ...rest } = step;
  const name = text(node);
  return {
    ...rest,
    id: idOn(name, id),
    node,
    requires: Array.isArray(requires) ? requires.map((one) => idOn(name, one)) : requires,
    locks: [],
    certainty: 'planned',
    change: action,
    undoChanges: undoActions,
    questions: Array.isArray(asks)
      ? asks.map((ask: Raw) => questionId(name, ask['kind'] as QuestionKind, text(ask['subject'])))
      : [],
  };
};

/** Did version 1 write this record? Version 2 says in every record who asked for it. */
const isVersion1 = (record: Raw): boolean => record['by'] === undefined && (record['version'] ?? 1) === 1;

/** A record as version 2 writes it; `node` is the server of the file's beginning. Anything but version 1 comes back as it is. */
export const fromVersion1 = (record: unknown, node: string | null): unknown => {
  if (!isRaw(record) || !isVersion1(record)) return record;
  const { more, host, steps, step, ...rest } = record;
  const server = record['type'] === 'begin' ? text(record['node']) : (node ?? '');
  return {
    ...rest,
    node: server,
    by: 'unknown',
    ...(step === undefined ? {} : { step: idOn(server, step) }),
    ...(Array.isArray(steps) ? { steps: steps.map(stepOf), followUp: followUpOf(more) } : {}),
    ...(record['type'] === 'begin'
      ? { version: 2, kind: 'change', parent: null, coordinator: null, epoch: null, nodes: [server], server: host }
      : {}),
  };
};
