import { expect } from 'vitest';
import type { TestTarget } from './embedded-target.ts';

export const nodeName = 'iqn.1991-05.com.microsoft:node1.example';
/** 16 bytes, the most that the initiator of Windows takes: a longer one is told on stderr. */
export const chap = { user: 'node1', secret: 'secret-of-node-1' };
export const arrayChap = { user: 'array', secret: 'secret-of-array1' };

export const portalOf = (target: TestTarget, at = 0): string => {
  const portal = target.portals[at];
  if (!portal) throw new Error(`the target has no portal ${at}`);
  return `${portal.host}:${portal.port}`;
};

/** Sessions that are open at the target. */
export const openSessions = (target: TestTarget): number =>
  target.events.reduce((open, { kind }) => open + (kind === 'login' ? 1 : kind === 'sessionEnded' ? -1 : 0), 0);

/** Keys that are registered on a LUN. */
export const keysOf = (target: TestTarget, lun = 1): bigint[] =>
  (target.store.get(lun)?.reservations.registrations ?? []).map(({ key }) => key);

/** Neither a key, nor a reservation, nor a session of anybody. */
export const expectNothingLeft = async (target: TestTarget): Promise<void> => {
  await expect.poll(() => openSessions(target)).toBe(0);
  for (const lun of target.store.luns) {
    expect(keysOf(target, lun)).toEqual([]);
    expect(target.store.get(lun)?.reservations.reservation ?? null).toBeNull();
  }
};

/** What a person reads when something was wrong: a sentence with the thing in it, the next step, and no stack trace. */
export const expectPlainFailure = (err: string, named: readonly string[]): void => {
  for (const one of named) expect(err).toContain(one);
  expect(err).not.toMatch(/^\s+at /m);
  expect(err).not.toMatch(/INTERNAL_BUG|undefined|\[object/);
  expect(err.trim().split('\n').length).toBeGreaterThanOrEqual(2);
};
