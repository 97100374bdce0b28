import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../main/ports/secret.ts';
import { mapScriptError, type ErrorRow } from '../../../main/powershell/runner/error-table.ts';
import type { ScriptError } from '../../../main/powershell/index.ts';
import { diskErrors } from '../../../main/windows/errors/disk-errors.ts';
import { joinErrors, renameErrors, restartErrors, timeErrors } from '../../../main/windows/errors/host-errors.ts';
import { featureErrors, initiatorErrors, mpioErrors } from '../../../main/windows/errors/initiator-errors.ts';
import { nicErrors } from '../../../main/windows/errors/nic-errors.ts';
import { explain, toEnvelope } from '../../../shared/errors/failure.ts';

const credential = { userName: 'LAB\\joiner', password: new Secret('not-in-any-text') };
const tables: Readonly<Record<string, readonly ErrorRow[]>> = {
  ...Object.fromEntries(Object.entries(nicErrors).map(([name, rows]) => [`nics.${name}`, rows])),
  ...Object.fromEntries(Object.entries(initiatorErrors).map(([name, rows]) => [`initiator.${name}`, rows])),
  ...Object.fromEntries(Object.entries(diskErrors).map(([name, rows]) => [`disks.${name}`, rows])),
  'host.rename': renameErrors(credential),
  'host.join': joinErrors(credential),
  'host.restart': restartErrors,
  'host.time': timeErrors,
  'mpio.change': mpioErrors,
  'mpio.install': featureErrors,
};

const first = <Value>(value: Value | readonly Value[] | undefined): Value | undefined =>
  Array.isArray(value) ? (value as readonly Value[])[0] : (value as Value | undefined);

/** An error that exactly this row speaks of; its message says nothing, in a language nobody reads. */
const errorFor = (row: ErrorRow): ScriptError => ({
  id: `${first(row.id) ?? 'Nobody'},Some-Cmdlet`,
  category: row.category ?? 'NotSpecified',
  hresult: first(row.hresult) === undefined ? null : first(row.hresult)! | 0,
  win32: first(row.win32) ?? null,
  message: 'アクセスが拒否されました。',
  at: { script: null, line: null, command: first(row.command) ?? null, target: null },
});

const rows = Object.entries(tables).flatMap(([table, list]) =>
  list.map((row, index) => [`${table}[${index}] ${row.code}`, row] as const),
);

describe('tables of errors', () => {
  it.each(rows)('%s fills its texts and says what it changed', (_title, row) => {
    const failure = mapScriptError(errorFor(row), [row], {
      script: 'Some-Script',
      path: '',
      changes: 'something',
      input: {},
    });
    expect(failure.code).toBe(row.code);
    const { what, next } = explain(toEnvelope(failure));
    expect(`${what} ${next}`).not.toMatch(/[{}]/);
    // Every row that is not told otherwise knows what it changed: "unknown" has to be meant.
    expect(row.effect).toBeDefined();
  });

  it('know a refusal by numbers and ids and by nothing else', () => {
    const unknown: ScriptError = {
      id: 'Something New',
      category: 'NotSpecified',
      hresult: null,
      win32: null,
      message: 'The disk is offline. Access is denied. The target name is not found.',
      at: { script: null, line: null, command: null, target: null },
    };
    for (const [table, list] of Object.entries(tables)) {
      const failure = mapScriptError(unknown, list, { script: 's', path: '', changes: 'one', input: {} });
      expect([table, failure.code, failure.effect]).toEqual([table, 'POWERSHELL_ERROR_UNKNOWN', 'unknown']);
    }
  });

  it.each([
    [
      'FailoverClusters',
      'CLUSTER_FEATURE_MISSING',
      /roles install --feature Failover-Clustering --feature RSAT-Clustering-PowerShell/,
    ],
    ['Hyper-V', 'HYPERV_MISSING', /roles install --feature Hyper-V --feature Hyper-V-PowerShell.*restart/],
    ['MPIO', 'MPIO_NOT_INSTALLED', /roles install --feature Multipath-IO.*restart/],
    ['IscsiTarget', 'STORAGE_HOST_ROLE_MISSING', /storage-host install/],
  ] as const)('name the feature that brings a command of %s, whichever script wants it', (module, code, next) => {
    const { cmdlets } = JSON.parse(
      readFileSync(join('test', 'powershell', 'catalogue', 'windows', `${module}.json`), 'utf8'),
    ) as { cmdlets: Readonly<Record<string, unknown>> };
    const scripts = readdirSync(join('main', 'powershell', 'scripts'))
      .map((name) => readFileSync(join('main', 'powershell', 'scripts', name), 'utf8'))
      .join('\n');
    const used = Object.keys(cmdlets).filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(scripts));
    expect(used.length).toBeGreaterThan(2);
    for (const [id, target] of [
      ...used.map((name) => ['CommandNotFoundException', name] as const),
      ['Modules_ModuleNotFound', module] as const,
    ]) {
      const error = { ...errorFor({ code, id }), at: { script: null, line: null, command: null, target } };
      const failure = mapScriptError(error, [], {
        script: 's',
        path: '',
        changes: 'something',
        input: { node: 'NODE9' },
      });
      expect([target, failure.code, failure.effect]).toEqual([target, code, 'none']);
      // The command is missing here, not on the server that the change is about.
      expect(failure.message).toMatch(/this server/);
      expect(failure.next).toMatch(next);
    }
  });

  it('tell an account that may not join from a session that may not ask', () => {
    const of = (id: string): ScriptError => ({ ...errorFor({ code: 'ACCESS_DENIED', id }), win32: 5 });
    const context = { script: 's', path: '', changes: 'one' as const, input: { domain: 'lab.test' } };
    const refused = mapScriptError(of('Quorate.JoinRefused'), joinErrors(credential), context);
    expect([refused.code, refused.detail['account']]).toEqual(['HOST_CREDENTIAL_REFUSED', 'LAB\\joiner']);
    expect(mapScriptError(of('MI RESULT 2'), joinErrors(credential), context).code).toBe('ACCESS_DENIED');
    expect(mapScriptError(of('Quorate.RenameRefused'), renameErrors(null), context).code).toBe('ACCESS_DENIED');
  });

  it('say that a partition stayed behind when its letter was taken', () => {
    const taken = errorFor({ code: 'DISK_LETTER_IN_USE', id: 'StorageWMI 42002' });
    const context = { script: 's', path: '', changes: 'one' as const, input: { driveLetter: 'F' } };
    expect(mapScriptError(taken, diskErrors.createPartition, context).effect).toBe('partial');
    expect(mapScriptError(taken, diskErrors.setDriveLetter, context).effect).toBe('none');
  });
});
