import { setMaxListeners } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Progress } from '../../../shared/contract/define.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { MadeDisks } from '../../../shared/model/cluster-file-storage-host.ts';
import type { AbsentServer, FormationStep, ServerPlan } from '../../../shared/model/formation.ts';
import type { TakenStep } from '../../coordination/executor.ts';

/** One server of a formation as the coordinator reaches it: its own core, near or far. */
export interface FormationServer {
  /** Its name in the cluster file. */
  readonly name: string;
  /** `made`: what the storage host told of its disks, where the file has one. */
  look(signal: AbortSignal, made: MadeDisks): Promise<ServerPlan>;
  /** The same with the PowerShell of each step, for people to read; nothing is remembered of it. */
  lookWithScripts?(signal: AbortSignal, made: MadeDisks): Promise<ServerPlan>;
  /** Whether a person at that server agreed to what it last planned. */
  consent?(signal: AbortSignal): Promise<'given' | 'needed' | 'refused'>;
  /** `tell`: what the step does at this moment. */
  take(step: FormationStep, signal: AbortSignal, tell: (progress: Progress) => void): Promise<TakenStep>;
  /** Answers with what a person has to know at once of how the server was left; null: nothing. */
  readonly leave: (state: 'done' | 'failed' | 'cancelled') => Promise<string | null>;
}

interface Seen {
  readonly plans: ServerPlan[];
  readonly absent: AbsentServer[];
}

/** What a server says for itself, and no cancellation of ours: one that ends in order cancels what it was asked. */
export const isTold = (error: unknown, { aborted }: AbortSignal): error is Failure =>
  error instanceof Failure && error.code !== 'INTERNAL_BUG' && !(error.code === 'CANCELLED' && aborted);

const lookOnce = async (servers: readonly FormationServer[], made: MadeDisks, signal: AbortSignal): Promise<Seen> => {
  // Every server's call listens while it is under way; there are up to 64.
  setMaxListeners(0, signal);
  const plans: ServerPlan[] = [];
  const absent: AbsentServer[] = [];
  const answers = await Promise.all(
    servers.map(async (server) => {
      try {
        return { server, plan: await server.look(signal, made) };
      } catch (error) {
        if (!isTold(error, signal)) throw error;
        return { server, error };
      }
    }),
  );
  for (const { server, plan, error } of answers)
    if (plan) plans.push(plan);
    else absent.push({ server: server.name, because: error.message, next: error.next });
  return { plans, absent };
};

/** What the storage host of the file offers now; nobody else is believed about it. */
const madeBy = ({ storageHost }: ClusterFile, { plans }: Seen, before: MadeDisks): MadeDisks => {
  const offered = plans.find(({ server }) => server === storageHost?.server.name)?.offered;
  return offered
    ? Object.fromEntries(offered.map(({ disk, serial }) => [disk.toLowerCase(), serial] as const))
    : before;
};

/**
 * Asks every server what it plans. One that cannot be asked is named, and the others are asked all the same. Where the storage host tells of
 * disks that the others did not know when they were asked, they are asked again.
 */
export const lookAtAll = async (
  file: ClusterFile,
  servers: readonly FormationServer[],
  known: MadeDisks,
  signal: AbortSignal,
): Promise<Seen & { readonly made: MadeDisks }> => {
  const seen = await lookOnce(servers, known, signal);
  const made = madeBy(file, seen, known);
  if (isDeepStrictEqual(made, known)) return { ...seen, made };
  const host = file.storageHost?.server.name;
  const again = await lookOnce(
    servers.filter(({ name }) => name !== host),
    made,
    signal,
  );
  return {
    plans: [...again.plans, ...seen.plans.filter(({ server }) => server === host)],
    absent: [...again.absent, ...seen.absent.filter(({ server }) => server === host)],
    made,
  };
};
