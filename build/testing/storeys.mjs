// The checks and storeys of `npm test`: docs/architecture.md, "Tests".
import { join } from 'node:path';
import { root } from '../setup/steps.mjs';

const bin = (name, script) => join(root, 'node_modules', name, script);
const prepare = join(root, 'build', 'testing', 'prepare.mjs');

/**
 * What has to be there before a storey starts. `seconds`, here and below: about how long it takes on two cores; the longest starts first, and
 * these before all others, because others wait for them.
 */
export const preparations = ['bundles', 'powershell', 'electron', 'the engine for Windows'].map((part) => ({
  name: `set-up of ${part}`,
  part,
  seconds: 10_000,
  args: [prepare, part],
}));

/**
 * Compiler and linter use every core by themselves, and then each core works out the types that they share once more: a quarter to a half more of
 * a processor. On one core each they go beside everything else. Both are written in Go, which is given more room between two collections.
 */
const onOneCore = { GOMAXPROCS: '1', GOGC: '200', GOMEMLIMIT: '2GiB' };

/** Checks that are no vitest tests; each counts as one. `env` is added to the environment. */
export const checks = [
  { name: 'format', seconds: 3, args: [bin('oxfmt', 'bin/oxfmt'), '--check', '.'] },
  {
    name: 'types',
    seconds: 60,
    env: onOneCore,
    // One checker and one project at a time, for the same reason.
    args: [bin('typescript-native', 'bin/tsc'), '-b', '--checkers', '1', '--builders', '1'],
  },
  { name: 'lint', seconds: 60, env: onOneCore, args: [bin('oxlint', 'bin/oxlint'), '--max-warnings', '0'] },
  // What ships and nothing that ships uses: whatever only the tests ask for belongs to them. knip.json says where a program begins.
  {
    name: 'exports',
    seconds: 10,
    args: [bin('knip', 'bin/knip.js'), '--production', '--include', 'exports,files', '--no-config-hints'],
  },
  { name: 'layers', seconds: 30, args: [join(root, 'build', 'lint', 'layers.mjs')] },
  { name: 'docs', seconds: 5, args: [join(root, 'build', 'docs.mjs'), '--check'] },
];

/** Takes half as long as all other tests of its storey, so it goes beside them. */
const hostContract = 'test/integration/host-contract/';
/** Two agents lose each other and find each other again: nearly all of its time it waits. */
const betweenAgents = 'test/integration/peers/';
/** Measures links, and fills one of them. */
const networkMatrix = 'test/lab/network-matrix.test.ts';

/**
 * Storeys of vitest tests: the vitest projects of each, how many workers it has (one, where its tests must not meet, as windows on one
 * display), and which parts of the set-up it waits for. A storey may have several rows, with a title each: `only` is the folder or file
 * that a row runs, `except` those that it leaves to other rows.
 */
export const storeys = [
  {
    name: 'integration',
    seconds: 400,
    workers: 1,
    waitsFor: ['bundles', 'powershell', 'electron'],
    except: [hostContract, betweenAgents],
  },
  {
    name: 'integration',
    title: 'integration: the contract of a host',
    seconds: 200,
    workers: 1,
    waitsFor: ['bundles', 'powershell'],
    only: hostContract,
  },
  {
    name: 'integration',
    title: 'integration: between agents',
    seconds: 250,
    workers: 1,
    weight: 0.5,
    waitsFor: ['bundles', 'powershell', 'electron'],
    only: betweenAgents,
  },
  { name: 'powershell', seconds: 350, workers: 1, waitsFor: ['bundles', 'powershell'] },
  // Most of their time these wait for deadlines.
  { name: 'protocol', seconds: 300, workers: 2, waitsFor: ['electron'] },
  // A window that is kept from its core answers nobody: what takes every core for itself is never beside it. So the network matrix and the windows go one
  // after the other, the windows first.
  { name: 'e2e', seconds: 600, workers: 1, needs: ['undisturbed'], waitsFor: ['bundles', 'electron'] },
  {
    name: 'lab',
    title: 'lab: the network matrix',
    seconds: 130,
    workers: 1,
    weight: 0.5,
    needs: ['undisturbed'],
    waitsFor: ['bundles', 'electron'],
    only: networkMatrix,
  },
  { name: 'lab', seconds: 380, workers: 1, waitsFor: ['bundles', 'electron'], except: [networkMatrix] },
  { name: 'unit', seconds: 100, workers: 1, waitsFor: ['bundles'], projects: ['unit', 'unit-with-mocked-modules'] },
  { name: 'wine', seconds: 250, workers: 1, waitsFor: ['bundles', 'the engine for Windows'] },
].map((storey) => ({ projects: [storey.name], title: storey.name, only: null, except: [], ...storey }));

/**
 * How long a set-up, check or storey may take, in milliseconds. Set-up may have to load and compile; what is told how long it takes may take ten
 * times as long on a slower machine, and ten minutes more. What has not ended then hangs.
 * @param {{ readonly part?: string, readonly seconds: number }} one
 */
export const limitMsOf = ({ part, seconds }) => (part === undefined ? 600 + 10 * seconds : 1_800) * 1_000;

/**
 * What vitest is told of the files of a row.
 * @param {{ readonly only?: string | null, readonly except?: readonly string[] }} row
 * @param {readonly string[] | null} files those that are asked for; null: all
 * @returns {readonly string[] | null} null: none of the files is this row's
 */
export const fileArguments = ({ only = null, except = [] }, files) => {
  if (files === null) return [...(only === null ? [] : [only]), ...except.map((folder) => `--exclude=${folder}**`)];
  const own = files.filter(
    (file) => (only === null || file.startsWith(only)) && !except.some((folder) => file.startsWith(folder)),
  );
  return own.length > 0 ? own : null;
};
