import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Progress } from '../../../shared/contract/define.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { measuredUntil } from '../../support/measured.ts';
import { textsByLevel } from '../../support/notices.ts';

const failureOf = async (call: Promise<unknown>): Promise<Failure> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the call did not fail');
};

const until = async (condition: () => boolean, withinMs = 180_000): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await new Promise((settled) => setTimeout(settled, 20));
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(engineMissing)('runner on the real engine', () => {
  let engine: Engine;
  const chatter: string[] = [];
  beforeAll(async () => {
    engine = await startEngine({
      sources: [join(import.meta.dirname, 'fixtures')],
      stopGraceMs: 8_000,
      onChatter: (text) => chatter.push(text),
    });
    await engine.runner.warm();
  });
  afterAll(() => engine.close());

  const data = async (name: string, input: object, deadlineMs = 280_000): Promise<unknown> => {
    const answer = await engine.runner.run(name, input, { deadlineMs, long: false });
    if (!answer.ok) throw new Error('unreachable');
    return answer.data;
  };

  it('gives text back as it went in, control characters and half surrogates included', async () => {
    const texts = [
      '',
      'plain',
      'quote " backslash \\ slash / tab \t newline \r\n',
      'äöüß €',
      '日本語 한국어 العربية',
      '\u2028\u2029\u0085\ufeff',
      '\ud800 alone \udc00',
      '\0\u0001\u001f\u007f',
      '$(Get-Date) `n \'@ "@ ${env:PATH}',
    ];
    for (const text of texts) expect(await data('Get-Echo', { value: text })).toMatchObject({ value: text });
  });

  it('gives every Unicode plane back', async () => {
    const planes = Array.from({ length: 17 }, (_, plane) =>
      String.fromCodePoint(plane * 0x10000 + 0x1234, plane * 0x10000 + 0xfffd),
    ).join('');
    expect(await data('Get-Echo', { value: planes })).toMatchObject({ value: planes });
    const all = Array.from({ length: 4_000 }, (_, index) => String.fromCodePoint(0xa1 + index * 0x115)).join('');
    expect(await data('Get-Echo', { value: all })).toMatchObject({ value: all });
  });

  it('gives input of every JSON kind back', async () => {
    const value = { list: [1, -5, 2.5, 'x', true, false, [[]], {}], deep: { er: { still: [null] } }, big: 2 ** 40 };
    expect(await data('Get-Echo', { value })).toMatchObject({
      value: { ...value, big: String(2 ** 40) },
      type: 'Hashtable',
    });
    const awkward = { keys: [1], count: 1, values: null, item: {} };
    expect(await data('Get-Echo', { value: awkward })).toMatchObject({ value: awkward });
    expect(await data('Get-Echo', { value: { count: 1 } })).toMatchObject({ value: { count: 1 } });
    expect(await data('Get-Echo', { value: ['one'] })).toMatchObject({ value: ['one'], type: 'Object[]' });
    expect(await data('Get-Echo', { value: null })).toMatchObject({ value: null, type: null });
    expect(await data('Get-Echo', { size: 18446744073709551615n })).toMatchObject({ size: '18446744073709551615' });
    // Dates stay text in both PowerShells.
    expect(await data('Get-Echo', { value: '2024-02-29T12:00:00Z' })).toMatchObject({ type: 'String' });
  });

  it('projects every kind of value the same way', async () => {
    expect(await data('Get-EveryType', {})).toEqual({
      int: 2147483647,
      uint32: 4294967295,
      int64: '-9223372036854775808',
      uint64: '18446744073709551615',
      decimal: '79228162514264337593543950335',
      double: 0.1,
      nan: null,
      yes: true,
      none: null,
      date: '2024-02-29T12:34:56.789Z',
      isoNull: null,
      enum: 'Friday',
      enumNumber: 'iSCSI',
      enumName: 'iSCSI',
      enumOther: '99',
      guid: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
      empty: [],
      single: [7],
      nested: [[1, 2], []],
      custom: { a: 1, b: 'two' },
      hex: '00ff10',
      list: ['one'],
      listNull: [],
      big: '18446744073709551615',
      number: 4294967295,
      missing: null,
      raw: 9,
      partGood: { ok: true, data: 5 },
      partList: { ok: true, data: [5] },
      partNone: { ok: true, data: null },
      partBad: 5,
      culture: '1.5',
    });
  });

  it('survives chatter on every stream, and reports it as notices', async () => {
    const answer = await engine.runner.run('Get-Chatter', {});
    expect(answer).toMatchObject({ ok: true, data: { done: true } });
    expect(textsByLevel(answer.notices)).toEqual({
      warning: ['a warning'],
      verbose: ['verbose text'],
      information: ['information'],
      error: ['a non-terminating error'],
    });
    const error = answer.notices.find(({ level }) => level === 'error')?.error;
    expect(error).toMatchObject({ category: 'ResourceBusy' });
    expect(error?.id).toBe('Test.NonTerminating');
    await until(() => chatter.some((text) => text.includes('chatter on stderr')));
    expect(chatter.some((text) => text.includes('chatter without a line end'))).toBe(true);
  });

  it('streams progress while the script runs', async () => {
    const waitWithProgress = async (): Promise<{ firstMs: number; tookMs: number }> => {
      const seen: Progress[] = [];
      let firstAt = 0;
      const startedAt = Date.now();
      await engine.runner.run(
        'Invoke-Wait',
        { seconds: 1 },
        {
          onProgress: (progress) => {
            firstAt ||= Date.now();
            seen.push(progress);
          },
        },
      );
      expect(seen.length).toBeGreaterThan(3);
      expect(seen[0]).toMatchObject({ doing: expect.stringMatching(/^Waiting: \d+ of 10$/) as string, total: 100 });
      return { firstMs: firstAt - startedAt, tookMs: Date.now() - startedAt };
    };
    // A machine that stands still meanwhile reads all of it at once; it does not do so each time.
    await measuredUntil(waitWithProgress, ({ firstMs, tookMs }) => expect(firstMs).toBeLessThan(tookMs - 500));
  });

  it('ends a script at its deadline and works on in a fresh session', async () => {
    const { started } = engine.runner.counts;
    const startedAt = Date.now();
    const error = await failureOf(engine.runner.run('Invoke-Wait', { seconds: 3_600 }, { deadlineMs: 1_000 }));
    expect(Date.now() - startedAt).toBeLessThan(300_000);
    expect(error).toMatchObject({ code: 'POWERSHELL_DEADLINE_PASSED', effect: 'unknown', retry: 'later' });
    expect(await data('Get-Echo', { value: 1 })).toMatchObject({ value: 1 });
    expect(engine.runner.counts.started).toBe(started + 1);
  });

  it('says that a reading script changed nothing when it was ended', async () => {
    const error = await failureOf(
      engine.runner.run('Get-LongText', { length: 400_000_000, text: 'x' }, { deadlineMs: 400 }),
    );
    expect(error).toMatchObject({ code: 'POWERSHELL_DEADLINE_PASSED', effect: 'none' });
  });

  it('cancels by stopping the script', async () => {
    const controller = new AbortController();
    let at = 0;
    const call = engine.runner.run(
      'Invoke-Wait',
      { seconds: 3_600 },
      {
        signal: controller.signal,
        onProgress: () => {
          at ||= Date.now();
          controller.abort();
        },
      },
    );
    const error = await failureOf(call);
    expect(Date.now() - at).toBeLessThan(300_000);
    expect(error).toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
    const before = new AbortController();
    before.abort();
    expect(await failureOf(engine.runner.run('Get-Echo', {}, { signal: before.signal }))).toMatchObject({
      code: 'CANCELLED',
      effect: 'none',
    });
  });

  it('kills the process of a script that will not stop', async () => {
    const controller = new AbortController();
    const pids = new Set<string>();
    const call = engine.runner.run(
      'Invoke-Wait',
      { stubborn: true },
      {
        signal: controller.signal,
        onProgress: (progress) => {
          pids.add(progress.doing);
          controller.abort();
        },
      },
    );
    const startedAt = Date.now();
    expect(await failureOf(call)).toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
    // Of itself it would stop after ten minutes.
    expect(Date.now() - startedAt).toBeLessThan(300_000);
    expect(await data('Get-Echo', { value: 2 })).toMatchObject({ value: 2 });
  });

  it('reports a session that dies in the middle with its effect unknown', async () => {
    const error = await failureOf(engine.runner.run('Set-Failure', { way: 'die' }));
    expect(error).toMatchObject({ code: 'POWERSHELL_SESSION_DIED', effect: 'unknown' });
    expect(await data('Get-Echo', { value: 3 })).toMatchObject({ value: 3 });
  });

  it('never lets long calls hold up a quick one', async () => {
    const controller = new AbortController();
    let running = 0;
    const long = Array.from({ length: 5 }, () => {
      let seen = false;
      return failureOf(
        engine.runner.run(
          'Invoke-Wait',
          { seconds: 3_600 },
          {
            deadlineMs: 4_000_000,
            signal: controller.signal,
            onProgress: () => {
              if (!seen) running++;
              seen = true;
            },
          },
        ),
      );
    });
    // Four of them run, the fifth has to wait; a spare session stands ready.
    await until(() => running === 4 && engine.runner.counts.idle > 0);
    for (let time = 0; time < 3; time++) {
      const startedAt = Date.now();
      expect(await data('Get-Echo', { value: time })).toMatchObject({ value: time });
      // The long calls take an hour: a quick one that waited for one of them would be far over this, on a busy machine too.
      expect(Date.now() - startedAt).toBeLessThan(180_000);
    }
    expect(engine.runner.counts.busy).toBe(4);
    controller.abort();
    const codes = (await Promise.all(long)).map((error) => error.code);
    expect(codes).toEqual(Array(5).fill('CANCELLED'));
  });

  it('brings 50 MB back', async () => {
    const ascii = (await data('Get-LongText', { length: 50_000_000, text: 'storage ' })) as { text: string };
    expect(ascii.text.length).toBe(50_000_000);
    const mixed = (await data('Get-LongText', { length: 25_000_000, text: 'Größe 日本 😀 ' })) as { text: string };
    expect(Buffer.byteLength(mixed.text)).toBeGreaterThan(40_000_000);
    expect(mixed.text.startsWith('Größe 日本 😀 Größe')).toBe(true);
  });

  describe('errors', () => {
    const cases: readonly (readonly [way: string, code: string, effect: string])[] = [
      ['denied', 'ACCESS_DENIED', 'none'],
      ['wmiDenied', 'ACCESS_DENIED', 'none'],
      ['rpc', 'WINDOWS_RPC_UNAVAILABLE', 'none'],
      ['command', 'POWERSHELL_COMMAND_MISSING', 'none'],
      ['module', 'POWERSHELL_MODULE_MISSING', 'none'],
      ['noResult', 'POWERSHELL_SCRIPT_FAULT', 'unknown'],
      ['unprojected', 'POWERSHELL_SCRIPT_FAULT', 'unknown'],
      ['strict', 'POWERSHELL_SCRIPT_FAULT', 'unknown'],
      ['exit', 'POWERSHELL_SCRIPT_FAULT', 'unknown'],
      ['unknown', 'POWERSHELL_ERROR_UNKNOWN', 'unknown'],
    ];
    it.each(cases)('%s is %s', async (way, code, effect) => {
      for (const message of ['Zugriff verweigert', 'アクセスが拒否されました。', '']) {
        expect(await failureOf(engine.runner.run('Set-Failure', { way, message }))).toMatchObject({ code, effect });
      }
    });

    it('names the missing command and the missing module', async () => {
      expect((await failureOf(engine.runner.run('Set-Failure', { way: 'command' }))).detail.command).toBe(
        'Get-NothingOfTheSort',
      );
      expect((await failureOf(engine.runner.run('Set-Failure', { way: 'module' }))).detail.module).toBe(
        'QuorateNoSuchModule',
      );
      expect((await failureOf(engine.runner.run('Set-Failure', { way: 'unprojected' }))).detail.message).toContain(
        'data.inner[0]',
      );
    });

    it('shows an error that no table knows as it is', async () => {
      const error = await failureOf(engine.runner.run('Set-Failure', { way: 'unknown', message: 'Ärger mit 日本' }));
      expect(error.message).toContain('Ärger mit 日本');
      expect(error.message).toContain('Vendor.Odd');
      expect(error.message).toContain('0x80041001');
      expect(error.detail).toMatchObject({ hresult: -2147217407, win32: null, category: 'NotSpecified' });
    });

    it('gives expected codes back as values, by rows of the caller', async () => {
      const answer = await engine.runner.run(
        'Set-Failure',
        { way: 'own', message: 'Kein Adapter' },
        {
          errors: [{ code: 'NIC_NOT_FOUND', id: 'Quorate.NicNotFound', detail: (error) => ({ nic: error.at.target }) }],
          expected: ['NIC_NOT_FOUND'],
        },
      );
      expect(answer).toMatchObject({
        ok: false,
        code: 'NIC_NOT_FOUND',
        error: { id: 'Quorate.NicNotFound', category: 'ObjectNotFound', at: { target: 'Ethernet 7' } },
      });
    });

    it('refuses an answer of another form', async () => {
      const error = await failureOf(
        engine.runner.run('Get-Echo', { value: 'x' }, { output: z.object({ value: z.number() }) }),
      );
      expect(error.code).toBe('POWERSHELL_ANSWER_INVALID');
      expect(error.message).toContain('value');
    });

    it('refuses a parameter that the script does not have', async () => {
      expect((await failureOf(engine.runner.run('Get-Echo', { nonsense: 1 }))).code).toBe('POWERSHELL_SCRIPT_FAULT');
    });
  });

  it('shows a secret to the cmdlet and to nobody else', async () => {
    const secret = new Secret('Chap-Geheimnis-ü');
    const input = { secret, credential: { userName: 'LAB\\admin', password: new Secret('Noch-Geheimer') } };
    const before = chatter.length;
    expect(await data('Get-Echo', input)).toMatchObject({ secretLength: 16, credential: 'LAB\\admin:13' });
    const rendered = await engine.runner.render('Get-Echo', input);
    const shown = [rendered, inspect(input), JSON.stringify(input), ...chatter.slice(before)].join('\n');
    expect(shown).not.toContain('Geheim');
    expect(rendered).toContain('Read-Host -AsSecureString');
    if (process.platform === 'linux') {
      const pid = /\d+/.exec(JSON.stringify(await data('Get-SessionProcess', {})))![0];
      expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain('Geheim');
    }
  });

  it('leaves no process behind', async () => {
    const own = await startEngine({ sources: [join(import.meta.dirname, 'fixtures')] });
    const { processId } = (await own.runner
      .run('Get-SessionProcess', {})
      .then((answer) => answer.ok && answer.data)) as { processId: number };
    const lost = failureOf(own.runner.run('Invoke-Wait', { seconds: 30 }));
    await until(() => own.runner.counts.busy === 1);
    await own.close();
    expect((await lost).code).toBe('CANCELLED');
    await until(() => !isAlive(processId));
    expect((await failureOf(own.runner.run('Get-Echo', {}))).code).toBe('POWERSHELL_CLOSED');
  });
});
