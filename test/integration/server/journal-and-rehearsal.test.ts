import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { labAccount } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { Rehearsal } from '../../../shared/contract/rehearsal.ts';
import { interruptChanges, startServerLab, type ServerLab } from '../../support/server-lab.ts';

let lab: ServerLab;
beforeEach(async () => {
  lab = await startServerLab();
});
afterEach(() => lab.stop());

const entries = async (...words: string[]): Promise<JournalEntry[]> =>
  (await lab.quorate(['journal', 'list', '--json', ...words])).json<{ entries: JournalEntry[] }>().entries;

/** A change of NIC 2 that is killed after the call; the next command finds it. */
const interrupt = async (method = 'nic.setNetbios'): Promise<string> => {
  const server = await lab.server();
  const nic = (await server.ports.nics.list())[1]!.interfaceGuid;
  const desire = { area: 'network', desire: { nics: [{ nic, registersInDns: false, netbios: 'disabled' }] } };
  await interruptChanges([{ dataFolder: lab.dataFolder, moment: 'after', method, desire }]);
  return (await entries('--open'))[0]!.id;
};

describe('quorate journal', () => {
  it('is empty at first', async () => {
    expect((await lab.quorate(['journal'])).out).toContain('The journal is empty');
    expect((await lab.quorate(['journal', 'list', '--open'])).out).toContain('Nothing waits');
  });

  it('offers what was interrupted, beside the next plan too', async () => {
    const id = await interrupt();
    const list = await lab.quorate(['journal', 'list', '--open']);
    expect(list.out).toContain(id);
    expect(list.out).toContain('interrupted');
    const plan = await lab.verb(['nic', 'set', 'Ethernet 5', '--sharing', 'off', '--what-if']);
    expect(plan.out).toContain(`An earlier change was interrupted`);
    expect(plan.out).toContain(id);
    const show = await lab.quorate(['journal', 'show', id]);
    expect(show.out).toContain(`quorate journal finish ${id}`);
    expect(show.out).toContain(`quorate journal undo ${id}`);
    expect(show.out, 'the truth is read from the server').toMatch(/done: NetBIOS|done: .*disabled/);
  });

  it('finishes it, once', async () => {
    const id = await interrupt('nic.setDnsRegistration');
    expect((await lab.quorate(['journal', 'finish', id])).code, 'no terminal and no --yes').toBe(2);
    const finished = await lab.quorate(['journal', 'finish', id, '--yes']);
    expect(finished.code).toBe(0);
    expect(finished.out).toContain('NetBIOS over TCP/IP is disabled');
    expect((await entries())[0]).toMatchObject({ id, state: 'done' });
    const again = await lab.quorate(['journal', 'finish', id, '--yes', '--json']);
    expect(again.code).toBe(1);
    expect(again.err).toContain('JOURNAL_ENTRY_NOT_OPEN');
  });

  it('takes it back', async () => {
    const id = await interrupt();
    const undone = await lab.quorate(['journal', 'undo', id], { typed: ['y'] });
    expect(undone.code, undone.err).toBe(0);
    const nic = await lab.quorate(['nic', 'show', 'Ethernet 2', '--server', 'rehearsal:lab']);
    expect(nic.out).toMatch(/NetBIOS +default/);
    expect(nic.out).toMatch(/DNS registration +on/);
    expect((await entries())[0]).toMatchObject({ id, state: 'undone', canFinish: false, canUndo: false });
  });

  it('sets it aside', async () => {
    const id = await interrupt();
    expect((await lab.quorate(['journal', 'set-aside', id])).code).toBe(0);
    expect(await entries('--open')).toEqual([]);
    expect((await lab.quorate(['journal', 'show', 'nothing'])).err).toContain('JOURNAL_ENTRY_NOT_FOUND');
  });

  it('goes on after a restart with everything that waits for it', async () => {
    expect((await lab.verb(['initiator', 'prepare'])).code).toBe(5);
    expect((await entries('--open'))[0]).toMatchObject({ state: 'restartNeeded' });
    await lab.control('restart', { server: 'NODE1' });
    await lab.control('powerOn', { server: 'NODE1' });
    // A wrong option is refused before anything goes on.
    const wrong = await lab.quorate(['journal', 'resume', '--yes', '--server', 'nowhere']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('not "nowhere"') as unknown });
    expect((await entries('--open'))[0]).toMatchObject({ state: 'restartNeeded' });
    const resumed = await lab.quorate(['journal', 'resume', '--yes']);
    expect(resumed.code, resumed.err).toBe(0);
    expect(resumed.out).toContain('iSCSI disks are claimed');
    expect(await entries('--open')).toEqual([]);
    expect((await lab.quorate(['journal', 'resume', '--yes'])).out).toContain('Nothing is waiting to continue');
  });

  it('keeps no secret, and asks for it again', async () => {
    const secret = join(lab.dataFolder, 'secret');
    writeFileSync(secret, `${labAccount.password}\n`);
    const joined = ['host', 'join', 'lab.test', '--account', labAccount.userName, '--password-file', secret];
    expect((await lab.verb(['nic', 'dns', 'Ethernet', '192.0.2.53'])).code).toBe(0);
    const first = await lab.verb([...joined, '--json']);
    expect(first.code, first.err).toBe(0);
    expect(first.out).not.toContain(labAccount.password);
    const all = await lab.quorate(['journal', 'list', '--json']);
    expect(all.out).not.toContain(labAccount.password);
    expect((await lab.verb([...joined, '--json'])).json<{ results: unknown[] }>().results, 'a second time').toEqual([]);
    writeFileSync(secret, 'wrong-password\n');
    const wrong = await lab.verb(['host', 'join', 'other.test', '--account', 'X\\y', '--password-file', secret]);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/HOST_(DOMAIN_NOT_FOUND|CREDENTIAL_REFUSED)/);
  });
});

