// `npm run dist`: packs the product for every platform that can be packed here and says plainly what was not and why.
import { prepareBase } from './setup/steps.mjs';

await prepareBase();
// What packs needs npm packages, and on a fresh clone there are none before.
const { packAll } = await import('./delivery/pack.mjs');
process.exitCode = await packAll(process.argv.slice(2));
