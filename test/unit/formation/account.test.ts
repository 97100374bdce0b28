import { describe, expect, it } from 'vitest';
import { administersServers } from '../../../main/operations/formation/administers-servers.ts';
import { createHostPort } from '../../../main/windows/host.ts';
import type { Runner } from '../../../main/powershell/index.ts';
import { kindOfAccount, type Account, type Rights, type RightsThere } from '../../../shared/model/rights.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const file = exampleFile(2);
const machine = 'S-1-5-21-1004336348-1177238915-682003330';
const accounts = {
  builtIn: { name: 'NODE1\\Administrator', sid: `${machine}-500` },
  local: { name: 'NODE1\\operator', sid: `${machine}-1001` },
  domain: { name: 'LAB\\installer', sid: `${machine}-1104` },
  system: { name: 'NT AUTHORITY\\SYSTEM', sid: 'S-1-5-18' },
  managed: { name: 'LAB\\quorate$', sid: `${machine}-1201` },
} satisfies Record<string, Account>;

describe('the kind of an account', () => {
  it.each([
    [accounts.builtIn, 'builtInAdministrator'],
    [accounts.local, 'local'],
    [{ name: 'node1\\operator', sid: `${machine}-1001` }, 'local'],
    [accounts.domain, 'domain'],
    // The Administrator of a domain is no local account: UAC does not filter it.
    [{ name: 'LAB\\Administrator', sid: `${machine}-500` }, 'domain'],
    [accounts.system, 'service'],
    // Windows writes their names in its own language: the SID decides.
    [{ name: 'NT-AUTORIT\u00c4T\\Netzwerkdienst', sid: 'S-1-5-20' }, 'service'],
    [{ name: 'NT SERVICE\\Quorate', sid: 'S-1-5-80-1-2-3-4-5' }, 'service'],
    [accounts.managed, 'service'],
  ] as const)('%o', (account, kind) => expect(kindOfAccount(account, 'NODE1')).toBe(kind));
});

describe('a plan says as whom it is', () => {
  const refusalsOf = (index: number, change: (input: ServerInput) => ServerInput): string[] =>
    planServer(bareServer(file, index, change))
      .phases.find(({ phase }) => phase === 'readiness')!
      .refusals.map(({ code }) => code);

  it('names the account of each server', () => {
    expect(planServer(bareServer(file, 0)).account).toBe('WIN-0\\Administrator');
    expect(planServer(bareServer(file, 0, (input) => ({ ...input, runsAs: null }))).account).toBeNull();
  });

  it('refuses a service account where the cluster is formed from, and there alone', () => {
    for (const runsAs of [accounts.system, accounts.managed])
      expect(refusalsOf(0, (input) => ({ ...input, runsAs }))).toEqual(['FORM_ACCOUNT_IS_SERVICE']);
    expect(refusalsOf(1, (input) => ({ ...input, runsAs: accounts.system }))).toEqual([]);
    expect(refusalsOf(0, (input) => ({ ...input, runsAs: null }))).toEqual([]);
  });

  it('refuses a core without elevation on any server', () => {
    const plain = (input: ServerInput): ServerInput => ({
      ...input,
      observed: {
        ...input.observed,
        host: { ...input.observed.host!, facts: { ...input.observed.host!.facts, isAdministrator: false } },
      },
    });
    for (const index of [0, 1]) expect(refusalsOf(index, plain)).toEqual(['HOST_NOT_ELEVATED']);
  });
});

describe('the proof that an account is administrator on every other server', () => {
  const judged = async (account: Account | null, outcome: RightsThere['outcome'], because: string | null = null) => {
    const asked: string[] = [];
    const rights: Rights = {
      account,
      there: [{ server: 'NODE2', outcome, because }],
      unread: account === null ? [{ property: 'account', because: 'PlatformNotSupported' }] : [],
    };
    const host = {
      readState: () => Promise.resolve({ computerName: 'NODE1' }),
      readRights: (servers: readonly string[]) => {
        asked.push(...servers);
        return Promise.resolve(rights);
      },
    };
    const check = administersServers({ use: (work) => work({ ports: { host } } as never) });
    return { proof: await check('', file, new AbortController().signal), asked };
  };

  it('asks the others, and never its own share', async () => {
    expect(await judged(accounts.domain, 'administrator')).toEqual({
      proof: 'LAB\\installer is an administrator on NODE2',
      asked: ['NODE2'],
    });
  });

  it('holds by what the other says, also where the account was not read', async () => {
    expect((await judged(null, 'administrator')).proof).toContain('not read: PlatformNotSupported');
  });

  it.each([
    [accounts.system, 'administrator', 'FORM_ACCOUNT_IS_SERVICE'],
    [accounts.managed, 'denied', 'FORM_ACCOUNT_IS_SERVICE'],
    [accounts.local, 'denied', 'FORM_REMOTE_UAC'],
    [accounts.builtIn, 'denied', 'FORM_NOT_ADMINISTRATOR_THERE'],
    [accounts.domain, 'denied', 'FORM_NOT_ADMINISTRATOR_THERE'],
    [null, 'denied', 'FORM_NOT_ADMINISTRATOR_THERE'],
    [accounts.domain, 'notReached', 'FORM_SHARE_NOT_REACHED'],
    [accounts.domain, 'unknown', 'FORM_SHARE_NOT_REACHED'],
  ] as const)('as %o, "%s" is %s', async (account, outcome, code) => {
    await expect(judged(account, outcome)).rejects.toMatchObject({ code, effect: 'none' });
  });

  it('names both servers, the account and what to do', async () => {
    await expect(judged(accounts.local, 'denied')).rejects.toMatchObject({
      detail: { other: 'NODE2', server: 'NODE1', account: 'NODE1\\operator' },
      next: expect.stringContaining('LocalAccountTokenFilterPolicy') as string,
    });
  });
});

describe('what the script says of a share', () => {
  const error = (category: string) => ({
    ok: false as const,
    error: {
      id: 'ItemExistsUnauthorizedAccessError,Microsoft.PowerShell.Commands.TestPathCommand',
      category,
      message: 'Zugriff verweigert',
      hresult: null,
      win32: null,
      at: { script: null, line: null, command: 'Test-Path', target: null },
    },
  });
  const read = async (opened: unknown): Promise<Rights> => {
    const runner = {
      run: (_script: string, _input: object, options: { output: { parse: (value: unknown) => unknown } }) =>
        Promise.resolve({
          ok: true,
          data: options.output.parse({
            account: { ok: true, data: accounts.domain },
            there: [{ server: 'NODE2', opened }],
          }),
          notices: [],
        }),
    } as unknown as Runner;
    return createHostPort(runner).readRights(['NODE2']);
  };

  it.each([
    [{ ok: true, data: true }, 'administrator'],
    [{ ok: true, data: false }, 'notReached'],
    [error('PermissionDenied'), 'denied'],
    [error('InvalidOperation'), 'unknown'],
  ] as const)('%o', async (opened, outcome) => {
    expect((await read(opened)).there).toMatchObject([{ server: 'NODE2', outcome }]);
  });
});
