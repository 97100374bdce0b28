import { describe, expect, it } from 'vitest';
import { cancelled, explain, failure, fromEnvelope, toEnvelope } from '../../../shared/errors/failure.ts';
import { fillText } from '../../../shared/messages/define.ts';
import { messages } from '../../../shared/messages/index.ts';

describe('a failure', () => {
  it('names the thing and says what to do next', () => {
    const error = failure('FILE_NOT_FOUND', { path: 'C:\\facts.json' });
    expect(error.message).toBe('There is no file C:\\facts.json.');
    expect(error.next).toBe('Check the path.');
  });

  it('crosses a boundary with code, detail, retry, effect and cause whole', () => {
    const error = failure(
      'CORE_CONNECTION_LOST',
      { method: 'disk.format' },
      { cause: failure('FILE_NOT_FOUND', { path: 'x' }), effect: 'partial' },
    );
    const rebuilt = fromEnvelope(JSON.parse(JSON.stringify(toEnvelope(error))) as ReturnType<typeof toEnvelope>);
    expect(toEnvelope(rebuilt)).toEqual(toEnvelope(error));
    expect(rebuilt.effect).toBe('partial');
    expect(toEnvelope(rebuilt).cause?.code).toBe('FILE_NOT_FOUND');
  });

  it('turns what nobody expected into a bug whose effect is unknown', () => {
    expect(toEnvelope(new TypeError('x is not a function'))).toMatchObject({
      code: 'INTERNAL_BUG',
      effect: 'unknown',
      retry: 'never',
    });
  });

  it('tells cancellation apart', () => {
    expect(toEnvelope(cancelled('Qualification', 'partial'))).toMatchObject({ code: 'CANCELLED', effect: 'partial' });
    expect(toEnvelope(new DOMException('gone', 'AbortError')).code).toBe('CANCELLED');
  });

  it('of a newer version is still named', () => {
    const envelope = { code: 'NOT_YET_KNOWN', detail: {}, retry: 'never', effect: 'none', cause: null } as const;
    expect(explain(envelope).what).toContain('NOT_YET_KNOWN');
    expect(fromEnvelope(envelope).message).toContain('NOT_YET_KNOWN');
  });
});

describe('the message table', () => {
  it.each(Object.entries(messages))('%s is written as sentences without blame or noise', (code, row) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    for (const text of [row.what, row.next]) {
      expect(text.trim()).toBe(text);
      expect(text).toMatch(/[.}]$/);
      expect(text).not.toMatch(/please|oops|!|\berror:/i);
      // Words that nobody uses at a console, those that have another word here, and a limit in milliseconds.
      expect(text).not.toMatch(
        /\b(can not|anew|look into|the very|strangers?|reboot\w*|favourites?|embedded target|shall|do(es)? not take)\b/i,
      );
      expect(text).not.toMatch(/(?<!there )\bis no (?!longer|more)\w|\bms\b/i);
    }
  });

  it.each(Object.entries(messages).filter(([, { next }]) => /\bread\b[^.]*\bagain\b/i.test(next)))(
    '%s, which asks to read something again, says with what',
    (_code, { next }) => expect(next).toMatch(/"quorate |Refresh|plan again/),
  );

  it('has one full stop where a detail brings its own', () => {
    expect(fillText('It failed: {reason}. Wait.', { reason: 'Access is denied.' })).toBe(
      'It failed: Access is denied. Wait.',
    );
    expect(fillText('It failed: {reason}.', { reason: 'waiting ...' })).toBe('It failed: waiting ....');
    expect(
      fillText('The file is not valid: {problem}.', { problem: 'no switch Machine; did you mean Machines?' }),
    ).toBe('The file is not valid: no switch Machine; did you mean Machines?');
    expect(fillText('It failed: {reason}. Wait.', { reason: 'Stop!' })).toBe('It failed: Stop! Wait.');
    expect(fillText('It failed: {reason}. Wait.', { reason: 'it says "no."' })).toBe('It failed: it says "no." Wait.');
    expect(fillText('{reason} [{code}]', { reason: 'Access is denied.', code: 5 })).toBe('Access is denied. [5]');
  });

  it('shows a missing detail instead of hiding it', () => {
    expect(fillText('{a} and {b}', { a: 1 })).toBe('1 and {b}');
  });
});
