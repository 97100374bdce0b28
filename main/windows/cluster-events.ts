import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import { cleanText } from '../../shared/model/fact.ts';
import type { ClusterEvent, EventLevel } from '../../shared/model/cluster-events.ts';
import type { CallOptions } from '../ports/call.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { clusterReadErrors } from './errors/cluster-errors.ts';

const answerSchema = z.object({
  service: z.enum(['absent', 'present']),
  events: z.array(
    z.object({ at: z.string(), id: z.number(), level: z.number().nullable(), log: z.string(), text: z.string() }),
  ),
});

const levels: Readonly<Record<number, EventLevel>> = { 1: 'critical', 2: 'error', 3: 'warning', 4: 'information' };

/** Reads the events over a script. Throws CLUSTER_FEATURE_MISSING. */
export const readClusterEvents = async (
  runner: Runner,
  minutes: number,
  options?: CallOptions,
): Promise<ClusterEvent[]> => {
  const call = { script: 'Get-ClusterEvent', input: { minutes }, timeoutMs: 180_000 };
  const { service, events } = await readWith(runner, call, answerSchema, { call: options, errors: clusterReadErrors });
  if (service === 'absent') throw failure('CLUSTER_FEATURE_MISSING', { node: 'this server' });
  return events.map(({ level, text, ...event }) => ({
    ...event,
    level: levels[level ?? 0] ?? 'unknown',
    text: cleanText(text),
  }));
};
