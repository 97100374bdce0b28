import { expect, test } from 'vitest';
import { ListeningClock } from '../../../main/iscsi/transport/listening-clock.ts';

const clockAt = (): { clock: ListeningClock; pass: (ms: number) => void } => {
  let time = 1000;
  return { clock: new ListeningClock(() => time), pass: (ms) => void (time += ms) };
};

test('counts time as it passes while its timers fire when they are due', () => {
  const { clock, pass } = clockAt();
  pass(400);
  expect(clock.wakeFor(1400)).toBe(1400);
  pass(30); // late, as a busy process is
  expect(clock.wakeFor(1400)).toBe(1430);
});

test('does not count what passed while the process stood still, and leaves time to read', () => {
  const { clock, pass } = clockAt();
  pass(400 + 300);
  expect(clock.wakeFor(1400)).toBe(1100);
  pass(300);
  expect(clock.wakeFor(1400)).toBe(1400);
});

test('leaves a second to read after a night in which the machine was suspended', () => {
  const { clock, pass } = clockAt();
  pass(400 + 8 * 3600_000);
  expect(clock.wakeFor(1400)).toBe(400);
});

test('gives up in the end where the process is always late', () => {
  const { clock, pass } = clockAt();
  let rounds = 0;
  for (let now = 0; now < 1400 && rounds < 100; rounds++) {
    pass(Math.max(0, 1400 - clock.now()) + 200);
    now = clock.wakeFor(1400);
  }
  expect(rounds).toBe(4);
});
