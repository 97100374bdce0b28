import { describe, expect, it } from 'vitest';
import { toCommandLine } from '../../../shared/changes/host/command-line.ts';

/** CommandLineToArgvW for arguments (not the program's name), from its page. */
const read = (line: string): string[] => {
  const found: string[] = [];
  let current = '';
  let quoted = false;
  let started = false;
  for (let at = 0; at < line.length; at += 1) {
    const backslashes = /^\\*/.exec(line.slice(at))![0].length;
    if (backslashes > 0 && line[at + backslashes] === '"') {
      current += '\\'.repeat(Math.floor(backslashes / 2));
      at += backslashes;
      if (backslashes % 2 === 1) current += '"';
      else quoted = !quoted;
      started = true;
    } else if (backslashes > 0) {
      current += '\\'.repeat(backslashes);
      at += backslashes - 1;
      started = true;
    } else if (line[at] === '"') {
      quoted = !quoted;
      started = true;
    } else if (line[at] === ' ' && !quoted) {
      if (started) found.push(current);
      current = '';
      started = false;
    } else {
      current += line[at];
      started = true;
    }
  }
  if (started) found.push(current);
  return found;
};

describe('the command line of a resume', () => {
  it.each([
    [['resume', 'work-1']],
    [['--data', 'C:\\Program Files\\Quorate\\']],
    [['say "hello"', '']],
    [['back\\\\slash', 'end\\', 'a\\"b']],
    [['\\\\server\\share\\', 'x y\\\\']],
  ])('%j is read back as it was given', (given) => expect(read(toCommandLine(given))).toEqual(given));

  it('quotes nothing that needs no quotes', () =>
    expect(toCommandLine(['resume', 'C:\\a\\b'])).toBe('resume C:\\a\\b'));
});
