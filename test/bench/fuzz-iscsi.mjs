/**
 * A million damaged inputs for the PDU, text and sense decoders and the login: no crash, no hang, no growth. Prints JSON; ends with 1 when something
 * crashed, an input was slow, or heap, buffers or the memory of the process have grown.
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
const { judgeFuzz, measureFuzz } = await loadTypeScript('test/support/iscsi-fuzz.ts');
const started = performance.now();
const result = measureFuzz(Number(values.iterations), Number(values.seed));
console.log(JSON.stringify({ ...result, seconds: Math.round((performance.now() - started) / 1000) }, null, 2));
for (const problem of judgeFuzz(result)) {
  console.error(problem);
  process.exitCode = 1;
}
