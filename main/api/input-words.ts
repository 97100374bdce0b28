import type { $ZodIssue } from 'zod/v4/core';

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const things: Readonly<Record<string, string>> = { string: 'character', array: 'entry', set: 'entry' };

const counted = (number: number | bigint, thing: string): string =>
  `${number} ${Number(number) === 1 ? thing : thing.replace(/y$/, 'ie') + 's'}`;

/** What is wrong, after the name of the value; null where the schema says it in words of its own. */
const wordsOf = (issue: $ZodIssue): string | null => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'too_small': {
      const thing = things[issue.origin];
      if (thing === undefined)
        return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
      return Number(issue.minimum) === 1 ? 'is empty' : `must have at least ${counted(issue.minimum, thing)}`;
    }
    case 'too_big': {
      const thing = things[issue.origin];
      return thing === undefined
        ? `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
        : `must have at most ${counted(issue.maximum, thing)}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has what is not known: ${issue.keys.join(', ')}`;
    case 'invalid_format':
    case 'invalid_union':
    case 'not_multiple_of':
      return 'does not have the form that is needed';
    default:
      return null;
  }
};

/** The first problems of an input or an answer, each with its place, in words for a person. */
export const problemOf = (issues: readonly $ZodIssue[]): string =>
  issues
    .slice(0, 3)
    .map((issue) => {
      const place = issue.path.map(String).join('.');
      // Words that a schema gives are the better ones; zod's own begin like this.
      const own = /^(Invalid |Too |Unrecognized )/.test(issue.message) ? wordsOf(issue) : null;
      return own === null
        ? `${place === '' ? '' : `${place}: `}${issue.message}`
        : `${place === '' ? 'it' : place} ${own}`;
    })
    .join('; ');
