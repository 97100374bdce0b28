import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commandFiles } from '../../../main/cli/commands/index.ts';
import { CliContext, reportFailure } from '../../../main/cli/context.ts';
import { changeKinds } from '../../../shared/changes/index.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';

interface Written {
  out: string;
  err: string;
}

const contextWith = (written: Written, { isTTY = false, columns = 80, signal = new AbortController().signal } = {}) =>
  new CliContext(
    {
      stdout: { write: (text) => (written.out += text) },
      stderr: { write: (text) => (written.err += text), isTTY, columns },
      stdin: new PassThrough(),
      env: {},
    },
    signal,
  );

/** All commands with their words, leaves and branches. */
const allCommands = async (): Promise<{ path: string; command: Command }[]> => {
  const program = new Command('quorate');
  for (const file of commandFiles) (await file.load()).register(program, contextWith({ out: '', err: '' }));
  const found: { path: string; command: Command }[] = [];
  const visit = (command: Command, path: string): void => {
    found.push({ path, command });
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return found;
};

describe('every verb', () => {
  it('that the documents for users name is there', async () => {
    const paths = new Set((await allCommands()).map(({ path }) => path));
    const branches = new Set(
      (await allCommands()).filter(({ command }) => command.commands.length > 0).map(({ path }) => path),
    );
    const root = join(import.meta.dirname, '..', '..', '..');
    const unknown: string[] = [];
    for (const name of [
      'README.md',
      'docs/procedure.md',
      'docs/formation.md',
      'docs/peers.md',
      'docs/availability.md',
    ]) {
      const text = readFileSync(join(root, name), 'utf8');
      const said = [...text.matchAll(/`quorate ([^`]+)`/g), ...text.matchAll(/^quorate (.+?)(?: {2,}|$)/gm)];
      for (const [, words = ''] of said) {
        let path = '';
        for (const word of words.split(/[\s,|]+/)) {
          const next = `${path} ${word}`.trim();
          if (!paths.has(next)) {
            // A word that is no option or value, where a verb has to stand.
            if (branches.has(path) && /^[a-z-]+$/.test(word) && !word.startsWith('-'))
              unknown.push(`${name}: ${words}`);
            break;
          }
          path = next;
        }
        if (path === '') unknown.push(`${name}: ${words}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  it('takes --json, but the agent itself, which serves, and completion, which prints a script', async () => {
    const without = (await allCommands())
      .filter(({ command }) => command.commands.length === 0)
      .filter(({ command }) => !command.options.some(({ long }) => long === '--json'))
      .map(({ path }) => path);
    expect(without).toEqual(['completion']);
  });

  it('explains itself and every option, and shows no empty list as a default', async () => {
    const commands = (await allCommands()).filter(({ path }) => path !== '');
    const silent = commands.flatMap(({ path, command }) => [
      ...(command.description() === '' ? [path] : []),
      ...command.options.filter(({ description }) => description === '').map(({ flags }) => `${path} ${flags}`),
    ]);
    expect(silent).toEqual([]);
    expect(commands.filter(({ command }) => command.helpInformation().includes('[]')).map(({ path }) => path)).toEqual(
      [],
    );
  });
});

describe('an option', () => {
  it('has a default that means the same when it is typed as the help shows it', async () => {
    const tried: string[] = [];
    for (const { path, command } of await allCommands())
      for (const { flags, parseArg, defaultValue, defaultValueDescription } of command.options) {
        if (parseArg === undefined || defaultValue === undefined || Array.isArray(defaultValue)) continue;
        const shown = defaultValueDescription ?? String(defaultValue);
        expect(parseArg(shown, undefined as never), `${path} ${flags}`).toEqual(defaultValue);
        tried.push(path);
      }
    expect(tried).toContain('cluster events');
  });

  it('asks for a name once more only where a change of that verb can ask for it', async () => {
    const asking = (await allCommands())
      .filter(({ command }) => command.options.some(({ flags }) => flags === '--confirm <name>'))
      .map(({ path }) => path);
    // Each kind of change with a confirmation, by the verbs that make one.
    expect(asking.toSorted()).toEqual([
      'cluster destroy',
      'cluster evict',
      'form resume',
      'form take-over',
      'form undo',
      'storage-host remove-disk',
      'storage-host remove-target',
      'storage-host unmap',
      'vm remove',
      'vm turn-off',
    ]);
    expect(
      Object.entries(changeKinds)
        .filter(([, kind]) => 'confirmation' in kind)
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([
      'cluster.destroy',
      'cluster.evictNode',
      'storageHost.deleteFile',
      'storageHost.removeDisk',
      'storageHost.removeTarget',
      'storageHost.unmapDisk',
      'vm.remove',
      'vm.turnOff',
    ]);
  });
});

describe('the progress line', () => {
  const escape = String.fromCharCode(27);
  const long = 'Reservations.Registrations.Capacity: there is room for a registration of every node over every path';
  const progress = { doing: long, done: 3, total: 46, leftMs: 12_300 };

  it('never reaches the last column, where it would wrap', () => {
    const written = { out: '', err: '' };
    contextWith(written, { isTTY: true, columns: 40 }).progressLine()(progress);
    const visible = written.err.replace(`\r${escape}[K`, '');
    expect(visible).toMatch(/\u2026 3\/46, 13 s left$/);
    expect(visible.length).toBeLessThanOrEqual(39);
  });

  it('is cleared before a failure is told, and before any other message', () => {
    const written = { out: '', err: '' };
    const context = contextWith(written, { isTTY: true });
    context.progressLine()(progress);
    reportFailure(context, toEnvelope(failure('FILE_NOT_FOUND', { path: '/x' })), false);
    expect(written.err).toContain(`left\r${escape}[KThere is no file /x.`);
    const before = written.err.length;
    context.note('Something.');
    expect(written.err.slice(before)).toBe('Something.\n');
  });

  it('is silent where stderr is no terminal', () => {
    const written = { out: '', err: '' };
    contextWith(written).progressLine()(progress);
    expect(written.err).toBe('');
  });
});

describe('a request to stop', () => {
  it('is acknowledged at once', () => {
    const written = { out: '', err: '' };
    const controller = new AbortController();
    contextWith(written, { signal: controller.signal }).acknowledgeStop('Stopping.');
    expect(written.err).toBe('');
    controller.abort();
    expect(written.err).toBe('Stopping.\n');
  });

  it('tells after the cancellation what could not be removed', () => {
    const written = { out: '', err: '' };
    const cause = failure('QUALIFY_KEYS_LEFT', { left: 'key 0x1 on LUN 1' });
    const stopped = failure('CANCELLED', { what: 'The qualification' }, { effect: 'partial', cause });
    expect(reportFailure(contextWith(written), toEnvelope(stopped), false)).toBe(3);
    expect(written.err).toMatch(/\[CANCELLED\][\s\S]*key 0x1 on LUN 1[\s\S]*\[QUALIFY_KEYS_LEFT\]\n.*clear-mine/);
  });
});
