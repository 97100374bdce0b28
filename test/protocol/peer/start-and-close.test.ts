import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Peers } from '../../../main/peer/peers.ts';
import { freePort } from '../../support/free-port.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/** Whether anything else may listen there. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

it.each([
  ['at once', () => Promise.resolve()],
  ['a moment later', () => new Promise((resolve) => setImmediate(resolve))],
])('leaves nothing open where it is closed while it still starts: %s', async (_when, moment) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'quorate-peers-'));
  onTestFinished(() => removeFolder(dataFolder));
  const port = await freePort();
  const peers = new Peers({
    ...{ dataFolder, name: 'NODE1', version: '1.0.0', program: 'quorate', onFirewall: null },
    answer: () => Promise.resolve({ ok: true, result: null }),
    find: () => Promise.resolve(undefined),
  });
  const starting = peers.start([{ address: '127.0.0.1', port }]);
  await moment();
  await peers.close();
  await starting;
  expect(await isFree(port)).toBe(true);
});
