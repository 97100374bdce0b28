import { onTestFinished } from 'vitest';
import { Faults } from '../../main/rehearsal/faults/index.ts';
import { createLunStore, type LunStore } from '../../main/rehearsal/store/index.ts';
import type { LunOptions } from '../../main/rehearsal/store/lun-store.ts';
import { startEmbeddedTarget, type EmbeddedTarget } from '../../main/rehearsal/target/index.ts';
import type { ChapSettings } from '../../main/rehearsal/target/chap.ts';
import type { EmbeddedTargetOptions } from '../../main/rehearsal/target/target-options.ts';
import type { TargetEvent } from '../../main/rehearsal/target/events.ts';
import { freePort } from './free-port.ts';

/** The target's name unless a test gives another. */
export const testTargetName = 'iqn.2026-01.example.quorate:target';

export interface TestTargetOptions extends Partial<Omit<EmbeddedTargetOptions, 'targets' | 'faults' | 'listen'>> {
  readonly name?: string;
  /** LUN 1 with 64 MiB by default. */
  readonly luns?: readonly LunOptions[];
  /** A store that exists already (a world's, or another target's); then `luns` is not used and nothing closes it. */
  readonly store?: LunStore;
  /** Faults from the start, as on the command line: `vpd83-missing`, `cut:r2t@2`. */
  readonly faults?: readonly string[];
  readonly chap?: ChapSettings;
  readonly admit?: readonly string[];
  readonly maxSessions?: number;
  /** Portals on 127.0.0.1, by portal group tag: `[1]` by default, `[1, 2]` for two portals in two groups. */
  readonly portalGroups?: readonly number[];
  /** Listen at ::1 instead. */
  readonly ipv6?: boolean;
}

export interface TestTarget {
  readonly target: EmbeddedTarget;
  readonly store: LunStore;
  readonly faults: Faults;
  readonly name: string;
  readonly host: string;
  /** The first portal's port. */
  readonly port: number;
  readonly portals: readonly { readonly host: string; readonly port: number; readonly tag: number }[];
  /** Everything that the target reported so far. */
  readonly events: readonly TargetEvent[];
  /** Ends it before the test does. */
  close(): Promise<void>;
}

export const mebibytes = (count: number): bigint => BigInt(count) * 1024n * 1024n;

/**
 * Starts an embedded target on a free loopback port. Called inside a test it closes itself when the test ends; called in a
 * `beforeAll`, pass `closesItself: false` and close it in `afterAll`.
 */
export const startTarget = async (
  options: TestTargetOptions = {},
  { closesItself = true }: { closesItself?: boolean } = {},
): Promise<TestTarget> => {
  const { name = testTargetName, luns, store: given, faults: faultTexts, portalGroups, ipv6, ...rest } = options;
  const { chap, admit, maxSessions, ...server } = rest;
  const store =
    given ??
    (await createLunStore(luns ?? [{ lun: 1, sizeBytes: mebibytes(64), serial: 'QUORATE-TEST-1' }], new Faults()));
  for (const text of faultTexts ?? []) store.faults.add(text);
  const events: TargetEvent[] = [];
  const target = await startEmbeddedTarget({
    ...server,
    listen: await Promise.all(
      (portalGroups ?? [1]).map(async (portalGroupTag) => ({
        host: ipv6 ? '::1' : '127.0.0.1',
        port: await freePort(),
        portalGroupTag,
      })),
    ),
    targets: [
      {
        name,
        store,
        ...(chap ? { chap } : {}),
        ...(admit ? { admit } : {}),
        ...(maxSessions === undefined ? {} : { maxSessions }),
      },
    ],
    onEvent: (event) => {
      events.push(event);
      server.onEvent?.(event);
    },
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await target.close();
      if (!given) await store.close();
    })());
  if (closesItself) onTestFinished(close);
  const [first] = target.portals;
  if (!first) throw new Error('the target listens nowhere');
  return {
    target,
    store,
    faults: store.faults,
    name,
    host: first.host,
    port: first.port,
    portals: target.portals,
    events,
    close,
  };
};
