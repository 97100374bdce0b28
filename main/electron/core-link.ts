import { app } from 'electron';
import type { Activity } from '../../shared/contract/core.ts';
import { failure, toEnvelope } from '../../shared/errors/failure.ts';
import { takeCoreLock, type CoreLock } from '../agent/core-lock.ts';
import type { TakenCore } from '../agent/core-process.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { watchForCrashes } from './crash.ts';
import type { HeadStart } from './head-start.ts';

/** The core that this window shows: its own, or the one that another process runs, and its own again once that has ended. */
export interface ShownCore {
  readonly core: CoreApi;
  /** What runs in it; nothing while there is none. */
  readonly running: () => Promise<Activity[]>;
  readonly watch: (watcher: (activity: Activity) => void) => () => void;
  /** Tells false when the core of another process has ended, and true when there is one again. */
  readonly watchLink: (watcher: (isThere: boolean) => void) => void;
  readonly close: () => Promise<void>;
}

type Running = NonNullable<TakenCore['running']>;
type Own = NonNullable<TakenCore['own']>;

/** How long an agent may take to be started again before this window becomes the core, in milliseconds: whoever runs one wants it to listen as it did. */
const agentPatienceMs = 15_000;

/** After how long it is looked for a core again where none was found, in milliseconds. */
const lookAgainMs = 5_000;

interface Link {
  readonly core: CoreApi;
  readonly running: () => Promise<Activity[]>;
  readonly close: () => Promise<void>;
  /** Told once it is gone, at once where it is gone already, with how long another process may take to have it; an own core is never gone. */
  readonly onGone: (gone: (patienceMs: number) => void) => void;
}

const listRunning = async (core: CoreApi): Promise<Activity[]> => {
  const outcome = await core.call('activity.list', {}, { caller: { kind: 'ui' } });
  return outcome.ok ? (outcome.result as Activity[]).filter((activity) => activity.state === 'running') : [];
};

/** Takes the core of a data folder into this process, or follows the one that an agent or a command runs. */
export const takeCore = async (dataFolder: string, show: () => boolean, check: HeadStart): Promise<ShownCore> => {
  // The claim alone says whose answers count. The core itself is a tenth of a second's work for the process that also hands the page its files, and
  // is loaded when the page has what it shows first.
  const claim = await takeCoreLock(dataFolder);
  if (claim) {
    check.settle(true);
    await check.answered();
  }
  const { compileNoSchemas } = await import('./schemas.ts');
  compileNoSchemas();
  const { isOfCommand, openCore } = await import('../agent/core-process.ts');
  const open = (patienceMs = 0, held: CoreLock | null = null): Promise<TakenCore> =>
    openCore({ dataFolder, host: 'window', onStop: () => app.quit() }, { onShow: show }, patienceMs, held);

  const watchers = new Set<(activity: Activity) => void>();
  /** What runs in a core of another process: it is told as failed where that one ends without a word. */
  const followed = new Map<string, Activity>();
  const tell = (activity: Activity): void => {
    for (const watcher of watchers) watcher(activity);
  };
  let tellLink: (isThere: boolean) => void = () => undefined;
  let isClosing = false;

  const linkOwn = (own: Own): Link => {
    watchForCrashes(own.log, own.logFile);
    own.core.activities.watch(tell);
    return {
      core: own.core,
      running: async () => own.core.activities.running(),
      close: () => own.close(),
      onGone: () => undefined,
    };
  };
  const linkOther = async (running: Running): Promise<Link> => {
    const patienceMs = (await isOfCommand(running)) ? 0 : agentPatienceMs;
    running.watch((activity) => {
      if (activity.state === 'running') followed.set(activity.id, activity);
      else followed.delete(activity.id);
      tell(activity);
    });
    for (const activity of await listRunning(running)) followed.set(activity.id, activity);
    return {
      core: running,
      running: () => listRunning(running),
      close: async () => running.close(),
      onGone: (gone) =>
        running.onClose(() => {
          const endedAt = new Date().toISOString();
          for (const activity of followed.values()) {
            const error = toEnvelope(failure('CORE_CONNECTION_LOST', { method: activity.method }));
            tell({ ...activity, state: 'failed', endedAt, error });
          }
          followed.clear();
          gone(patienceMs);
        }),
    };
  };
  /** Null while another core is looked for. */
  let linked: Link | null = null;
  let link: Promise<Link>;
  const follow = (found: Link): Link => {
    linked = found;
    found.onGone((patienceMs) => {
      if (!isClosing) link = relink(patienceMs);
    });
    return found;
  };
  const relink = (patienceMs = 0): Promise<Link> => {
    linked = null;
    tellLink(false);
    const next = open(patienceMs)
      .then(({ own, running }) => (own ? linkOwn(own) : linkOther(running)))
      .then((found) => {
        tellLink(true);
        return follow(found);
      });
    // Told to whoever calls; a page that asks for nothing waits for a core as well.
    next.catch(() => {
      const again = setTimeout(() => {
        if (link === next && !isClosing) link = relink();
      }, lookAgainMs);
      again.unref();
    });
    return next;
  };

  const { own, running } = await open(0, claim);
  check.settle(own !== null);
  // One that ends just now shows nothing.
  if (!own && (await running.show().catch(() => false))) app.exit(0);
  if (own) check.logTo(own.log);
  const first = own ? linkOwn(own) : await linkOther(running);
  link = Promise.resolve(first);
  follow(first);

  return {
    core: {
      call: async (method, input, options) => {
        const current = link;
        try {
          return await (await current).core.call(method, input, options);
        } catch (error) {
          // Somebody else holds the claim and does not answer: the next call tries again.
          if (link === current) link = relink();
          return { ok: false, error: toEnvelope(error) };
        }
      },
    },
    // A window that is closed while a core is looked for has nothing to stay for.
    running: async () => (await linked?.running()) ?? [],
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    watchLink: (watcher) => {
      tellLink = watcher;
    },
    close: async () => {
      isClosing = true;
      await linked?.close();
    },
  };
};
