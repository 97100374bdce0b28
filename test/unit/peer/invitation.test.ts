import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeInvitationProblem,
  formatInvitation,
  invitationSymbols,
  parseInvitation,
} from '../../../shared/model/invitation.ts';

const partsArbitrary = fc.record({
  prefix: fc.bigInt({ min: 0n, max: (1n << 65n) - 1n }),
  secret: fc.bigInt({ min: 0n, max: (1n << 50n) - 1n }),
});
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const symbolArbitrary = fc.constantFrom(...alphabet);
const plain = (code: string): string => code.replaceAll('-', '');
const replaced = (text: string, at: number, symbol: string): string => text.slice(0, at) + symbol + text.slice(at + 1);
const problemOf = (typed: string) => {
  const read = parseInvitation(typed);
  return read.ok ? null : read.problem;
};

describe('an invitation', () => {
  it('has at most 26 symbols in groups of four, without I, L, O and U', () => {
    fc.assert(
      fc.property(partsArbitrary, (parts) => {
        const code = formatInvitation(parts);
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}$/);
        expect(plain(code)).toHaveLength(invitationSymbols);
      }),
    );
  });

  it('is read back, in small letters, without hyphens, with blanks, with look-alikes', () => {
    fc.assert(
      fc.property(partsArbitrary, (parts) => {
        const code = formatInvitation(parts);
        const shapes = [
          code,
          code.toLowerCase(),
          plain(code),
          ` ${plain(code).replace(/(..)/g, '$1 ')}`,
          code.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('V', 'u'),
          code.replaceAll('1', 'I').replaceAll('-', '\u2013'),
        ];
        for (const shape of shapes) expect(parseInvitation(shape)).toEqual({ ok: true, parts });
      }),
    );
  });

  it('names the group of any single typing error', () => {
    fc.assert(
      fc.property(partsArbitrary, fc.nat(invitationSymbols - 1), symbolArbitrary, (parts, at, symbol) => {
        const text = plain(formatInvitation(parts));
        fc.pre(text[at] !== symbol);
        const typed = replaced(text, at, symbol);
        const start = Math.floor(at / 4) * 4;
        expect(problemOf(typed)).toEqual({
          kind: 'typing',
          group: Math.floor(at / 4) + 1,
          groupText: typed.slice(start, start + 4),
        });
      }),
    );
  });

  it('notices any two typing errors', () => {
    fc.assert(
      fc.property(
        partsArbitrary,
        fc.uniqueArray(fc.nat(invitationSymbols - 1), { minLength: 2, maxLength: 2 }),
        symbolArbitrary,
        symbolArbitrary,
        (parts, [first = 0, second = 1], one, other) => {
          const text = plain(formatInvitation(parts));
          fc.pre(text[first] !== one && text[second] !== other);
          expect(parseInvitation(replaced(replaced(text, first, one), second, other)).ok).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('notices two swapped neighbours and says so where it can be told', () => {
    fc.assert(
      fc.property(partsArbitrary, fc.nat(invitationSymbols - 2), (parts, at) => {
        const text = plain(formatInvitation(parts));
        fc.pre(text[at] !== text[at + 1]);
        const problem = problemOf(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2));
        expect(['swapped', 'several']).toContain(problem?.kind);
      }),
    );
    // Of another word: the neighbours of group 2 in the wrong order.
    const text = plain(
      formatInvitation({ prefix: 0x1a2b3c4d5e6f70819n, secret: 0x2468ace13579bn & ((1n << 50n) - 1n) }),
    );
    const typed = text.slice(0, 5) + text[6] + text[5] + text.slice(7);
    expect(problemOf(typed)).toMatchObject({ kind: 'swapped', group: 2 });
  });

  it('says what else is wrong', () => {
    expect(problemOf('')).toEqual({ kind: 'length', symbols: 0 });
    expect(problemOf('ABCD-EF$H')).toEqual({ kind: 'symbol', symbol: '$', group: 2 });
    expect(problemOf('ABCD-\u{1f600}')).toEqual({ kind: 'symbol', symbol: '\u{1f600}', group: 2 });
    expect(problemOf(`${plain(formatInvitation({ prefix: 5n, secret: 7n }))}0`)).toEqual({
      kind: 'length',
      symbols: 27,
    });
    const where = { group: 2, groupText: 'EF$H' };
    expect(describeInvitationProblem({ kind: 'symbol', symbol: '$', group: 2 })).toContain('"$" in group 2');
    expect(describeInvitationProblem({ kind: 'length', symbols: 3 })).toContain('3 letters and digits');
    expect(describeInvitationProblem({ kind: 'typing', ...where })).toContain('in group 2 ("EF$H")');
    expect(describeInvitationProblem({ kind: 'swapped', ...where })).toContain('at group 2 ("EF$H")');
    expect(describeInvitationProblem({ kind: 'several' })).toContain('more than one');
  });

  it('reads any text without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(typeof parseInvitation(text).ok).toBe('boolean');
      }),
    );
  });
});
