import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';
import { CHAP_ALGORITHMS } from '../../../main/iscsi/index.ts';
import { qualificationReportSchema } from '../../../shared/model/qualification.ts';
import { runCli, temporaryData, type CliResult } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { arrayChap, chap, expectNothingLeft, nodeName, portalOf } from '../../support/iscsi-cli.ts';
import { titled } from '../../support/skipped.ts';

/** Electron's crypto (BoringSSL) lacks digests that Node's (OpenSSL) has: the desktop runs the same bundle inside it. */
const electron = findElectron();

const asNode = { ELECTRON_RUN_AS_NODE: '1' };

/** Which digests of the registry the runtime itself can compute: asked without any code of ours. */
const askDigests = (executable: string): number[] => {
  const script = `const { createHash } = require('node:crypto');
    const works = (hash) => { try { createHash(hash).update('').digest(); return true; } catch { return false; } };
    console.log(JSON.stringify(${JSON.stringify(CHAP_ALGORITHMS)}.filter(({ hash }) => works(hash)).map(({ code }) => code)));`;
  const text = execFileSync(executable, ['-e', script], { env: { ...process.env, ...asNode }, encoding: 'utf8' });
  return JSON.parse(text) as number[];
};

describe.skipIf(!electron)(
  titled('the built command line inside Electron', electron ? null : 'there is no Electron runtime'),
  () => {
    const executable = electron?.executable ?? '';
    const run = (target: TestTarget, args: readonly string[], stdin: string): Promise<CliResult> =>
      runCli(
        [
          ...['iscsi', ...args, '--portal', portalOf(target), '--initiator', nodeName],
          ...['--chap-user', chap.user, '--chap-secret-file', '-'],
        ],
        { data: temporaryData(), stdin, program: [executable], env: { ...asNode, QUORATE_TRACE: 'text' } },
      );
    const offered = ({ err }: CliResult): number[][] =>
      [...err.matchAll(/> .*?CHAP_A=([\d,]+)/g)].map(([, codes = '']) => codes.split(',').map(Number));
    const mutual = ['--chap-mutual-user', arrayChap.user, '--chap-mutual-secret-file', '-'];
    const bothSecrets = `${chap.secret}\n${arrayChap.secret}\n`;
    const serve = (): Promise<TestTarget> =>
      startTarget({
        luns: [{ lun: 1, sizeBytes: mebibytes(600) }],
        chap: { initiator: chap, target: arrayChap },
        discoveryChap: { initiator: chap, target: arrayChap },
        admit: [nodeName],
      });

    it('offers exactly the CHAP algorithms that this runtime has, one way and mutual', async () => {
      const has = askDigests(executable);
      expect(has.length).toBeGreaterThan(0);
      const target = await serve();
      for (const [more, stdin, authentication] of [
        [[], chap.secret, 'chap'],
        [mutual, bothSecrets, 'mutualChap'],
      ] as const) {
        const result = await run(target, ['discover', '--luns', '--json', ...more], stdin);
        expect(result.code, result.err).toBe(0);
        expect(JSON.parse(result.out)).toMatchObject({
          authentication,
          targets: [{ name: target.name, luns: [{ lun: 1 }] }],
        });
        const offers = offered(result);
        expect(offers.length).toBeGreaterThan(0);
        for (const offer of offers) expect(offer).toEqual(has);
      }
      await expectNothingLeft(target);
    });

    it('is refused where the mutual secret is wrong', async () => {
      const target = await serve();
      const result = await run(target, ['discover', '--json', ...mutual], `${chap.secret}\nanother-secret-1\n`);
      expect(result.code).toBe(1);
      expect(JSON.parse(result.out)).toMatchObject({ error: { code: 'ISCSI_MUTUAL_CHAP_FAILED' } });
    });

    it('qualifies with mutual CHAP and leaves nothing behind', async () => {
      const target = await serve();
      const where = ['--target', target.name, '--lun', '1', '--allow-reservations', '--json'];
      const result = await run(target, ['qualify', ...where, ...mutual], bothSecrets);
      expect(result.code, result.err.slice(-2000)).toBe(0);
      expect(qualificationReportSchema.parse(JSON.parse(result.out))).toMatchObject({
        verdict: 'qualified',
        oneName: true,
      });
      await expectNothingLeft(target);
    });
  },
);
