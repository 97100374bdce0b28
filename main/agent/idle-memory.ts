import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked whether the process is idle, in milliseconds. */
const lookEveryMs = 2_000;
/** At least so long between what is given back and the next time, in milliseconds. */
const pauseMs = 15_000;
/** So many bytes more than after the last time are worth another. */
const worthBytes = 3 << 20;
/** A process that took less than this share of a processor is idle. */
const idleShare = 0.05;
/** V8 makes the space of young objects smaller at a collection before which little was allocated: that is the second one. */
const collections = 2;

/** The collector of this process; null where V8's flags may be fixed once it runs, as in Electron. */
const findCollector = (): (() => void) | null => {
  if (process.versions['electron'] !== undefined) return null;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
};

export interface IdleMemory {
  stop(): void;
}

/**
 * Gives memory back while nothing is to be done. V8 keeps what a busy moment needed (a start, a pairing, a formation) until so much is allocated that it has to
 * collect, which in an agent that mostly waits may be never. A collection takes about a twentieth of a second of processor.
 * @param isIdle whether nobody waits for an answer
 * @param collect collects the whole heap
 */
export const releaseWhenIdle = (isIdle: () => boolean, collect = findCollector()): IdleMemory => {
  let usage = process.cpuUsage();
  let lookedAt = performance.now();
  let gaveAt = -Infinity;
  let keptBytes = 0;
  let left = 0;
  const look = (): void => {
    const { user, system } = process.cpuUsage(usage);
    const now = performance.now();
    const share = (user + system) / 1_000 / (now - lookedAt);
    const mayCollect = share < idleShare && isIdle();
    if (mayCollect && left === 0 && now - gaveAt >= pauseMs && process.memoryUsage.rss() - keptBytes >= worthBytes)
      left = collections;
    if (mayCollect && left > 0) {
      collect?.();
      left -= 1;
      gaveAt = now;
      keptBytes = process.memoryUsage.rss();
    }
    // What the collection itself took is no work.
    usage = process.cpuUsage();
    lookedAt = performance.now();
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
