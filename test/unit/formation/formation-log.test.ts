import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { localFiles } from '../../../main/agent/local-files.ts';
import { exportFormation } from '../../../main/operations/formation/export-formation.ts';
import { FormationLog, statusOfRecord } from '../../../main/operations/formation/formation-log.ts';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import type { SeenServer } from '../../../shared/model/formation.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = JSON.stringify(exampleClusterFile({ servers: 2, storageHost: true }));
const at = new Date('2026-01-01T00:00:00.000Z');
const step = (id: string, what: Partial<FormationStepResult> = {}): FormationStepResult => ({
  ...{ id, node: id.split('/')[0]!, stage: 'network', title: `Title of ${id}`, state: 'done', proof: 'it is so' },
  ...{ error: null, why: '', doing: null, expectedMs: null, canSkip: false },
  ...{ startedAt: at.toISOString(), endedAt: at.toISOString() },
  ...what,
});
const seen = (server: string, computerName: string): SeenServer => ({
  ...{ server, computerName, isAdministrator: true, account: `${computerName}\\Administrator`, windows: 'Windows' },
  nics: [
    { mac: '02:00:00:00:00:01', name: 'Production', role: 'production', isConnected: true, addresses: ['192.0.2.21'] },
  ],
  ...{ sessions: [], disks: null, offered: null, letters: null },
});

let isRunning = false;
const log = new FormationLog(folder, () => isRunning);
const run = (id: string, steps: readonly FormationStepResult[], state: 'formed' | 'failed', name: string): void => {
  log.begin({
    at: at.toISOString(),
    formation: id,
    cluster: 'CLUSTER1',
    path: 'c.json',
    text,
    by: 'cli',
    direction: 'form',
    agreed: ['NODE1/restart:NODE1'],
    acceptWarnings: [],
  });
  log.seen(id, at, 'before', [seen('NODE1', name)]);
  for (const one of steps) log.step(id, at, one);
  log.seen(id, at, 'after', [seen('NODE1', 'NODE1')]);
  log.end(id, at, state, null);
};

