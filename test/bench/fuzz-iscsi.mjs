/**
 * A million damaged inputs for the PDU, text and sense decoders and the login: no crash, no hang, no growth. Prints JSON.
 *
 *   node --expose-gc test/bench/fuzz-iscsi.mjs [--iterations 1000000] [--seed N]
 */
import { parseArgs } from 'node:util';
import { loadTypeScript } from './load-initiator.mjs';

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const { runFuzz } = await loadTypeScript('test/support/iscsi-fuzz.ts');
const started = performance.now();
const result = runFuzz(Number(values.iterations), Number(values.seed));
console.log(JSON.stringify({ ...result, seconds: Math.round((performance.now() - started) / 1000) }, null, 2));
