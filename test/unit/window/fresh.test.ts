import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { markStale, setStageState, useStageStates } from '../../../renderer/ui/stage-states.ts';
import { createReadings } from '../../../renderer/ui/reading.ts';
import { keepFresh } from '../../../renderer/app/keep-fresh.ts';
import { journalReadings } from '../../../renderer/features/history/store.ts';
import { useNavigation } from '../../../renderer/ui/navigation.ts';
import { useServer } from '../../../renderer/ui/server-store.ts';
import { RunStatus } from '../../../renderer/ui/plan/run-status.tsx';
import type { Activity } from '../../../shared/contract/core.ts';
import type { StepResult } from '../../../shared/contract/apply.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';

const envelope = (code: string): Envelope => ({ code, detail: {}, retry: 'now', effect: 'none', cause: null });

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what was read of a server', () => {
  test('is read again when it is shown half a minute later, and not before; the old answer stays meanwhile', async () => {
    const answers = ['first', 'second'];
    const readings = createReadings<string>(
      () => Promise.resolve(answers.shift() ?? ''),
      () => envelope('X'),
    );
    expect(readings.isKnown('a')).toBe(false);
    readings.ensure('a');
    readings.ensure('a');
    await vi.waitFor(() => expect(readings.use.getState()['a']?.data).toBe('first'), { timeout: 60_000 });
    vi.setSystemTime(Date.now() + 29_000);
    readings.ensure('a');
    expect(readings.use.getState()['a']?.isReading).toBe(false);
    vi.setSystemTime(Date.now() + 2_000);
    readings.ensure('a');
    expect(readings.use.getState()['a']).toMatchObject({ isReading: true, data: 'first' });
    await vi.waitFor(() => expect(readings.use.getState()['a']?.data).toBe('second'), { timeout: 60_000 });
    expect(answers).toEqual([]);
  });

  test('a failure leaves the old answer, and is told; a system that has nothing is not asked again', async () => {
    const codes = ['HOST_UNREACHABLE', 'HOST_NOT_HERE'];
    const told: string[] = [];
    const readings = createReadings<string>(
      () => Promise.reject(new Error()),
      () => envelope(codes.shift() ?? 'ASKED_TOO_OFTEN'),
      { failure: (_host, { code }) => told.push(code) },
    );
    readings.put('a', 'known');
    await readings.read('a');
    expect(readings.use.getState()['a']).toMatchObject({ data: 'known', failure: { code: 'HOST_UNREACHABLE' } });
    await readings.read('a');
    vi.setSystemTime(Date.now() + 3_600_000);
    readings.ensure('a');
    expect(readings.use.getState()['a']?.isReading).toBe(false);
    expect(readings.isKnown('a')).toBe(false);
    expect(told).toEqual(['HOST_UNREACHABLE', 'HOST_NOT_HERE']);
  });
});

test('after a change the states of that server alone are out of date, until each is read again', () => {
  setStageState('rehearsal:fresh/NODE1', 'network', { outcome: 'pass', word: 'Ready' });
  setStageState('rehearsal:fresh/NODE1', 'storage', { outcome: 'pass', word: '2 disks ready' });
  setStageState('rehearsal:fresh/NODE2', 'network', { outcome: 'pass', word: 'Ready' });
  markStale('rehearsal:fresh/NODE1');
  setStageState('rehearsal:fresh/NODE1', 'network', { outcome: 'warn', word: '2 of 3 roles' });
  expect(useStageStates.getState()['rehearsal:fresh/NODE1']).toEqual({
    network: { outcome: 'warn', word: '2 of 3 roles' },
    storage: { outcome: 'pass', word: '2 disks ready', isStale: true },
  });
  expect(useStageStates.getState()['rehearsal:fresh/NODE2']?.['network']?.isStale).toBeUndefined();
});

