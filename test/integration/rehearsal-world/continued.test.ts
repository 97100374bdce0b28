import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startRehearsedWorld } from '../../../main/rehearsal/host/rehearsed-world.ts';
import { startWorld } from '../../../main/rehearsal/host/start-world.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { clusterFileSchema } from '../../../shared/model/cluster-file.ts';
import { removeFolder } from '../../support/remove-folder.ts';

it('continues a rehearsal with servers that run, also where its drill was killed while one was without power', async () => {
  const data = mkdtempSync(join(tmpdir(), 'quorate-continued-'));
  onTestFinished(() => removeFolder(data));
  const folder = join(data, 'rehearsal', 'w1');
  const file = clusterFileSchema.parse(exampleClusterFile({ servers: 2 }));
  const given = { folder, servers: join(data, 'servers.json'), file, version: '2022', seed: 1 } as const;
  const killed = await startRehearsedWorld({ ...given, goesOn: false });
  await killed.powerOff('NODE2');
  await killed.stop();
  const world = await startRehearsedWorld({ ...given, goesOn: true });
  onTestFinished(() => world.stop());
  const client = await startWorld({ folder, who: 'test' });
  onTestFinished(() => client.close());
  expect(await client.control('describe')).toMatchObject({
    servers: [
      { name: 'NODE1', power: 'on' },
      { name: 'NODE2', power: 'on' },
    ],
  });
});
