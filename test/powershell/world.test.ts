import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { startTestWorld, type TestWorld } from '../support/world.ts';

/** The product's own scripts, in the real engine, against simulated modules that the world process answers. */
const readers: readonly (readonly [string, object])[] = [
  ['Get-HostState', {}],
  ['Get-PendingRestart', {}],
  ['Get-TimeSource', {}],
  ['Get-Nic', {}],
  ['Get-HostDisk', {}],
  ['Get-DiskPolicy', {}],
  ['Get-DriveLetter', {}],
  ['Get-LinkState', {}],
  ['Get-MpioState', {}],
  ['Get-NicRevert', {}],
  ['Get-RemoteSession', {}],
  ['Get-ResumeTask', {}],
  ['Get-InitiatorState', {}],
  ['Get-SessionDisk', {}],
  ['Get-MachineSid', {}],
  ['Get-HostFact', {}],
];

describe.skipIf(engineMissing)('scripts on a simulated server', () => {
  let engine: Engine;
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld();
    const server = Object.keys((await world.snapshot()).servers)[0]!;
    engine = await startEngine({ world: { address: world.address, server } });
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  it('Register-ResumeTask keeps a task that starts what it was given, read back by Get-ResumeTask', async () => {
    const task = {
      ...{ token: 'work-2', trigger: 'logon', account: 'NODE1\\Administrator', password: null },
      ...{
        program: 'C:\\Windows\\System32\\cmd.exe',
        argument: '/d /s /c ""C:\\Q\\quorate.cmd" journal resume --yes"',
      },
    };
    expect(await engine.runner.run('Register-ResumeTask', task)).toMatchObject({ ok: true });
    const read = await engine.runner.run('Get-ResumeTask', {});
    expect(read).toMatchObject({
      ok: true,
      data: {
        tasks: [
          { name: 'Resume-work-2', program: task.program, argument: task.argument, isElevated: true, isEnabled: true },
        ],
      },
    });
    expect(await engine.runner.run('Unregister-ResumeTask', { token: 'work-2' })).toMatchObject({ ok: true });
  });

  it.each(readers)('%s reads what the world says', async (name, input) => {
    const answer = await engine.runner.run(name, input);
    const text = JSON.stringify(answer);
    expect(answer.ok).toBe(true);
    // A part that asked for what the world does not model, or that got what Windows does not give, is a gap to close.
    expect(text).not.toContain('NotModelled');
    expect(text).not.toContain('SimulationUntrue');
    expect(text).not.toContain('PropertyNotFoundStrict');
  });

  it('changes the world, and reads the change back', async () => {
    interface Nics {
      readonly adapters: readonly { readonly interfaceGuid: string; readonly name: string }[];
    }
    const readNics = async (): Promise<Nics['adapters']> => {
      const answer = await engine.runner.run<Nics>('Get-Nic', {});
      return answer.ok ? answer.data.adapters : [];
    };
    const [nic] = await readNics();
    for (let time = 0; time < 2; time++) {
      const renamed = await engine.runner.run('Rename-Nic', { nic: nic!.interfaceGuid, newName: 'iSCSI A' });
      expect(renamed.ok).toBe(true);
      expect((await readNics()).find((one) => one.interfaceGuid === nic!.interfaceGuid)?.name).toBe('iSCSI A');
    }
  });
});