describe('while a change of the server that is open runs', () => {
  const host = 'rehearsal:pace/NODE1';
  const activity = (state: Activity['state'], server: string | null = host): Activity =>
    ({ id: 'a1', method: 'nic.apply', server, state }) as Activity;
  let tests = 0;
  const asked = vi.fn((method: string) => Promise.resolve({ ok: true, result: method === 'journal.list' ? [] : null }));

  beforeEach(async () => {
    vi.stubGlobal('window', { quorate: { call: asked } });
    useServer.setState({ host });
    useNavigation.setState({ stage: 'history' });
    // After what an earlier test read.
    vi.setSystemTime(Date.now() + (tests += 1) * 3_600_000);
    await journalReadings.read(host);
    asked.mockClear();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('its stage is read again though nothing more is told: what was told last may be all for long', async () => {
    setStageState(host, 'network', { outcome: 'pass', word: 'Ready' });
    keepFresh(activity('running'));
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toHaveBeenCalledTimes(1);
    setStageState(host, 'network', { outcome: 'pass', word: 'Ready' });
    keepFresh(activity('running'));
    keepFresh(activity('running'));
    // Out of date at once, although the next look is not due yet.
    expect(useStageStates.getState()[host]?.['network']?.isStale).toBe(true);
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('it is read without a sign of it, and once more when the change is over', async () => {
    keepFresh(activity('running'));
    expect(journalReadings.use.getState()[host]?.isReading).toBe(false);
    keepFresh(activity('running'));
    keepFresh(activity('done'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(2);
    keepFresh(activity('running', 'rehearsal:elsewhere/NODE1'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});

describe('the run of a change', () => {
  const steps = [
    { id: 'a', title: 'Install Multipath-IO', restart: 'after' as const },
    { id: 'b', title: 'Restart NODE1', restart: 'now' as const },
  ];
  const result = (state: StepResult['state']): StepResult =>
    ({ id: 'x', state, proof: null, error: null }) as StepResult;
  const shown = (...states: [string, StepResult['state']][]): string =>
    renderToStaticMarkup(
      createElement(RunStatus, {
        node: 'NODE1',
        steps,
        results: new Map(states.map(([id, state]) => [id, result(state)])),
      }),
    ).replace(/<[^>]+>/g, '');

  test('names the step, how long it has run and how long its effect may take', () => {
    expect(shown(['a', 'running'])).toMatch(
      /^Running step 1 of 2 on NODE1: Install Multipath-IORunning for 0 s, this step for 0 s\. After the command, its effect has to show within 20 s\.$/,
    );
    expect(shown()).toContain('Running on NODE1: checking the server');
  });

  test('shown again, it counts from when the step was begun', () => {
    const begun = (id: string, at: string) =>
      renderToStaticMarkup(
        createElement(RunStatus, {
          node: 'NODE1',
          steps,
          results: new Map([[id, { ...result('running'), at }]]),
          isResumed: true,
        }),
      ).replace(/<[^>]+>/g, '');
    expect(begun('a', '2025-12-31T23:59:30Z')).toContain('Running for 30 s. After the command');
    expect(begun('b', '2025-12-31T23:55:00Z')).toMatch(
      /Quorate waits until (?:2025-12-31|2026-01-01) .*, another 15 min\./,
    );
    // Later than it was to take, or by a clock that is ahead.
    expect(begun('b', '2025-12-31T23:00:00Z')).toContain('another 0 s.');
    expect(begun('a', '2026-01-01T01:00:00Z')).toContain('Running for 0 s.');
  });

  test('a restart has a deadline, a countdown, and what to do when the server does not come back', () => {
    const text = shown(['a', 'done'], ['b', 'running']);
    expect(text).toContain('Running step 2 of 2 on NODE1: Restart NODE1');
    expect(text).toMatch(/NODE1 restarts\. Quorate waits until (?:2025-12-31|2026-01-01) .*, another 20 min\./);
    expect(text).toContain('If it does not come back: check its console');
    expect(text).toContain('go to History and select Continue');
    expect(text).not.toContain('Nothing has been changed');
  });
});
