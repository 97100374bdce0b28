import { expect, test } from 'vitest';
import * as z from 'zod';
import { problemOf } from '../../../main/api/input-words.ts';

const schema = z.strictObject({
  name: z.string().min(1),
  label: z.string().max(3),
  count: z.number().int().min(2).max(64),
  list: z.array(z.string()).min(1).max(2),
  kind: z.enum(['disk', 'share']),
  own: z.string().refine((text) => text === 'x', 'must be x'),
});
const right = { name: 'a', label: 'b', count: 2, list: ['c'], kind: 'disk', own: 'x' };

test.each([
  [{ name: '' }, 'name is empty'],
  [{ name: undefined }, 'name is missing'],
  [{ name: 5 }, 'name must be a text'],
  [{ label: 'four' }, 'label must have at most 3 characters'],
  [{ count: 1 }, 'count must be at least 2'],
  [{ count: 65 }, 'count must be at most 64'],
  [{ count: 2.5 }, 'count must be a whole number'],
  [{ list: [] }, 'list is empty'],
  [{ list: ['a', 'b', 'c'] }, 'list must have at most 2 entries'],
  [{ list: ['a', 7] }, 'list.1 must be a text'],
  [{ kind: 'cloud' }, 'kind must be one of disk, share'],
  [{ other: 1 }, 'it has what is not known: other'],
  [{ own: 'y' }, 'own: must be x'],
  [{ name: '', own: 'y' }, 'name is empty; own: must be x'],
])('%o is said as a person says it', (part, text) => {
  const parsed = schema.safeParse({ ...right, ...part });
  expect(problemOf(parsed.error?.issues ?? [])).toBe(text);
});
