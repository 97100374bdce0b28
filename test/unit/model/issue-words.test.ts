import { expect, test } from 'vitest';
import * as z from 'zod';
import { problemInFile, problemOf, reasonOfParsing } from '../../../shared/model/issue-words.ts';

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
  [{ name: '' }, 'the name is empty'],
  [{ name: undefined }, 'the name is missing'],
  [{ name: 5 }, 'the name must be a text'],
  [{ label: 'four' }, 'the label must have at most 3 characters'],
  [{ count: 1 }, 'the count must be at least 2'],
  [{ count: 65 }, 'the count must be at most 64'],
  [{ count: 2.5 }, 'the count must be a whole number'],
  [{ list: [] }, 'the list is empty'],
  [{ list: ['a', 'b', 'c'] }, 'the list must have at most 2 entries'],
  [{ list: ['a', 7] }, 'list 2 must be a text'],
  [{ kind: 'cloud' }, 'the kind must be one of disk, share'],
  [{ other: 1 }, 'it has what is not known: other'],
  [{ own: 'y' }, 'the own: must be x'],
  [{ name: '', own: 'y' }, 'the name is empty; the own: must be x'],
])('%o is said as a person says it', (part, text) => {
  const parsed = schema.safeParse({ ...right, ...part });
  expect(problemOf(parsed.error?.issues ?? [])).toBe(text);
});

const places: readonly [(string | number)[], string][] = [
  [['desire', 'changes', 0, 'name'], 'the name'],
  [['desire', 'changes', 2, 'delaySeconds'], 'the delay in seconds of change 3'],
  [['servers', 0, 'nics', 1, 'macAddress'], 'the MAC address of network adapter 2 of server 1'],
  [['vms', 3, 'memoryMb'], 'the memory in MB of virtual machine 4'],
  [['portals', 0, 'ipAddresses', 1], 'IP address 2 of portal 1'],
  [['switches', 4, 'vlanId'], 'the VLAN ID of switch 5'],
  [['policies', 0], 'policy 1'],
  [[0], 'entry 1'],
];

/** A schema that refuses the value at a path. */
const refusingAt = (path: readonly (string | number)[]): z.ZodType =>
  z.unknown().superRefine((_value, context) => context.addIssue({ code: 'custom', message: 'wrong', path: [...path] }));

test.each(places)('%j is named in words', (path, words) => {
  expect(problemOf(refusingAt(path).safeParse({}).error?.issues ?? [])).toBe(`${words}: wrong`);
});

test('a file keeps the path that leads to the place, and words for what is wrong there', () => {
  const parsed = z
    .object({ nodes: z.array(z.object({ name: z.string().min(1) })) })
    .safeParse({ nodes: [{ name: '' }] });
  expect(problemInFile(parsed.error?.issues ?? [])).toBe('nodes.0.name is empty');
  expect(reasonOfParsing(parsed.error)).toBe('nodes.0.name is empty');
  expect(problemInFile(z.object({}).safeParse([]).error?.issues ?? [])).toBe('the document must be an object');
  expect(reasonOfParsing(new SyntaxError('Unexpected end'))).toBe('Unexpected end');
});
