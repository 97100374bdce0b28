import { describe, expect, test } from 'vitest';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { fileNameOf, formatAgo, formatDuration, formatSpeed, isStale } from '../../../renderer/ui/format.ts';
import { When } from '../../../renderer/ui/when.tsx';
import { localTime, utcTime } from '../../../shared/model/time.ts';
import { formatSize } from '../../../shared/model/size.ts';

describe('what the window shows of times, sizes and speeds', () => {
  test.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [190_000, '3 min 10 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [72 * 3_600_000, '3 days'],
  ])('a duration of %d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  const now = Date.parse('2026-03-01T12:00:00Z');
  test.each([
    ['2026-03-01T11:59:58Z', 'just now'],
    ['2026-03-01T12:00:09Z', 'just now'],
    ['2026-03-01T11:59:00Z', '1 min ago'],
    ['2026-03-01T12:10:00Z', '10 min in the future: compare the clocks'],
    ['no time', ''],
  ])('%s is %s', (at, text) => expect(formatAgo(at, now)).toBe(text));

  test('a time is written alike in every language, a text that is none stays as it is', () => {
    expect(localTime('2026-03-01T12:00:00Z')).toMatch(/^2026-03-0[12] \d\d:(00|15|30|45):00$/);
    expect(localTime('yesterday')).toBe('yesterday');
    // A report of Windows' own names no time zone: it is shown as it says.
    expect(localTime('2026-03-01T12:00:05')).toBe('2026-03-01 12:00:05');
    expect(utcTime('2026-03-01T12:00:05.123Z')).toBe('2026-03-01 12:00:05 UTC');
    expect(utcTime('yesterday')).toBe('yesterday');
  });

  test('a reading is stale after a day', () => {
    expect(isStale('2026-02-28T12:00:01Z', now)).toBe(false);
    expect(isStale('2026-02-28T11:59:59Z', now)).toBe(true);
  });

  test.each([
    ['0', '0 bytes'],
    ['1023', '1023 bytes'],
    ['536870912', '512 MiB'],
    ['1610612736', '1.5 GiB'],
    ['1048575', '1023.9 KiB'],
    ['18446744073709551615', '16383.9 PiB'],
    ['not a number', 'not a number'],
  ])('%s bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  test.each([
    ['10000000000', '10 Gbps'],
    ['2500000000', '2.5 Gbps'],
    ['100000000', '100 Mbps'],
    ['512', '512 bps'],
  ])('%s bits per second are %s', (speed, text) => expect(formatSpeed(speed)).toBe(text));

  test.each([
    ['NODE1', 'NODE1-readiness-2026-03-01.json'],
    ['..\\..\\etc/passwd', '-..-etc-passwd-readiness-2026-03-01.json'],
    ['サーバー', 'サーバー-readiness-2026-03-01.json'],
    ['a\u202egnp.exe', 'a-gnp.exe-readiness-2026-03-01.json'],
    ['   ', 'unnamed-readiness-2026-03-01.json'],
    [null, 'unnamed-readiness-2026-03-01.json'],
  ])('the file name for %s is one that every system takes', (machine, name) =>
    expect(fileNameOf(machine, 'readiness', '2026-03-01T12:00:00Z', 'json')).toBe(name),
  );
});

describe('the time of', () => {
  const longAgo = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
  const shown = (isEvent: boolean): string => renderToStaticMarkup(createElement(When, { at: longAgo, isEvent }));

  test('a reading is marked once it is old', () => expect(shown(false)).toContain('(3 days ago, may be out of date)'));

  test('what only happened then is not: it stays true', () => expect(shown(true)).toMatch(/\(3 days ago\)<\/span>$/));
});
