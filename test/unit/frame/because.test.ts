import { describe, expect, it } from 'vitest';
import { generalErrors } from '../../../main/powershell/runner/error-table.ts';
import { becausePhrase, becauseText, reasonOfStep } from '../../../shared/errors/because.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';

describe('why something was not read', () => {
  it.each([...new Set(generalErrors.map(({ code }) => code)), 'CLUSTER_SERVICE_STOPPED', 'HOST_UNREACHABLE'])(
    '%s is a sentence, without the details that were not kept',
    (code) => {
      expect(becauseText(code)).not.toContain(code);
      expect(becauseText(code)).toMatch(/^[A-Z][^{}]*\.$/);
    },
  );

  it('is left as it is where it is no code, or one that nobody knows', () => {
    expect(becauseText('Get-VM is missing')).toBe('Get-VM is missing');
    expect(becauseText('SOME_NEW_CODE')).toBe('Reading it failed (SOME_NEW_CODE); the log of this server says more.');
    expect(becausePhrase('ACCESS_DENIED')).toBe('Windows denied it to this account');
    expect(becauseText('INITIATOR_SERVICE_STOPPED')).toContain('(MSiSCSI) is not running.');
  });
});

describe('why a step stopped', () => {
  const error = toEnvelope(failure('ACCESS_DENIED', { what: 'Set-NicDhcp' }));

  it('is told with the details that the journal has', () => {
    expect(reasonOfStep({ state: 'failed', error })).toBe('Windows denied Set-NicDhcp. [ACCESS_DENIED]');
    expect(reasonOfStep({ state: 'unknown', error })).toContain('Set-NicDhcp');
  });

  it('is not told of a step that came to its end, or whose end nobody wrote', () => {
    expect(reasonOfStep({ state: 'done', error })).toBeNull();
    expect(reasonOfStep({ state: 'unknown', error: null })).toBeNull();
  });
});
