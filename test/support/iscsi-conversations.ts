import { onTestFinished } from 'vitest';
import {
  discover,
  openSession,
  type DiscoverOptions,
  type Discovery,
  type OpenSessionOptions,
  type Session,
} from '../../main/iscsi/index.ts';
import { FakeTarget, type FakeTargetOptions } from './fake-iscsi-target.ts';

export const testInitiator = 'iqn.2026-01.test:initiator';

/** Polls until the condition holds; fails after the time. */
export const until = async (condition: () => boolean, what: string, timeoutMs = 180_000): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A fake target that ends with the test, and finds fault then with an initiator that broke the protocol or left a connection open. */
export const startFakeTarget = async (options: FakeTargetOptions = {}): Promise<FakeTarget> => {
  const target = await FakeTarget.start(options);
  onTestFinished(async () => {
    try {
      await until(() => target.openConnections === 0, 'the initiator ends all its connections');
    } finally {
      await target.stop();
    }
    if (target.violations.length > 0)
      throw new Error(`the initiator broke the protocol: ${target.violations.join('; ')}`);
  });
  return target;
};

export const discoverAt = (target: FakeTarget, more: Partial<DiscoverOptions> = {}): Promise<Discovery> =>
  discover({ portal: target.portal, initiatorName: testInitiator, ...more });

export const openAt = async (target: FakeTarget, more: Partial<OpenSessionOptions> = {}): Promise<Session> => {
  const session = await openSession({
    portal: target.portal,
    target: target.name,
    initiatorName: testInitiator,
    keepAliveMs: 0,
    ...more,
  });
  onTestFinished(() => session.close());
  return session;
};
