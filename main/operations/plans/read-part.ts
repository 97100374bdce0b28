import { Failure } from '../../../shared/errors/failure.ts';
import type { Server } from './server.ts';

/** A part that was read, or why it was not. Only failures count: a bug and a cancellation go on. */
export type Read<T> =
  | { readonly value: T; readonly because: null }
  | { readonly value: null; readonly because: string };

/** Reads one part of many: its failure makes that part unknown and leaves the others. */
export const readPart = async <T>(read: () => Promise<T>): Promise<Read<T>> => {
  try {
    return { value: await read(), because: null };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.code === 'INTERNAL_BUG') throw error;
    return { value: null, because: `${error.message} [${error.code}]` };
  }
};

/** The reasons of the parts that were not read, by their names. */
export const reasons = (parts: Readonly<Record<string, Read<unknown>>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, part]) => (part.because === null ? [] : [[name, part.because]])),
  );

/** The computer name, for texts. */
export const readNode = async ({ ports }: Server, signal?: AbortSignal): Promise<string> =>
  (await ports.host.readState(signal ? { signal } : {})).computerName;
