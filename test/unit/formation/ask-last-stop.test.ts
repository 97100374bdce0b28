import { describe, expect, it } from 'vitest';
import { askLastStop } from '../../../main/operations/formation/ask-last-stop.ts';
import type { AskCore } from '../../../main/operations/formation/qualify-lun.ts';
import { failure, type Failure } from '../../../shared/errors/failure.ts';

const { signal } = new AbortController();

/** NODE2 is a peer, whose answer to how it went down is this failure. */
const told = (answer: Failure, server = 'NODE2'): unknown => {
  const ask = (method: string): Promise<unknown> =>
    method === 'peers.list' ? Promise.resolve({ peers: [{ id: 'AB', name: 'NODE2' }] }) : Promise.reject(answer);
  return askLastStop(ask as AskCore)(server, signal);
};

describe('how a server went down, asked there', () => {
  const lost = { effect: 'unknown' } as const;
  it.each([
    ['it is not allowed to be read', failure('ACCESS_DENIED', { what: 'Get-WinEvent' })],
    ['the command is missing there', failure('POWERSHELL_COMMAND_MISSING', { command: 'Get-WinEvent', script: 'x' })],
    ['that Quorate does not know the question', failure('CALL_UNKNOWN_METHOD', { method: 'host.lastStop' })],
    [
      'it answers in a form of another version',
      failure('PEER_ANSWER_UNKNOWN', { server: 'NODE2', version: '2', method: 'host.lastStop', problem: 'x' }),
    ],
  ])('is not asked again where %s', async (_, answer) => {
    expect(await told(answer)).toEqual({ because: answer.message, isFinal: true });
  });

  it.each([
    ['does not answer yet', failure('PEER_NOT_CONNECTED', { name: 'NODE2', reason: 'not reached' })],
    ['lost the connection', failure('CHANNEL_LOST', { peer: 'NODE2', reason: 'x' }, lost)],
    ['has services that still start', failure('WINDOWS_RPC_UNAVAILABLE', { script: 'Get-LastStop', number: 1722 })],
    [
      'failed with what nobody knows',
      failure('POWERSHELL_ERROR_UNKNOWN', { script: 'x', message: 'x', id: 'x', number: 1 }),
    ],
  ])('is asked again where the server %s', async (_, answer) => {
    expect(await told(answer)).toEqual({ because: answer.message, isFinal: false });
  });

  it('is not asked again of a server that is not paired', async () => {
    expect(await told(failure('INTERNAL_BUG', { message: '' }), 'NODE3')).toEqual({
      because: 'no server NODE3 is paired with this one',
      isFinal: true,
    });
  });
});
