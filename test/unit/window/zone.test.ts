import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, describe, expect, test } from 'vitest';
import { StageHead } from '../../../renderer/ui/stage-head.tsx';
import { zoneSentence } from '../../../renderer/ui/zone.tsx';
import { zonedTime, zoneText } from '../../../shared/model/time.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const inZone = <Result>(name: string, act: () => Result): Result => {
  process.env['TZ'] = name;
  return act();
};

describe('the time zone', () => {
  test.each([
    ['Europe/Berlin', '2026-01-05T12:00:00Z', 'UTC+01:00 (Europe/Berlin)', '2026-01-05 13:00:00 UTC+01:00'],
    ['Europe/Berlin', '2026-07-05T12:00:00Z', 'UTC+02:00 (Europe/Berlin)', '2026-07-05 14:00:00 UTC+02:00'],
    ['America/St_Johns', '2026-01-05T12:00:00Z', 'UTC-03:30 (America/St_Johns)', '2026-01-05 08:30:00 UTC-03:30'],
    ['UTC', '2026-01-05T12:00:00Z', 'UTC', '2026-01-05 12:00:00 UTC'],
  ])('%s at %s is %s', (name, iso, text, time) => {
    expect(inZone(name, () => [zoneText(new Date(iso)), zonedTime(iso)])).toEqual([text, time]);
  });

  test('of what is no time is not made up', () => expect(zonedTime('yesterday')).toBe('yesterday'));

  const peer = `peer:${'a'.repeat(52)}`;
  test.each([
    ['local', 'HV01', 'Times in UTC.'],
    [peer, 'HV02', 'Times by the clock of HV02, in UTC.'],
    [peer, null, 'Times by the clock of the other server, in UTC.'],
    ['rehearsal:night/NODE1', 'NODE1', 'Times in UTC; simulated servers have the clock of their rehearsal.'],
  ])('of what was read of %s, %s', (host, name, text) => expect(zoneSentence('UTC', host, name)).toBe(text));

  const head = (): string =>
    renderToStaticMarkup(
      createElement(StageHead, {
        outcome: 'pass',
        answer: 'Well.',
        purpose: 'Shows it.',
        reading: {
          data: { readAt: '2026-01-05T12:00:00.000Z' },
          failure: null,
          isReading: false,
          progress: null,
          answeredAtMs: 0,
        },
        onRead: () => {},
        onCancel: () => {},
      }),
    );

  test('stands once in the head of a stage', () => {
    expect(inZone('Europe/Berlin', head)).toMatch(/Times in UTC\+0[12]:00 \(Europe\/Berlin\)\./);
    expect(head().match(/Times /g)).toHaveLength(1);
  });

  test('is in every sentence that is kept or read at another server', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    const bare = ['shared', 'main']
      .flatMap((folder) =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
          path.join(folder, name),
        ),
      )
      .filter((name) => name.endsWith('.ts') && name !== path.join('shared', 'model', 'time.ts'))
      .filter((name) => {
        const text = readFileSync(path.join(root, name), 'utf8');
        // A table says it once in the head of its column.
        return /\blocalTime\(/.test(text) && !text.includes('zoneText()');
      });
    expect(bare).toEqual([]);
  });
});
