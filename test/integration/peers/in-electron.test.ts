import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Tests that send thousands of connections or messages: they try what we do with them, not the runtime. With QUORATE_SWEEP they run as well. */
const withoutFloods = ['--testNamePattern=^(?!.*(in thousands|floods it)).*$'];

/** The window speaks TLS with BoringSSL, the agent with OpenSSL: every test of channel and pairing has to hold in both. */
it('the protocol tests of peers hold in Electron’s runtime', async () => {
  const electron = findElectron();
  expect(electron, 'no Electron runtime is here: npm start fetches one').not.toBeNull();
  const words = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'protocol',
    'test/protocol/peer',
    '--maxWorkers=3', // most of their time these tests wait for deadlines
    '--reporter=json',
    ...(process.env['QUORATE_SWEEP'] === undefined ? withoutFloods : []),
  ];
  const child = spawn(electron?.executable ?? '', words, {
    cwd: root,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', QUORATE_TEST_RUNTIME: 'electron' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const report = JSON.parse(out.slice(out.indexOf('{'))) as {
    numPassedTests: number;
    numTotalTests: number;
    testResults: { assertionResults: { status: string; fullName: string }[] }[];
  };
  const others = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed')
    .filter(({ fullName }) => process.env['QUORATE_SWEEP'] !== undefined || !/in thousands|floods it/.test(fullName));
  expect(others.map(({ fullName }) => fullName)).toEqual([]);
  expect(report.numPassedTests).toBeGreaterThan(50);
  expect(code).toBe(0);
});
