import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { becausePhrase } from '../../../shared/errors/because.ts';
import { explain, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { fillText } from '../../../shared/messages/define.ts';
import { messages } from '../../../shared/messages/index.ts';
import { asClause } from '../../../shared/model/sentence.ts';

describe('a sentence inside another one', () => {
  test.each([
    ['Its disks are gone.', 'its disks are gone.'],
    ['The node is down', 'the node is down'],
    ['It’s late.', 'it’s late.'],
    ['No path is left.', 'no path is left.'],
    // What has a capital letter everywhere keeps it.
    ['Windows refused it.', 'Windows refused it.'],
    ['Quorate is not running.', 'Quorate is not running.'],
    ['HV01 is down.', 'HV01 is down.'],
    ['ITEMS are left.', 'ITEMS are left.'],
    ['Active Directory has no computer object VMC.', 'Active Directory has no computer object VMC.'],
    ['Ethernet 2 has no link.', 'Ethernet 2 has no link.'],
    ['Theodor is down.', 'Theodor is down.'],
    ['A: is no letter for it.', 'A: is no letter for it.'],
    ['', ''],
  ])('%j stands there as %j', (text, clause) => expect(asClause(text)).toBe(clause));

  test('is a phrase without its end', () => expect(becausePhrase('The server is off.')).toBe('the server is off'));

  const placed = Object.entries(messages).flatMap(([code, { what, next }]) =>
    [what, next].flatMap((text) =>
      [...text.matchAll(/(?:: |\()\{(\w+)\}/g)].map(([, name]) => [code, name!, text] as const),
    ),
  );
  test('is looked for in messages that take one', () => expect(placed.length).toBeGreaterThan(100));
  const names = new Set(
    'asked check disk files ids machine machines name names nic node path role server step tests title'.split(' '),
  );
  test.each(placed.filter(([, name]) => names.has(name)))('%s leaves the name {%s} as it is', (_code, name, text) => {
    expect(fillText(text, { [name]: 'The Switch' })).toContain('The Switch');
  });
  test.each(placed.filter(([, name]) => !names.has(name)))('%s has no capital letter for {%s}', (_code, name, text) => {
    const filled = fillText(text, { [name]: 'Its disks are gone' });
    expect(filled).toContain('its disks are gone');
    expect(filled).not.toContain('Its disks');
    expect(fillText(text, { [name]: 'HV01 is off' })).toContain('HV01 is off');
  });

  test('keeps its capital letter where it begins one', () => {
    expect(fillText('{what} Next: {what}', { what: 'The end.' })).toBe('The end. Next: the end.');
    expect(explain(toEnvelope(failure('DRILL_REFUSED', { because: 'The cluster has no witness' }))).what).toBe(
      'The drill is not carried out: the cluster has no witness.',
    );
  });

  test('is put after a colon as one by all code that composes reasons', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    const bare = ['shared', 'main', 'renderer'].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name))
        .flatMap((name) =>
          [
            ...readFileSync(path.join(root, folder, name), 'utf8').matchAll(
              // A small letter before the colon: what is a label of its own, as "Refused:", may be followed by a sentence.
              / [a-z]+: \$\{(?:\w+\.)?(?:because|reason|why|whyNoOrders)(?: \?\?[^}]*)?\}/g,
            ),
          ].map(([found]) => `${path.join(folder, name)}:${found}`),
        ),
    );
    // Reasons of our own initiator and target, which are phrases from the beginning.
    expect(bare.filter((one) => !/^main[\\/](?:iscsi|qualify|operations[\\/]practice-target)[\\/]/.test(one))).toEqual(
      [],
    );
  });
});
