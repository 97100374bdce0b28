import { randomBytes } from 'node:crypto';
import type { Activity } from '../../shared/contract/core.ts';
import type { Method, Progress } from '../../shared/contract/define.ts';
import { Failure, toEnvelope } from '../../shared/errors/failure.ts';

type Watcher = (activity: Activity) => void;

const keptAfterEnd = 50;

/** Work that outlives its caller: a window may close and open again and finds it here. */
export class Activities {
  readonly #entries = new Map<string, { activity: Activity; controller: AbortController }>();
  readonly #watchers = new Set<Watcher>();
  /** Whoever shows work of one core and then of the next one must not take one for the other. */
  readonly #prefix = randomBytes(2).toString('hex');
  #nextId = 1;
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Runs work as an activity. It is cancelled by its id only, never because its caller went away. */
  async run<T>(
    method: Method,
    input: unknown,
    begunBy: Pick<Activity, 'server' | 'caller'>,
    work: (signal: AbortSignal, progress: (progress: Progress) => void) => Promise<T>,
    onStart?: (id: string) => void,
  ): Promise<T> {
    const id = `${this.#prefix}-${this.#nextId++}`;
    const controller = new AbortController();
    const entry = {
      controller,
      activity: {
        id,
        method: method.name,
        title: method.title ?? method.name,
        ...begunBy,
        input: withoutSecrets(input),
        state: 'running',
        startedAt: this.#now().toISOString(),
        endedAt: null,
        progress: null,
        error: null,
      } as Activity,
    };
    this.#entries.set(id, entry);
    this.#publish(entry, {});
    onStart?.(id);
    try {
      const result = await work(controller.signal, (progress) => this.#publish(entry, { progress }));
      this.#publish(entry, { state: 'done', endedAt: this.#now().toISOString(), result });
      return result;
    } catch (error) {
      const isCancelled = error instanceof Failure && error.code === 'CANCELLED';
      this.#publish(entry, {
        state: isCancelled ? 'cancelled' : 'failed',
        endedAt: this.#now().toISOString(),
        error: toEnvelope(error),
      });
      throw error;
    } finally {
      this.#forgetOld();
    }
  }

  list(): Activity[] {
    return [...this.#entries.values()].map((entry) => entry.activity);
  }

  running(): Activity[] {
    return this.list().filter((activity) => activity.state === 'running');
  }

  /** True when there was a running activity of this id. */
  cancel(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry?.activity.state !== 'running') return false;
    entry.controller.abort();
    return true;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #publish(entry: { activity: Activity }, change: Partial<Activity>): void {
    entry.activity = { ...entry.activity, ...change };
    for (const watcher of this.#watchers) watcher(entry.activity);
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter((entry) => entry.activity.state !== 'running');
    for (const entry of ended.slice(0, Math.max(0, ended.length - keptAfterEnd)))
      this.#entries.delete(entry.activity.id);
  }
}

/** Inputs are shown in lists and logs: anything whose name says that it is secret is left out. */
export const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      /secret|password|token|credential/i.test(key) && inner != null ? '(hidden)' : withoutSecrets(inner),
    ]),
  );
};
