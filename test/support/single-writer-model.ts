import {
  answerPromise,
  beginReturning,
  beginWriting,
  endReturning,
  free,
  handBack,
  mayReturnOlder,
  mayWrite,
  releaseByHand,
  type DiskClaim,
} from '../../shared/model/promise.ts';

/*
 * Three servers and one disk, every interleaving. Each server may want to write at any time, which is more than two coordinators could
 * order at once; messages are lost, and delivered in any order and however late; servers crash at any moment, lose what is not on their
 * disks, and come back; a person releases a promise where the writer has no power. Never do two of them write at once.
 */

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

/** The rules as the product has them; a mutant replaces one of them. */
export const rules = {
  answerPromise,
  beginReturning,
  beginWriting,
  endReturning,
  handBack,
  mayReturnOlder,
  mayWrite,
  releaseByHand,
};
export type Rules = typeof rules;

interface Server {
  /** On its disk. */
  readonly claim: DiskClaim;
  /** In its memory: who promised since the last step, by the go that was promised. */
  readonly given: Readonly<Partial<Record<Name, string>>>;
  /** In its memory: a step writes at this moment. */
  readonly isWriting: boolean;
  readonly isUp: boolean;
}

/** A question under way. Its answer comes at once or never: nothing that happens in between could make it more dangerous. */
interface Message {
  readonly kind: 'ask' | 'back';
  readonly from: Name;
  readonly to: Name;
  readonly go: string;
}

interface World {
  readonly servers: Readonly<Record<Name, Server>>;
  readonly flying: readonly Message[];
  /** Who has still to be handed its promise back, by the writer's own disk. */
  readonly owed: Readonly<Record<Name, readonly Name[]>>;
  readonly goes: number;
}

const othersOf = (name: Name): readonly Name[] => names.filter((other) => other !== name);

/** Gos at writing in all, and questions under way at once: enough for every mutant of the test to be found. */
const bounds = { goes: 2, flying: 2 };

const start: World = {
  servers: Object.fromEntries(
    names.map((name) => [name, { claim: free, given: {}, isWriting: false, isUp: true }]),
  ) as unknown as World['servers'],
  flying: [],
  owed: { a: [], b: [], c: [] },
  goes: 0,
};

const change = (world: World, name: Name, server: Partial<Server>): World => ({
  ...world,
  servers: { ...world.servers, [name]: { ...world.servers[name], ...server } },
});

const send = (world: World, message: Message): World | null =>
  world.flying.length >= bounds.flying ? null : { ...world, flying: [...world.flying, message] };

const without = (world: World, index: number): World => ({
  ...world,
  flying: world.flying.filter((_, at) => at !== index),
});

/** What a question does where it arrives, and what its answer does where it was asked. */
const deliver = (
  use: Rules,
  world: World,
  { kind, from, to, go }: Message,
  { isKept, isAnswered }: { readonly isKept: boolean; readonly isAnswered: boolean },
): World => {
  const server = world.servers[to];
  const asker = world.servers[from];
  if (!server.isUp) return world;
  if (kind === 'ask') {
    const answer = use.answerPromise(server.claim, { writer: from, go }, isKept);
    const next = change(world, to, { claim: answer.next });
    if (!isAnswered || !asker.isUp) return next;
    // A promise for an older go of the same writer: it hands that one back, because it does not write in it any more.
    if (
      answer.because === 'olderGo' &&
      server.claim.kind === 'promised' &&
      use.mayReturnOlder(asker.claim, go, server.claim.go)
    )
      return send(next, { kind: 'back', from, to, go: server.claim.go }) ?? next;
    return answer.given ? change(next, from, { given: { ...asker.given, [to]: go } }) : next;
  }
  const next = change(world, to, { claim: use.handBack(server.claim, { writer: from, go }) });
  if (!isAnswered || !asker.isUp || asker.claim.kind !== 'returning' || asker.claim.go !== go) return next;
  const owed = world.owed[from].filter((one) => one !== to);
  const taken = { ...next, owed: { ...world.owed, [from]: owed } };
  return owed.length === 0 ? change(taken, from, { claim: use.endReturning(asker.claim, go) }) : taken;
};

