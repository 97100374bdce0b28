import * as z from 'zod';
import { outcomes } from '../../model/outcome.ts';

/**
 * How far a part of a server is: the one definition of "done" for the window's list of stages, its pages and the command line.
 * `pass` means that planning what is wanted again would change nothing and that all of it could be read. Nothing that a planner
 * would still change, and nothing that was not read, is ever a pass.
 */
export const standingSchema = z.object({
  outcome: z.enum(outcomes),
  /** In two or three words, for a list. */
  word: z.string(),
  /** As one or two sentences, with what is missing. */
  text: z.string(),
});
export type Standing = z.infer<typeof standingSchema>;

/** `A`, `A and B`, `A, B and C`. */
export const listOf = (words: readonly string[], last: 'and' | 'or' = 'and'): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

export const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `One ${one}` : `${count} ${many}`;

const urgency = ['fail', 'unknown', 'warn', 'pass', 'notApplicable'] as const;

/** Paths and disks together: what needs a person first, and both sentences where both are well. */
export const storageStanding = (connections: Standing | null, disks: Standing | null): Standing => {
  if (!connections || !disks)
    return { outcome: 'unknown', word: 'Unknown', text: 'A part of the storage could not be read.' };
  if (connections.outcome === 'pass' && disks.outcome === 'pass')
    return { outcome: 'pass', word: disks.word, text: `${connections.text} ${disks.text}` };
  return urgency.indexOf(connections.outcome) <= urgency.indexOf(disks.outcome) ? connections : disks;
};
