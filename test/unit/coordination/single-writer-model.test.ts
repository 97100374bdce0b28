import { describe, expect, it } from 'vitest';
import { answerPromise, beginWriting, free } from '../../../shared/model/promise.ts';
import { explore, rules, type Rules } from '../../support/single-writer-model.ts';

describe('three servers and one disk', () => {
  it('has one writer, whom all others have promised, whatever is lost, late or down', () => {
    const { states, writes, broken } = explore(rules);
    expect(states).toBeGreaterThan(50_000);
    expect(broken).toBeNull();
    // A model in which nobody ever writes would prove nothing.
    expect(writes).toBeGreaterThan(100);
  });

  const mutants: Readonly<Record<string, Partial<Rules>>> = {
    'a server that writes promises all the same': {
      answerPromise: (claim, question, isKept) =>
        answerPromise(claim.kind === 'writing' ? free : claim, question, isKept),
    },
    'a second writer gets the promise too': {
      answerPromise: (claim, question, isKept) =>
        answerPromise(claim.kind === 'promised' && claim.writer !== question.writer ? free : claim, question, isKept),
    },
    'a server that promised begins to write': {
      beginWriting: (claim, go) => beginWriting(claim.kind === 'promised' ? free : claim, go),
    },
    'a promise of an older go serves the new one, and any hand-back ends it': {
      answerPromise: (claim, question, isKept) =>
        answerPromise(claim.kind === 'promised' && claim.writer === question.writer ? free : claim, question, isKept),
      handBack: (claim, { writer }) => (claim.kind === 'promised' && claim.writer === writer ? free : claim),
    },
    'it goes on writing while it hands back': { beginReturning: (claim) => claim },
    'a late answer of an earlier go has it hand back what it writes in': { mayReturnOlder: () => true },
    'one promise is enough': {
      mayWrite: (claim, others, given) =>
        claim.kind === 'writing' && others.some((other) => given.get(other) === claim.go),
    },
  };

  it.each(Object.keys(mutants))('finds it where %s', (name) => {
    expect(explore({ ...rules, ...mutants[name] }).broken).not.toBeNull();
  });
});