describe('a change over the connection that one sits on', () => {
  beforeEach(async () => {
    const server = await lab.server();
    const nic = (await server.ports.nics.list())[0]!;
    const address = nic.addresses!.find((entry) => entry.family === 'ipv4')!.address;
    await lab.control('alterServer', {
      server: 'NODE1',
      values: {
        remoteSessions: [{ service: 'winrm', localAddress: address, localPort: 5985, remoteAddress: '192.0.2.10' }],
      },
    });
  });

  it('is asked about, made, and kept when the answer is yes', async () => {
    const run = await lab.verb(['nic', 'address', 'Ethernet', '192.0.2.77/24'], { typed: ['y', 'y', 'y'] });
    expect(run.err).toContain('winrm from 192.0.2.10');
    expect(run.out).toContain('Confirmed: the change stays');
    expect(run.code).toBe(0);
  });

  it('says how to confirm it where nobody can be asked', async () => {
    const run = await lab.verb(['nic', 'address', 'Ethernet', '192.0.2.78/24', '--revert-after', '600']);
    expect(run.code).toBe(5);
    const id = /quorate nic confirm (\S+)/.exec(run.err)![1]!;
    expect((await lab.quorate(['nic', 'list', '--server', 'rehearsal:lab'])).err).toContain(
      `quorate nic confirm ${id}`,
    );
    const confirmed = await lab.quorate(['nic', 'confirm', id, '--server', 'rehearsal:lab']);
    expect(confirmed.out).toContain('the change stays');
    expect((await entries())[0]).toMatchObject({ id, state: 'done', revert: null });
  });
});

describe('quorate nic identify', () => {
  it('blinks one and leaves it as it was', async () => {
    const run = await lab.quorate(['nic', 'identify', 'Ethernet 6', '--times', '1', '--server', 'rehearsal:lab']);
    expect(run.code, run.err).toBe(0);
    expect(run.out).toContain('the adapter is enabled');
  });
});

