import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { behaviours } from '../../../main/rehearsal/world/behaviours/index.ts';
import { messages } from '../../../shared/messages/index.ts';

const world = join(import.meta.dirname, '../../../main/rehearsal/world');

/** What `failureOf` fills in for every refusal. */
const always = ['what', 'id', 'code', 'reason', 'problem'];

interface Refused {
  readonly at: string;
  readonly id: string;
  /** The detail as it is written. */
  readonly detail: string;
}

/** From an opening bracket to the one that closes it. */
const upToClosing = (text: string): string => {
  let depth = 0;
  for (const [at, character] of [...text].entries()) {
    if ('({['.includes(character)) depth += 1;
    if (')}]'.includes(character)) depth -= 1;
    if (depth === 0) return text.slice(0, at + 1);
  }
  return text;
};

/** Every refusal whose detail is written out where it is made; one that is put together elsewhere shows nothing here. */
const written = (): Refused[] =>
  readdirSync(world, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(world, name), 'utf8');
      return [...text.matchAll(/\brefuse(?=\(\s*'([\w.]+)'(\s*,\s*\{|\s*\)))/g)].map((match) => ({
        at: name,
        id: match[1]!,
        detail: upToClosing(text.slice(match.index + match[0].length)),
      }));
    })
    .filter(({ detail }) => !detail.includes('...'));

it('a refusal of the world fills every name in the message that a person reads', () => {
  const all = written();
  expect(all.length).toBeGreaterThan(100);
  const open = all.flatMap(({ at, id, detail }) => {
    const code = (behaviours as Record<string, { readonly failure?: string }>)[id]?.failure;
    const row = code === undefined ? undefined : messages[code as keyof typeof messages];
    if (!row) return [];
    const wanted = [...`${row.what} ${row.next}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const missing = wanted.filter((name) => !always.includes(name) && !new RegExp(`\\b${name}\\s*[:,}]`).test(detail));
    return missing.length > 0 ? [`${at}: ${id} (${code}) lacks ${missing.join(', ')}`] : [];
  });
  expect(open).toEqual([]);
});
