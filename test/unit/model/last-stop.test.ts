import { describe, expect, it } from 'vitest';
import { judgeLastStop, type StopEvent } from '../../../shared/model/last-stop.ts';

const day = '2026-01-05T';
const at = (time: string, id: number): StopEvent => ({ id, provider: `provider of ${id}`, at: `${day}${time}Z` });
const booted = `${day}12:00:00Z`;

describe('how Windows went down, by its log with the newest first', () => {
  it.each([
    ['it was told to shut down', 'inOrder', 13, [at('11:57:01', 13), at('11:57:00', 1074)]],
    [
      'it lost its power, after a shutdown long before',
      'unexpectedly',
      6008,
      [at('12:00:09', 6008), at('12:00:03', 41), at('08:00:00', 13)],
    ],
    [
      'it was told to, after it had lost its power',
      'inOrder',
      13,
      [at('11:57:01', 13), at('09:00:03', 41), at('08:00:00', 13)],
    ],
    ['it is told to only now', 'unexpectedly', 41, [at('14:00:00', 1074), at('12:00:03', 41), at('08:00:00', 13)]],
    ['the power went while it shut down', 'unexpectedly', 41, [at('12:00:03', 41), at('11:57:00', 1074)]],
    ['its clock was an hour late when it started', 'unexpectedly', 41, [at('11:00:03', 41), at('11:50:00', 1074)]],
    ['its clock was two minutes late when it started', 'unexpectedly', 41, [at('11:58:03', 41), at('08:00:00', 13)]],
  ] as const)('%s', (_case, how, id, events) => {
    expect(judgeLastStop(booted, events)).toMatchObject({ bootedAt: booted, how, event: { id } });
  });

  it('is not known where the log has nothing of it', () => {
    expect(judgeLastStop(booted, [])).toEqual({ bootedAt: booted, how: 'unknown', event: null });
    expect(judgeLastStop(booted, [at('14:00:00', 1074)])).toMatchObject({ how: 'unknown', event: null });
  });
});
