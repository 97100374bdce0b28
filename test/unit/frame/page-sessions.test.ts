import { expect, it } from 'vitest';
import { lifetimes, PageSessions } from '../../../main/agent/page-sessions.ts';

const open = () => {
  let now = 1_000;
  const sessions = new PageSessions(() => now);
  return { sessions, pass: (ms: number) => (now += ms) };
};

it('a token works once and for ten minutes', () => {
  const { sessions, pass } = open();
  const [first, second] = [sessions.newToken(), sessions.newToken()];
  expect(sessions.open(first)).not.toBeNull();
  expect(sessions.open(first)).toBeNull();
  pass(lifetimes.tokenMs);
  expect(sessions.open(second)).toBeNull();
  expect(sessions.open('anything')).toBeNull();
});

it('a session ends when nobody uses it, and at the latest after its whole time', () => {
  const { sessions, pass } = open();
  const idle = sessions.open(sessions.newToken())!;
  const busy = sessions.open(sessions.newToken())!;
  expect(sessions.use('other')).toBe(false);
  pass(lifetimes.idleMs - 1);
  expect(sessions.use(busy)).toBe(true);
  pass(1);
  expect(sessions.use(idle)).toBe(false);
  expect(sessions.use(busy)).toBe(true);
  for (let used = 0; used < lifetimes.sessionMs; used += 60_000) {
    pass(60_000);
    sessions.use(busy);
  }
  expect(sessions.use(busy)).toBe(false);
});