describe('quorate rehearsal', () => {
  const show = async (name: string): Promise<Rehearsal> =>
    (await lab.quorate(['rehearsal', 'show', name, '--json'])).json<{ rehearsal: Rehearsal }>().rehearsal;

  it('makes, breaks, drives and removes simulated servers', async () => {
    expect((await lab.quorate(['rehearsal', 'scenarios'])).out).toContain('two-node-ad');
    const made = await lab.quorate([
      'rehearsal',
      'create',
      'second',
      '--scenario',
      'two-node-2019',
      '--clock',
      'driven',
      '--seed',
      '7',
    ]);
    expect(made.code, made.err).toBe(0);
    expect(made.out).toContain('Windows Server 2019');
    // What has to be typed to reach the simulated storage.
    expect(made.out).toContain(`target ${labTarget}`);
    expect(made.out).toContain('portal 198.51.100.10:3260 (iSCSI A)');
    expect(made.out).toMatch(/LUN 1: data, 100 GiB, serial LAB-DATA-0002/);
    try {
      expect((await lab.quorate(['rehearsal', 'create', 'second'])).err).toContain('REHEARSAL_EXISTS');
      expect((await lab.quorate(['rehearsal', 'list'])).out).toMatch(/lab:[\s\S]*second:/);

      const before = (await show('second')).running!.clock.now;
      await lab.quorate(['rehearsal', 'clock', 'second', '90s']);
      expect(Date.parse((await show('second')).running!.clock.now) - Date.parse(before)).toBe(90_000);

      const fault = await lab.quorate(['rehearsal', 'fault', 'second', 'nicDown', 'server=NODE1', 'nic=Ethernet 2']);
      expect(fault.code, fault.err).toBe(0);
      const nics = await lab.quorate(['nic', '--server', 'rehearsal:second']);
      expect(nics.out).toMatch(/Ethernet 2 +disconnected/);
      expect((await lab.quorate(['rehearsal', 'repair', 'second'])).out).toContain('Faults removed: 1.');

      expect((await lab.quorate(['rehearsal', 'plug', 'second', 'NODE1', 'Ethernet 6', 'private'])).code).toBe(0);
      expect((await lab.quorate(['nic', '--server', 'rehearsal:second'])).out).toMatch(/Ethernet 6 +25 Gbps/);
      expect((await lab.quorate(['rehearsal', 'power', 'second', 'NODE2', 'off'])).out).toContain(
        'NODE2: Windows Server 2019, off',
      );
      const away = await lab.quorate(['host', '--server', 'rehearsal:second/NODE2']);
      expect(away.code).toBe(1);
      expect(away.err).toContain('HOST_UNREACHABLE');
      expect((await lab.quorate(['rehearsal', 'log', 'second'])).out).toContain('plug');
      expect((await lab.quorate(['rehearsal', 'fault', 'second', 'nicDown', 'server=NODE9', 'nic=x'])).err).toContain(
        'REHEARSAL_REFUSED',
      );
      expect((await lab.quorate(['rehearsal', 'fault', 'second', 'nicDown'])).code).toBe(2);

      expect((await lab.quorate(['rehearsal', 'stop', 'second'])).out).toContain('was stopped');
      expect(
        (await lab.quorate(['rehearsal', 'list', '--json'])).json<{ rehearsals: Rehearsal[] }>().rehearsals,
      ).toContainEqual({ name: 'second', running: null });
      expect((await show('second')).running!.servers[1], 'what was done is kept').toMatchObject({ power: 'off' });
    } finally {
      await lab.quorate(['rehearsal', 'remove', 'second', '--yes']);
    }
    expect(existsSync(join(lab.dataFolder, 'rehearsal', 'second'))).toBe(false);
    expect((await lab.quorate(['rehearsal', 'show', 'second'])).err).toContain('REHEARSAL_NOT_FOUND');
  });
});