describe('the record of a formation', () => {
  it('holds what the runs that it goes on with had done, and nothing of one that came to its end', () => {
    run('form-20260101-000000-000-aaaa', [step('NODE1/old')], 'formed', 'OLD');
    run('form-20260102-000000-000-aaaa', [step('NODE1/a'), step('NODE1/b', { state: 'failed' })], 'failed', 'WIN-1');
    run('form-20260103-000000-000-aaaa', [step('NODE1/b')], 'failed', 'NODE1');
    run('form-20260104-000000-000-aaaa', [step('STORE1/c')], 'formed', 'NODE1');
    const record = log.last()!;
    expect(record.earlier.map(({ id, state }) => [id, state])).toEqual([
      ['NODE1/a', 'done'],
      ['NODE1/b', 'done'],
    ]);
    expect(record.steps.map(({ id }) => id)).toEqual(['STORE1/c']);
    // Before is before the first of them.
    expect(record.before?.map(({ computerName }) => computerName)).toEqual(['WIN-1']);
    const status = statusOfRecord(record, log);
    expect(status).toMatchObject({ coordinator: null, earlier: [{ id: 'NODE1/a' }, { id: 'NODE1/b' }] });
    expect(status.wanted?.storageHost?.name).toBe('STORE1');
  });

  it('leaves out what a person skipped until the formation is undone, and asks for a new one then', () => {
    const own = mkdtempSync(join(tmpdir(), 'quorate-log-'));
    const open = new FormationLog(own, () => false);
    const ended = (id: string, direction: 'form' | 'undo', day: number): void => {
      const then = new Date(at.getTime() + day * 86_400_000);
      open.begin({
        ...{ at: then.toISOString(), formation: id, cluster: 'CLUSTER1', path: 'c.json', text, by: 'cli' },
        ...{ direction, agreed: [], acceptWarnings: [] },
      });
      open.end(id, then, direction === 'undo' ? 'undone' : 'formed', null);
    };
    const skip = (name: string, day: number) => {
      const then = new Date(at.getTime() + day * 86_400_000).toISOString();
      open.skip({ step: name, reason: 'it was drilled by hand', at: then, by: 'cli' });
    };
    try {
      skip('NODE1/drill.quickMigration:VM1', 0);
      ended('form-20260102-000000-000-aaaa', 'form', 1);
      expect(open.skips().map(({ step: one }) => one)).toEqual(['NODE1/drill.quickMigration:VM1']);
      ended('form-20260103-000000-000-aaaa', 'undo', 2);
      expect(open.skips()).toEqual([]);
      skip('NODE1/drill.loseHost:NODE2', 3);
      expect(open.skips().map(({ step: one }) => one)).toEqual(['NODE1/drill.loseHost:NODE2']);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });

  it('runs where its core says so, whichever program has the number of the process that began it', () => {
    const own = mkdtempSync(join(tmpdir(), 'quorate-log-'));
    const open = new FormationLog(own, () => isRunning);
    try {
      open.begin({
        ...{ at: at.toISOString(), formation: 'form-1', cluster: 'CLUSTER1', path: 'c.json', text, by: 'cli' },
        ...{ direction: 'form', agreed: [], acceptWarnings: [] },
      });
      open.serial('form-1', at, { question: 'NODE1/serialNumber:60A1', serial: 'SN1', text: 'Type it.' });
      open.step('form-1', at, step('NODE1/a', { state: 'running' }));
      // This very process, as after a restart of the server with the same number.
      expect(open.last()).toMatchObject({ state: 'interrupted', steps: [{ state: 'interrupted' }] });
      // What was typed is known to whoever goes on, and is no part of how the formation stands.
      expect(open.last()?.serials).toEqual([{ question: 'NODE1/serialNumber:60A1', serial: 'SN1', text: 'Type it.' }]);
      expect(JSON.stringify(statusOfRecord(open.last()!, open))).not.toContain('SN1');
      isRunning = true;
      expect(open.last()).toMatchObject({ state: 'running', steps: [{ state: 'running' }] });
    } finally {
      isRunning = false;
      rmSync(own, { recursive: true, force: true });
    }
  });

  it('says what was before, what was done as whom, what was after, and attaches the validation', async () => {
    const report = join(folder, 'validation-1.htm');
    const windows = gunzipSync(
      readFileSync(join(import.meta.dirname, '../../fixtures/validation/compute-1709-4nodes.htm.gz')),
    );
    writeFileSync(report, windows);
    run(
      'form-20260105-000000-000-aaaa',
      [step('NODE1/v', { stage: 'validate', proof: `12 tests passed or are expected; report: ${report}` })],
      'formed',
      'WIN-9',
    );
    const { files } = await exportFormation(
      { format: 'html', path: 'cluster.json', to: { kind: 'content' } },
      {
        log,
        rehearsal: { name: 'w1', server: 'NODE1', direction: 'form' },
        files: localFiles,
        printer: null,
        signal: new AbortController().signal,
        plan: () => Promise.reject(new Error('no')),
      },
    );
    const html = Buffer.from(files[0]!.base64!, 'base64').toString();
    const places = [
      'REHEARSAL: these are simulated servers',
      '<h2>Before</h2>',
      'WIN-9, Windows',
      '<h2>What was done</h2>',
      'NODE1<br>WIN-9\\Administrator',
      '<h2>After</h2>',
      '<h2>Validation report</h2>',
      '<h2>The cluster file</h2>',
    ].map((one) => html.indexOf(one));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    // Opened in a browser it may load and run nothing, whatever a machine wrote into it.
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    // A machine that was not asked is named all the same.
    expect(html).toContain('STORE1</td><td class="value" style="white-space:pre-line">It could not be asked.');
    expect(html).toContain(`href="data:text/html;base64,${windows.toString('base64').slice(0, 40)}`);
  });

  it('tells what a person paused, also once its process has ended, until it is gone on with', () => {
    const own = new FormationLog(mkdtempSync(join(folder, 'paused-')), () => isRunning);
    const begin = (formation: string): void =>
      own.begin({
        ...{ at: at.toISOString(), formation, cluster: 'CLUSTER1', path: 'c.json', text, by: 'cli' },
        ...{ direction: 'form', agreed: [], acceptWarnings: [] },
      });
    const told = (): [string, boolean] => {
      const { state, isPaused } = statusOfRecord(own.last()!, own);
      return [state, isPaused];
    };
    begin('form-20260101-000000-000-aaaa');
    own.step('form-20260101-000000-000-aaaa', at, step('NODE1/host.restart', { state: 'running', endedAt: null }));
    expect(told()).toEqual(['interrupted', false]);
    own.pause('form-20260101-000000-000-aaaa', at, true);
    expect(told()).toEqual(['interrupted', true]);
    own.pause('form-20260101-000000-000-aaaa', at, false);
    expect(told()).toEqual(['interrupted', false]);
    own.pause('form-20260101-000000-000-aaaa', at, true);
    begin('form-20260102-000000-000-aaaa');
    expect(told()).toEqual(['interrupted', false]);
  });
});
