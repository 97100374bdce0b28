import { chmodSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareDataFolder } from '../../../main/agent/data-folder.ts';
import { writeTakenOver } from '../../../main/agent/taken-over.ts';
import { runCli } from '../../../main/cli/run.ts';
import { Journal } from '../../../main/journal/journal.ts';
import { FormationLog } from '../../../main/operations/formation/formation-log.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { titled } from '../../support/skipped.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-trust-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quorate = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const said = { out: '', err: '' };
  const to = (name: 'out' | 'err') => ({ write: (text: string) => void (said[name] += text) });
  const streams = { stdout: to('out'), stderr: to('err'), stdin: new PassThrough(), env: {} };
  const code = await runCli(['--data', folder, ...args], streams, new AbortController().signal);
  return { code, ...said };
};

/** A change that was interrupted, as whoever can write to the folder could have written it: its checksums are right. */
const plant = (title: string): string => {
  const entry = new Journal(folder).begin({
    server: 'local',
    node: 'NODE1',
    by: 'cli',
    title,
    method: 'plan.apply',
    desire: {
      area: 'host',
      desire: { restart: { reason: 'x', resume: null, always: true }, removeResumes: [], account: null },
    },
    steps: [],
    followUp: null,
  } as never);
  entry.write('end', { state: 'restartNeeded' });
  entry.close();
  return entry.id;
};

describe.skipIf(process.platform === 'win32')(
  titled(
    'a data folder that others can write to',
    process.platform === 'win32' ? 'Windows has access lists in place of modes' : null,
  ),
  () => {
    it('is refused where it belongs to another account, whatever its mode', () => {
      const uid = statSync(folder).uid;
      const account = vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
      try {
        expect(() => prepareDataFolder(folder)).toThrow(/it belongs to another account/);
        account.mockReturnValue(uid);
        expect(prepareDataFolder(folder)).toBe(realpathSync(folder));
      } finally {
        account.mockRestore();
      }
    });

    it.each([
      ['another account may write', 0o702],
      ['its group may write', 0o720],
    ])('is used for nothing that counts: %s', async (_what, mode) => {
      let connections = 0;
      const address = join(folder, 'planted.sock');
      const squatter = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => squatter.listen(address, resolve));
      writeFileSync(join(folder, 'core.json'), JSON.stringify({ pid: 1, address, token: 'planted' }));
      plant('Format the wrong disk');
      chmodSync(folder, mode);
      try {
        for (const command of [
          ['agent', 'status'],
          ['agent', 'stop'],
          ['journal', 'resume', '--yes'],
          ['host', 'restart', '--resume', 'logon', '--resume-account', 'N\\a', '--yes'],
        ]) {
          const { code, err } = await quorate(...command);
          expect([code, err.includes('[DATA_FOLDER_UNSAFE]')], `${command.join(' ')}: ${err}`).toEqual([1, true]);
        }
        expect(connections).toBe(0);
      } finally {
        await new Promise((resolve) => squatter.close(resolve));
      }
    });
  },
);

describe('what goes on by itself after a restart', () => {
  it('is nothing that lay in the folder before it was protected; a person is told of it', async () => {
    const planted = plant('Format the wrong disk');
    writeTakenOver(folder, [planted]);
    const { code, out, err } = await quorate('journal', 'resume', '--yes');
    expect(code).toBe(1);
    expect(err).toContain(`${planted}: it was in the data folder before that was protected`);
    expect(out).toBe('Nothing is waiting to continue.\n');
    // What came later is tried, and fails here because this is no Windows Server.
    const own = plant('Restart');
    const again = await quorate('journal', 'resume', '--yes');
    expect(again.err).toContain(`${own}: `);
    expect(again.err).toContain(`${planted}: it was in`);
    expect(new Journal(folder).read(planted).state).toBe('restartNeeded');
  });

  it('is no formation that lay there either', async () => {
    const log = new FormationLog(folder, () => false);
    log.begin({
      ...{
        at: new Date().toISOString(),
        formation: 'form-1',
        cluster: 'C',
        path: 'c.json',
        by: 'cli',
        direction: 'form',
      },
      ...{ text: JSON.stringify(exampleClusterFile({ servers: 2 })), agreed: [], acceptWarnings: [] },
    });
    writeTakenOver(folder, ['form-1']);
    const { code, err } = await quorate('journal', 'resume', '--yes');
    expect(err).toContain('form-1: it was in the data folder before that was protected');
    expect(code).toBe(1);
    expect(log.last()).toMatchObject({ formation: 'form-1', state: 'interrupted' });
  });

  it('is nothing at all where the list of what lay there cannot be read', async () => {
    const own = plant('Restart');
    writeFileSync(join(folder, 'taken-over.json'), 'x');
    const { code, err } = await quorate('journal', 'resume', '--yes');
    expect([code, err.includes(`${own}: it was in`)]).toEqual([1, true]);
  });
});
