import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protectFolder } from '../../../main/operations/data-folder/protect-folder.ts';
import type { FolderSecurityPort } from '../../../main/ports/folder-security-port.ts';
import { createFolderSecurityPort } from '../../../main/windows/folder-security.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** The data folder's ACL is read and set by the product's own scripts in a real PowerShell, on a simulated server. */
describe.skipIf(engineMissing)('the access rights of the data folder', () => {
  let world: TestWorld;
  let engine: Engine;
  let port: FolderSecurityPort;
  const folder = 'C:\\ProgramData\\Quorate';
  const inside = [`${folder}\\journal`, `${folder}\\core.claim`];
  const server = async () => (await world.snapshot()).servers['NODE1']!;

  beforeAll(async () => {
    world = await startTestWorld();
    engine = await startEngine({ world: { address: world.address, server: 'NODE1', os: '2016' } });
    port = createFolderSecurityPort(engine.runner);
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  it('are read as Windows tells them', async () => {
    const { isElevated, items } = await port.read([folder, ...inside]);
    expect(isElevated).toBe(true);
    expect(items.map(({ path }) => path)).toEqual([folder, ...inside]);
    expect(items[0]).toMatchObject({ path: folder });
    expect((items[0] as { sddl: string }).sddl).toMatch(/^O:BAG:SYD:AI\(A;OICIID;FA;;;SY\)/);
  });

  it('are set where others have some, read back, and noted where only administrators can write', async () => {
    // What lies inside inherits in Windows; the simulated server keeps each by itself, so it is protected first.
    for (const one of inside) await port.protect(one, 'O:BAD:PAI(A;;FA;;;SY)(A;;FA;;;BA)');
    const done = await protectFolder(port, { path: folder, inside });
    expect(done).toEqual({
      wasProtected: false,
      others: ['CREATOR OWNER', 'Users'],
      isElevated: true,
    });
    expect((await server()).fileSecurity?.[folder.toLowerCase()]).toBe('O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)');
    await port.note('5e-1f', folder);
    expect((await server()).notedFolders).toEqual({ '5e-1f': folder });

    const before = await server();
    expect(await protectFolder(port, { path: folder, inside })).toMatchObject({ wasProtected: true, others: [] });
    expect(await server()).toEqual(before);
  });

  it('are refused as what they are by a session that may not set them', async () => {
    await world.fault({ kind: 'accessDenied', server: 'NODE1' });
    const before = await server();
    await expect(port.protect(folder, 'D:PAI(A;OICI;FA;;;SY)')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      effect: 'none',
    });
    await expect(port.note('5e-2f', folder)).rejects.toMatchObject({ code: 'ACCESS_DENIED', effect: 'none' });
    expect((await port.read([folder])).isElevated).toBe(false);
    expect(await server()).toEqual(before);
  });
});
