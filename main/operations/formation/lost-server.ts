import type { Failure } from '../../../shared/errors/failure.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import { isTold } from './ask-servers.ts';

/** With these a question is lost on the way, or its answer; that work was cancelled says who ends in order, before it goes. */
const lostCodes: readonly string[] = [
  'CHANNEL_LOST',
  'CHANNEL_TIMEOUT',
  'PEER_UNREACHABLE',
  'PEER_NOT_CONNECTED',
  'CANCELLED',
];

/** Did the connection to a server break, so that nobody knows what became of what it was asked? */
export const isLost = (error: unknown, signal: AbortSignal): error is Failure =>
  isTold(error, signal) && lostCodes.includes(error.code);

/** Did the server go with the restart that it was told to do, so that nobody there could answer any more? */
export const isAway = (error: unknown, { restart, check }: FormationStep, signal: AbortSignal): error is Failure =>
  restart === 'now' &&
  (check === null || check === 'drill.restartServer') &&
  isTold(error, signal) &&
  error.effect !== 'none' &&
  [...lostCodes, 'HOST_UNREACHABLE'].includes(error.code);

/** Long enough for Quorate to be started again, or for a cable to be put back; a person at the console does not wait for ever. */
export const defaultLostMs = 60_000;

/** What is told while a server is waited for. */
export const awaiting = (server: string): string => `Waiting until Quorate answers on ${server} again`;
