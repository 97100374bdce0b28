import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain, failure, ofRehearsal, toEnvelope, type Envelope } from '../../../shared/errors/failure.ts';
import { inRehearsal, type RehearsedPlace } from '../../../shared/errors/rehearsed-words.ts';
import { messages } from '../../../shared/messages/index.ts';
import { allCommands } from '../../support/all-commands.ts';

const place: RehearsedPlace = { name: 'w1', server: 'NODE1', direction: 'form' };
const root = join(import.meta.dirname, '..', '..', '..');

let commands: ReadonlyMap<string, Command>;
beforeAll(async () => {
  commands = await allCommands();
});

/** The command of some words: the longest path that there is. */
const commandOf = (words: string): { readonly path: string; readonly command: Command } | null => {
  const all = words.split(' ');
  for (let length = Math.min(3, all.length); length > 0; length -= 1) {
    const path = all.slice(0, length).join(' ');
    const command = commands.get(path);
    if (command) return { path, command };
  }
  return null;
};

/** Why what a sentence names does not work in the rehearsal; empty: it does. */
const problemsOf = (text: string): string[] =>
  [...text.matchAll(/\bquorate ([a-z][^"'()]*)/g)].flatMap(([, words = '']) => {
    const found = commandOf(words.trim());
    if (!found) return [`there is no command "${words}"`];
    if (/^(rehearse|rehearsal)\b/.test(found.path))
      return words.includes('w1') || found.path === 'rehearsal list' ? [] : [`"${words}" names another rehearsal`];
    // What is about files alone is the same everywhere.
    if (/^(report compare|cluster report|readiness rules)$/.test(found.path) || words.startsWith('readiness --facts'))
      return [];
    const takesServer = found.command.options.some(({ long }) => long === '--server');
    return takesServer && /--server rehearsal:w1\/NODE\d/.test(words) ? [] : [`"${words}" is about real servers`];
  });

/** A failure with every detail that its sentences name. */
const sampleOf = (code: keyof typeof messages, more: Readonly<Record<string, string>> = {}): Envelope => {
  const { what, next, retry, effect } = messages[code];
  const names = [...`${what} ${next}`.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const detail = Object.fromEntries(names.map((name) => [name, /name/.test(name) ? 'w1' : 'NODE2']));
  return { code, detail: { ...detail, ...more }, retry, effect, cause: null };
};

describe('what a rehearsal says to do next', () => {
  it.each(Object.keys(messages) as (keyof typeof messages)[])('%s names only what works there', (code) => {
    // Those about rehearsals themselves name the right one already.
    if (code.startsWith('REHEARSAL_')) return;
    const { what, next } = explain(ofRehearsal(sampleOf(code), place));
    expect(problemsOf(`${what} ${next}`), `${what} ${next}`).toEqual([]);
    expect(next).not.toBe('');
  });

  it('holds of every command that a plan, a check or a drill puts into a failure', () => {
    const folders = [
      'shared/plan',
      'shared/rules',
      'main/operations/formation',
      'main/operations/plans',
      'main/operations/cluster',
    ];
    const files = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, folder, name)),
    );
    const said = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/"quorate (?!rehears)[a-z][^"]*"/g)].map(([command]) =>
        command.replace(/\$\{[^}]*\}/g, 'X'),
      ),
    );
    expect(said.length).toBeGreaterThan(20);
    for (const command of said) {
      const { next } = explain(
        ofRehearsal(
          sampleOf('FORM_STOPPED', { next: `Look at the server (${command}). Then run ${command} on NODE2.` }),
          place,
        ),
      );
      expect(problemsOf(next), next).toEqual([]);
    }
  });

  it('continues the same way, on the server that is named, and keeps what no command is in', () => {
    const lost = failure('FORM_SERVER_LOST', { server: 'NODE2', seconds: 60, reason: 'It is silent.' });
    expect(explain(ofRehearsal(toEnvelope(lost), place)).next).toBe(
      'Check that NODE2 is running and that its network works. If Quorate is not running there, start it; then run "quorate rehearse --name w1 --resume". Steps that are done are not repeated.',
    );
    expect(explain(ofRehearsal(toEnvelope(lost), { ...place, direction: 'undo' })).next).toContain(
      '"quorate rehearse --name w1 --undo"',
    );
    const differs = failure('FORM_LUN_UNLIKE', {
      server: 'NODE1',
      serial: 'S',
      found: 'x',
      host: 'STORE1',
      disk: 'witness',
      wanted: 'y',
    });
    expect(explain(ofRehearsal(toEnvelope(differs), place)).next).toBe(
      'Run "quorate storage-host list --server rehearsal:w1/STORE1" on STORE1 and compare the serial numbers. Nothing was written to the disk.',
    );
    expect(explain(toEnvelope(lost)).next).toContain('"quorate form resume"');
  });

  it('leaves out what no rehearsal has, and never says nothing', () => {
    expect(inRehearsal('Waiting until a person at NODE2 agrees ("quorate form consent" there)', place)).toBe(
      'Waiting until a person at NODE2 agrees',
    );
    expect(
      inRehearsal(
        'Check the link ("quorate nic list"), and that the servers are connected ("quorate peers list"). "quorate peers matrix --last" shows all.',
        place,
      ),
    ).toBe('Check the link ("quorate nic list --server rehearsal:w1/NODE1"), and that the servers are connected.');
    expect(explain(ofRehearsal(toEnvelope(failure('FORM_NOT_RUNNING', {})), place)).next).toBe(
      '"quorate rehearse --name w1 --resume" continues the rehearsal.',
    );
  });
});
