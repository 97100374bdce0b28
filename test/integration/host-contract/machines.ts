import type { ServerChange } from '../../../shared/changes/index.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Journal } from '../../../main/journal/journal.ts';
import { ServerSettings } from '../../../main/journal/server-settings.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { desireSchema } from '../../../shared/plan/desire.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import type { VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { formCluster, readyServers, type ReadyServers } from '../../support/cluster-world.ts';
import { assumed, contract, contractGroup, failureOf, type ContractHost } from './contract.ts';

const size = { generation: 2, memoryBytes: 2_147_483_648, diskBytes: 10_737_418_240 } as const;

const machine = async (ports: Ports, name = 'VM1'): Promise<VirtualMachine | undefined> => {
  const { machines, unread } = await ports.machines.readState();
  expect(unread).toEqual([]);
  return machines.find((one) => one.name === name);
};

/** Virtual switches and machines of a cluster, the same over the rehearsal and over scripts. */
export const machineContract = (host: ContractHost): void => {
  contractGroup(host, 'virtual machines', (context) => {
    let servers: ReadyServers;
    let port: string;

    contract(
      context,
      'get a switch that takes over the address of the NIC and keeps its DNS servers',
      ['switch.hostNic', 'switch.hostNic.dns'],
      async ({ ports, world }) => {
        servers = await readyServers(world);
        const nics = await servers.node1.nics.list();
        port = nics[4]!.interfaceGuid;
        await servers.node1.apply({ do: 'nic.setDhcp', nic: port, family: 'ipv4', enabled: false });
        await servers.node1.apply({ do: 'nic.addAddress', nic: port, address: '203.0.113.21', prefixLength: 24 });
        const dns = ['203.0.113.53', '203.0.113.54'];
        await servers.node1.apply({ do: 'nic.setDnsServers', nic: port, family: 'ipv4', servers: dns });
        await ports.apply({ do: 'switch.create', name: 'Production', nics: [port], hostNic: true });
        expect((await ports.machines.readState()).switches).toEqual([
          { name: 'Production', kind: 'external', nics: [port], hasHostNic: true },
        ]);
        const after = await ports.nics.list();
        const virtual = after.find(({ name }) => name === 'vEthernet (Production)')!;
        expect(virtual.membership).toEqual({ kind: 'switchPort', switchName: 'Production' });
        expect(virtual.addresses!.filter(({ family }) => family === 'ipv4')).toMatchObject([
          { address: '203.0.113.21', prefixLength: 24 },
        ]);
        expect(virtual.dnsServers!.ipv4).toEqual(dns);
        const physical = after.find(({ interfaceGuid }) => interfaceGuid === port)!;
        expect(physical.membership).toEqual({ kind: 'switchMember', switchName: 'Production' });
        expect(physical.addresses).toEqual([]);
      },
    );

    assumed(context, 'have one switch on a NIC', ['switch.nicInUse'], async ({ ports }) => {
      expect(
        await failureOf(ports.apply({ do: 'switch.create', name: 'Other', nics: [port], hostNic: true })),
      ).toMatchObject({ code: 'SWITCH_NIC_IN_USE', effect: 'none' });
    });

    contract(context, 'are created with every file in one folder', ['vm.createFailed'], async ({ ports }) => {
      await formCluster(servers);
      await servers.node1.apply({ do: 'cluster.addDisk', disk: servers.data });
      const wanted = { do: 'vm.create', name: 'VM1', folder: 'F:\\', ...size } as const;
      expect(await failureOf(ports.apply({ ...wanted, switch: 'Nowhere' }))).toMatchObject({
        code: 'VM_CREATE_FAILED',
      });
      await ports.apply({ ...wanted, switch: 'Production', iso: 'F:\\setup.iso' });
      const made = (await machine(ports))!;
      expect(made).toMatchObject({ host: 'NODE1', state: 'off', generation: 2, switches: ['Production'], role: null });
      expect(made.memoryBytes).toBe(String(size.memoryBytes));
      expect(made.files.map(({ kind, path }) => [kind, path])).toEqual(
        expect.arrayContaining([
          ['dvd', 'F:\\setup.iso'],
          ['configuration', 'F:\\VM1'],
          ['disk', 'F:\\VM1\\Virtual Hard Disks\\VM1.vhdx'],
          ['checkpoint', 'F:\\VM1'],
          ['paging', 'F:\\VM1'],
        ]),
      );
    });

    assumed(
      context,
      'are not made twice, nor where there is no folder',
      ['vm.nameTaken', 'vm.folderMissing', 'vm.isoMissing'],
      async ({ ports }) => {
        const again = { do: 'vm.create', name: 'VM1', folder: 'F:\\', ...size, switch: null } as const;
        expect(await failureOf(ports.apply(again))).toMatchObject({ code: 'VM_NAME_TAKEN', effect: 'none' });
        expect(await failureOf(ports.apply({ ...again, name: 'VM2', folder: 'K:\\' }))).toMatchObject({
          code: 'VM_FOLDER_MISSING',
          effect: 'none',
        });
        expect(await failureOf(ports.apply({ ...again, name: 'VM2', iso: 'K:\\setup.iso' }))).toMatchObject({
          code: 'VM_ISO_MISSING',
          effect: 'none',
        });
      },
    );

    contract(
      context,
      'become roles, with owners and a priority, and move only where they can run',
      ['vm.ownersRefused', 'vm.moveFailed', 'vm.antiAffinity'],
      async ({ ports }) => {
        await ports.apply({ do: 'vm.makeHighlyAvailable', name: 'VM1' });
        const owners = { do: 'vm.setOwners' as const, name: 'VM1', possible: ['NODE1', 'NODE2'] };
        await ports.apply({ ...owners, preferred: ['NODE2', 'NODE1'] });
        await ports.apply({ do: 'vm.setPriority', name: 'VM1', priority: 'high' });
        await ports.apply({ do: 'vm.setAntiAffinity', name: 'VM1', classes: ['Web servers', 'Paris'] });
        expect((await machine(ports))!.role).toMatchObject({
          group: 'VM1',
          priority: 3000,
          preferredOwners: ['NODE2', 'NODE1'],
          possibleOwners: ['NODE1', 'NODE2'],
          antiAffinity: ['Web servers', 'Paris'],
        });
        await ports.apply({ do: 'vm.setAntiAffinity', name: 'VM1', classes: [] });
        expect(await machine(ports)).toMatchObject({ role: { antiAffinity: [] }, hasProcessorCompatibility: false });
        expect((await ports.machines.readState()).processor).toMatch(/Intel/);
        expect((await ports.cluster.readState()).cluster!.groups.find(({ name }) => name === 'VM1')).toMatchObject({
          kind: 'virtualMachine',
          preferredOwners: ['NODE2', 'NODE1'],
        });
        expect(await failureOf(ports.apply({ ...owners, preferred: ['NODE9'] }))).toMatchObject({
          code: 'VM_OWNERS_REFUSED',
        });
        const move = { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' } as const;
        expect(await failureOf(ports.apply(move))).toMatchObject({ code: 'VM_MOVE_FAILED', effect: 'none' });
        const nic = (await servers.node2.nics.list())[4]!.interfaceGuid;
        await servers.node2.apply({ do: 'switch.create', name: 'Production', nics: [nic], hostNic: true });
        await ports.apply(move);
        expect((await machine(ports))!.host).toBe('NODE2');
        await ports.apply({ ...move, node: 'NODE1' });
        expect((await machine(ports))!.host).toBe('NODE1');
      },
    );

    type SetStartSet = Extract<ServerChange, { do: 'vm.setStartSet' }>;
    const startSets = async (ports: Ports) => (await ports.machines.readState()).startSets;
    contract(context, 'start in an order, as sets that wait for sets', ['vm.startSet'], async ({ ports }) => {
      expect(await startSets(ports)).toEqual([]);
      const first: SetStartSet = {
        do: 'vm.setStartSet',
        name: 'First',
        machines: ['VM1'],
        after: [],
        delaySeconds: 20,
      };
      const second: SetStartSet = { ...first, name: 'Second', after: ['First'], delaySeconds: 60 };
      for (const change of [first, second, second]) await ports.apply(change);
      expect(await startSets(ports)).toEqual([
        { name: 'First', machines: ['VM1'], after: [], ready: 'delay', delaySeconds: 20 },
        { name: 'Second', machines: ['VM1'], after: ['First'], ready: 'delay', delaySeconds: 60 },
      ]);
      await ports.apply({ ...second, after: [] });
      expect(await startSets(ports)).toMatchObject([{}, { after: [] }]);
      await ports.apply(second);
      await ports.apply({ do: 'vm.removeStartSet', name: 'First' });
      expect(await startSets(ports)).toMatchObject([{ name: 'Second', after: [] }]);
      await ports.apply({ do: 'vm.removeStartSet', name: 'Second' });
      expect(await startSets(ports)).toEqual([]);
    });

    assumed(
      context,
      'wait for no set that is not there, and not for themselves',
      ['vm.startSet.notFound', 'vm.startSet.failed'],
      async ({ ports }) => {
        const one: SetStartSet = { do: 'vm.setStartSet', name: 'One', machines: ['VM1'], after: [], delaySeconds: 20 };
        expect(await failureOf(ports.apply({ ...one, after: ['Nobody'] }))).toMatchObject({
          code: 'VM_START_SET_UNKNOWN',
          effect: 'none',
        });
        expect(await failureOf(ports.apply({ ...one, machines: ['VM9'] }))).toMatchObject({ code: 'VM_NOT_FOUND' });
        await ports.apply(one);
        await ports.apply({ ...one, name: 'Two', after: ['One'] });
        expect(await failureOf(ports.apply({ ...one, after: ['Two'] }))).toMatchObject({ code: 'VM_START_SET_FAILED' });
        for (const name of ['Two', 'One']) await ports.apply({ do: 'vm.removeStartSet', name });
      },
    );

    contract(
      context,
      'start, stop, leave the cluster and are removed',
      ['vm.removeFailed', 'vm.notFound', 'vm.stopFailed'],
      async ({ ports, world }) => {
        for (let time = 0; time < 2; time++) await ports.apply({ do: 'vm.start', name: 'VM1' });
        expect((await machine(ports))!.state).toBe('running');
        expect(await failureOf(ports.apply({ do: 'vm.remove', name: 'VM1' }))).toMatchObject({
          code: 'VM_REMOVE_FAILED',
        });
        const hang = await world.fault({ kind: 'guestHangs', name: 'VM1' });
        expect(await failureOf(ports.apply({ do: 'vm.stop', name: 'VM1' }))).toMatchObject({ code: 'VM_STOP_FAILED' });
        await ports.apply({ do: 'vm.turnOff', name: 'VM1' });
        await world.clearFault(hang);
        expect((await machine(ports))!.state).toBe('off');
        await ports.apply({ do: 'vm.leaveCluster', name: 'VM1' });
        expect((await machine(ports))!.role).toBeNull();
        await ports.apply({ do: 'vm.remove', name: 'VM1' });
        expect(await machine(ports)).toBeUndefined();
        expect(await failureOf(ports.apply({ do: 'vm.start', name: 'VM1' }))).toMatchObject({
          code: 'VM_NOT_FOUND',
          effect: 'none',
        });
      },
    );

    contract(
      context,
      'with a file outside the cluster become roles with a warning',
      ['vm.roleWarned'],
      async ({ ports, world }) => {
        await world.client.control('takeUsed');
        await servers.node1.apply({ do: 'vm.create', name: 'VM3', folder: 'F:\\', ...size, switch: null });
        await servers.node1.apply({ do: 'cluster.removeDisk', disk: servers.data });
        // As a person makes it: the role is there, and the warning is told all the same.
        const folder = mkdtempSync(join(tmpdir(), 'quorate-machines-'));
        const server: Server = {
          name: 'NODE1',
          ports,
          settings: new ServerSettings(folder, 'NODE1'),
          journal: new Journal(folder),
          patience: { pollMs: 20, verifyMs: 20_000, restartMs: 60_000 },
          now: () => new Date(),
          renderScripts: async (actions) => actions.map(() => null),
          resumeCommand: { program: 'quorate', arguments: [] },
        };
        const desire = desireSchema.parse({
          area: 'vms',
          desire: { title: 'Protect VM3', changes: [{ do: 'vm.makeHighlyAvailable', name: 'VM3' }] },
        });
        const run = { by: 'cli', secrets: {}, signal: new AbortController().signal, progress: () => undefined };
        const applied = applyDesire(
          server,
          'contract',
          desire,
          { expectedPlan: null, answers: noAnswers },
          {
            ...run,
            revertAfterSeconds: 60,
          },
        );
        expect(await failureOf(applied)).toMatchObject({ code: 'VM_ROLE_WARNED', effect: 'partial' });
        rmSync(folder, { recursive: true, force: true });
        expect((await machine(ports, 'VM3'))!.role).not.toBeNull();
      },
    );
  });
};
