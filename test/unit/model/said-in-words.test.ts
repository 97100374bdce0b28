import { describe, expect, test } from 'vitest';
import { languageText, localeText } from '../../../shared/model/language.ts';
import { makerText } from '../../../shared/model/processor-maker.ts';
import { gradeWords } from '../../../shared/availability/words.ts';

describe('what Windows says in numbers and codes', () => {
  test.each([
    [0x0409, 'English, United States (1033)'],
    [1031, 'German, Germany (1031)'],
    [4242, 'Language with the number 4242'],
  ])('the language %i is %s', (lcid, text) => expect(languageText(lcid)).toBe(text));

  test.each([
    ['0409', 'English, United States (1033)'],
    ['0C0A', 'Spanish, Spain (3082)'],
    ['de-DE', 'de-DE'],
    ['', ''],
  ])('the locale %j is %j', (locale, text) => expect(localeText(locale)).toBe(text));

  test.each([
    ['GenuineIntel', 'Intel'],
    ['AuthenticAMD', 'AMD'],
    ['SomebodyElse', 'SomebodyElse'],
  ])('the processors of %s are made by %s', (vendor, text) => expect(makerText(vendor)).toBe(text));

  test('a loss that nobody can foretell is said in words that stand alone', () => {
    for (const word of Object.values(gradeWords)) expect(word).toMatch(/^[a-z ]+$/);
  });
});