const next = (use: Rules, world: World): World[] => {
  const found: (World | null)[] = [];
  for (const [index, message] of world.flying.entries()) {
    const rest = without(world, index);
    // Lost, as in a partition; its answer lost; or delivered to a server whose Windows keeps the disk, or does not.
    found.push(rest, deliver(use, rest, message, { isKept: true, isAnswered: false }));
    found.push(deliver(use, rest, message, { isKept: true, isAnswered: true }));
  }
  for (const name of names) {
    const server = world.servers[name];
    const { claim } = server;
    if (!server.isUp) {
      found.push(change(world, name, { isUp: true }));
      // Only where the writer has no power may a person let go of its promise.
      for (const other of othersOf(name)) {
        const held = world.servers[other];
        if (held.isUp && held.claim.kind === 'promised' && held.claim.writer === name)
          found.push(change(world, other, { claim: use.releaseByHand(held.claim) }));
      }
      continue;
    }
    // A crash: memory is lost. What it sent stays under way, although its process is gone.
    found.push(change(world, name, { isUp: false, given: {}, isWriting: false }));
    if (server.isWriting) {
      found.push(change(world, name, { isWriting: false, given: {} }));
      continue;
    }
    // At first all three are alike: whoever begins first may be called a.
    if (claim.kind !== 'writing' && world.goes < bounds.goes && (world.goes > 0 || name === 'a')) {
      const begun = use.beginWriting(claim, String(world.goes));
      if (begun) found.push({ ...change(world, name, { claim: begun, given: {} }), goes: world.goes + 1 });
    }
    if (claim.kind === 'writing') {
      for (const other of othersOf(name)) found.push(send(world, { kind: 'ask', from: name, to: other, go: claim.go }));
      const given = new Map(Object.entries(server.given));
      if (use.mayWrite(claim, othersOf(name), given)) found.push(change(world, name, { isWriting: true }));
      found.push({
        ...change(world, name, { claim: use.beginReturning(claim), given: {} }),
        owed: { ...world.owed, [name]: othersOf(name) },
      });
    }
    if (claim.kind === 'returning' || (claim.kind === 'writing' && world.owed[name].length > 0))
      for (const other of world.owed[name])
        found.push(send(world, { kind: 'back', from: name, to: other, go: claim.go }));
  }
  return found.filter((one) => one !== null);
};

/** The same world whatever the order of its messages. */
const keyOf = ({ servers, flying, owed, goes }: World): string =>
  [
    ...names.map((name) => {
      const { claim, given, isWriting, isUp } = servers[name];
      const words = claim.kind === 'free' ? '' : claim.kind === 'promised' ? claim.writer + claim.go : claim.go;
      return `${claim.kind[0]}${words}|${names.map((other) => given[other] ?? '').join(',')}|${isWriting}${isUp}|${owed[name].join('')}`;
    }),
    flying.map(({ kind, from, to, go }) => `${kind}${from}${to}${go}`).sort(),
    goes,
  ].join(';');

/** Stronger than "no two write": the writer stands as one, and everybody else has promised it, on its own disk. */
const isAlone = ({ servers }: World, writer: Name): boolean =>
  servers[writer].claim.kind === 'writing' &&
  othersOf(writer).every((other) => {
    const { claim, isWriting } = servers[other];
    return !isWriting && claim.kind === 'promised' && claim.writer === writer;
  });

interface Explored {
  readonly states: number;
  readonly writes: number;
  /** The first world in which a writer is not alone. */
  readonly broken: World | null;
}

export const explore = (use: Rules, mostStates = 3_000_000): Explored => {
  const seen = new Set([keyOf(start)]);
  let edge = [start];
  let writes = 0;
  while (edge.length > 0) {
    const further: World[] = [];
    for (const world of edge)
      for (const one of next(use, world)) {
        const key = keyOf(one);
        if (seen.has(key)) continue;
        seen.add(key);
        const writing = names.filter((name) => one.servers[name].isWriting);
        if (writing.length > 0) writes += 1;
        if (!writing.every((name) => isAlone(one, name))) return { states: seen.size, writes, broken: one };
        further.push(one);
      }
    edge = further;
    if (seen.size > mostStates) throw new Error(`more than ${mostStates} states`);
  }
  return { states: seen.size, writes, broken: null };
};
