import { expect } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { changeKinds } from '../../../shared/changes/index.ts';
import type { Done } from '../../../shared/changes/done.ts';
import type { Cluster } from '../../../shared/model/cluster.ts';
import { readyServers, type ReadyServers } from '../../support/cluster-world.ts';
import { assumed, contract, contractGroup, failureOf, type ContractContext, type ContractHost } from './contract.ts';

const create: ServerChange = {
  do: 'cluster.create',
  name: 'CLU1',
  node: 'NODE1',
  addresses: ['192.0.2.200'],
  ignoreNetworks: ['198.51.100.0/24'],
  accessPoint: 'dns',
};

const read = async (ports: Ports): Promise<Cluster> => {
  const { cluster, unread } = await ports.cluster.readState();
  expect(unread).toEqual([]);
  return cluster!;
};

type ClusterChange = Extract<ServerChange, { do: `cluster.${string}` }>;

/** What the product itself says of a change after it: the same test that keeps it from being made a second time. */
const isDone = async (ports: Ports, change: ServerChange): Promise<Done['is']> => {
  const kind = changeKinds[change.do as ClusterChange['do']] as unknown as {
    done(change: ServerChange, observed: { node: string; state: unknown }): Done;
  };
  return kind.done(change, { node: 'NODE1', state: await ports.cluster.readState() }).is;
};

/** Not done, made, and done afterwards: the executor makes nothing that is done. */
const made = async (ports: Ports, change: ServerChange): Promise<void> => {
  expect(await isDone(ports, change)).toBe('no');
  await ports.apply(change);
  expect(await isDone(ports, change)).toBe('yes');
};

/** Clusters: read after change, refusals and taking back, the same over the rehearsal and over scripts. */
export const clusterContract = (host: ContractHost): void => {
  contractGroup(host, 'a cluster', (context) => {
    let servers: ReadyServers;
    const isTaken = async (given: ContractContext): Promise<void> => {
      servers = await readyServers(given.world);
      const { ports } = given;
      expect((await ports.cluster.readState()).membership).toBe('none');
      expect(await failureOf(ports.apply({ ...create, name: 'NODE2' }))).toMatchObject({ code: 'CLUSTER_NAME_TAKEN' });
      expect(await failureOf(ports.apply({ ...create, addresses: ['10.9.9.9'] }))).toMatchObject({
        code: 'CLUSTER_ADDRESS_NOT_IN_NETWORK',
        effect: 'none',
      });
      await made(ports, create);
      expect(await failureOf(ports.apply(create))).toMatchObject({ code: 'CLUSTER_NODE_IN_CLUSTER' });
      await made(ports, { do: 'cluster.addNode', node: 'NODE2' });
      const cluster = await read(ports);
      expect(cluster).toMatchObject({ name: 'CLU1', accessPoint: 'dns', addresses: ['192.0.2.200'] });
      expect(cluster.nodes.map(({ name, state }) => [name, state])).toEqual([
        ['NODE1', 'up'],
        ['NODE2', 'up'],
      ]);
    };
    contract(
      context,
      'is made of one node and then of two, where name and address are free',
      ['cluster.name.taken', 'cluster.address.noNetwork', 'cluster.node.inCluster'],
      isTaken,
    );

    contract(
      context,
      'has networks that are renamed and given uses',
      ['cluster.network.lastInternal'],
      async ({ ports }) => {
        const [production, iscsi] = (await read(ports)).networks;
        expect([production!.address, production!.prefixLength, iscsi!.address]).toEqual([
          '192.0.2.0',
          24,
          '198.51.100.0',
        ]);
        await made(ports, { do: 'cluster.renameNetwork', network: production!.id, newName: 'Production' });
        await made(ports, { do: 'cluster.setNetworkRole', network: production!.id, role: 'cluster' });
        expect(
          await failureOf(ports.apply({ do: 'cluster.setNetworkRole', network: production!.id, role: 'none' })),
        ).toMatchObject({ code: 'CLUSTER_NETWORK_LAST_INTERNAL', effect: 'none' });
      },
    );

    contract(
      context,
      'has metrics and networks of live migration',
      ['cluster.network.metric', 'cluster.migrationNetworks'],
      async ({ ports }) => {
        const before = await read(ports);
        const [production, iscsi] = before.networks;
        expect([production!.autoMetric, before.migrationExcludes]).toEqual([true, []]);
        await made(ports, { do: 'cluster.setNetworkMetric', network: production!.id, metric: 900 });
        expect((await read(ports)).networks[0]).toMatchObject({ metric: 900, autoMetric: false });
        await made(ports, { do: 'cluster.setNetworkMetric', network: production!.id, metric: null });
        await made(ports, { do: 'cluster.setMigrationNetworks', exclude: [iscsi!.id] });
        expect((await read(ports)).migrationExcludes).toEqual([iscsi!.id]);
        expect(await failureOf(ports.apply({ do: 'cluster.setMigrationNetworks', exclude: ['nobody'] }))).toMatchObject(
          { code: 'CLUSTER_OBJECT_GONE', effect: 'none' },
        );
        await made(ports, { do: 'cluster.setMigrationNetworks', exclude: [] });
      },
    );

    assumed(context, 'tries networks of live migration in an order', ['cluster.migrationOrder'], async ({ ports }) => {
      const [, iscsi] = (await read(ports)).networks;
      const others = (await ports.cluster.readState()).cluster!.networks.flatMap(({ id }) =>
        id === iscsi!.id ? [] : [id],
      );
      const order = others.toReversed();
      await made(ports, { do: 'cluster.setMigrationNetworks', exclude: [iscsi!.id], order });
      expect((await ports.cluster.readState()).cluster).toMatchObject({
        migrationExcludes: [iscsi!.id],
        migrationOrder: order,
      });
      await made(ports, { do: 'cluster.setMigrationNetworks', exclude: [], order: [] });
    });

    assumed(context, 'keeps two networks from one name', ['cluster.network.nameTaken'], async ({ ports }) => {
      const [, iscsi] = (await read(ports)).networks;
      expect(
        await failureOf(ports.apply({ do: 'cluster.renameNetwork', network: iscsi!.id, newName: 'Production' })),
      ).toMatchObject({ code: 'CLUSTER_NETWORK_NAME_TAKEN', effect: 'none' });
    });

    contract(
      context,
      'takes disks of both partition styles, and names them with their letters',
      ['cluster.disk.notAvailable', 'cluster.resource.nameTaken'],
      async ({ ports }) => {
        expect((await read(ports)).availableDisks).toEqual(expect.arrayContaining([servers.data, servers.witness]));
        for (const disk of [servers.data, servers.witness]) await made(ports, { do: 'cluster.addDisk', disk });
        await made(ports, { do: 'cluster.renameResource', disk: servers.witness, newName: 'Witness' });
        const { disks } = await read(ports);
        expect(disks.map(({ name, disk, driveLetter, use }) => [name, disk, driveLetter, use])).toEqual([
          ['Cluster Disk 1', servers.data, 'F', 'available'],
          ['Witness', servers.witness, 'Q', 'available'],
        ]);
        expect(
          await failureOf(ports.apply({ do: 'cluster.renameResource', disk: servers.data, newName: 'Witness' })),
        ).toMatchObject({ code: 'CLUSTER_RESOURCE_NAME_TAKEN' });
        expect(await failureOf(ports.apply({ do: 'cluster.addDisk', disk: servers.data }))).toMatchObject({
          code: 'CLUSTER_DISK_NOT_AVAILABLE',
          effect: 'none',
        });
      },
    );

    contract(context, 'has a witness once, and none again', ['cluster.witness.refused'], async ({ ports }) => {
      const quorum = { do: 'cluster.setQuorum', witness: { kind: 'disk', disk: servers.witness } } as const;
      await made(ports, quorum);
      expect((await read(ports)).witness).toMatchObject({ kind: 'disk', resource: 'Witness', currentVote: 1 });
      expect((await read(ports)).resiliency).toEqual({ level: 'alwaysIsolate', periodSeconds: 240 });
      expect((await read(ports)).heartbeat).toEqual({
        ...{ sameSubnetDelayMs: 1000, sameSubnetThreshold: 10 },
        ...{ crossSubnetDelayMs: 1000, crossSubnetThreshold: 20 },
      });
      expect(await failureOf(ports.apply(quorum))).toMatchObject({ code: 'CLUSTER_WITNESS_REFUSED', effect: 'none' });
      await made(ports, { do: 'cluster.setQuorum', witness: { kind: 'none' } });
      await made(ports, quorum);
      await made(ports, { do: 'cluster.setLowerQuorumPriority', node: 'NODE2' });
      await made(ports, { do: 'cluster.setLowerQuorumPriority', node: null });
    });

    assumed(context, 'keeps a disk that is in use', ['cluster.disk.inUse'], async ({ ports }) => {
      expect(await failureOf(ports.apply({ do: 'cluster.removeDisk', disk: servers.witness }))).toMatchObject({
        code: 'CLUSTER_DISK_IN_USE',
      });
    });

    contract(
      context,
      'has a shared volume without a letter, and a disk with it again',
      ['cluster.disk.letter', 'cluster.sharedVolume.elsewhere'],
      async ({ ports }) => {
        await made(ports, { do: 'cluster.moveGroup', group: 'Available Storage', node: 'NODE2' });
        const dataDisk = async () => (await read(ports)).disks.find(({ disk }) => disk === servers.data);
        expect(await dataDisk()).toMatchObject({ ownerNode: 'NODE2', driveLetter: 'F' });
        await made(ports, { do: 'cluster.addSharedVolume', disk: servers.data });
        expect(await dataDisk()).toMatchObject({ driveLetter: null, path: 'C:\\ClusterStorage\\Volume1' });
        const rename: ServerChange = { do: 'cluster.renameSharedVolume', disk: servers.data, newName: 'Machines' };
        expect(await failureOf(ports.apply(rename))).toMatchObject({
          code: 'CLUSTER_SHARED_VOLUME_ELSEWHERE',
          detail: { node: 'NODE2' },
        });
        // A drained node owns no volume.
        await ports.apply({ do: 'cluster.pauseNode', node: 'NODE2' });
        await ports.apply({ do: 'cluster.resumeNode', node: 'NODE2' });
        expect(await dataDisk()).toMatchObject({ ownerNode: 'NODE1' });
        await made(ports, rename);
        expect(await dataDisk()).toMatchObject({ path: 'C:\\ClusterStorage\\Machines' });
        await made(ports, { do: 'cluster.removeSharedVolume', disk: servers.data });
        expect(await dataDisk()).toMatchObject({ path: null, use: 'available' });
        await made(ports, { do: 'cluster.removeDisk', disk: servers.data });
      },
    );

    assumed(
      context,
      'tells what Windows refuses by its number',
      ['cluster.refuses.cannotHost', 'cluster.refuses.groupNotFound', 'cluster.refuses.quorumDiskNotFound'],
      async ({ ports, world }) => {
        const move: ServerChange = { do: 'cluster.moveGroup', group: 'Cluster Group', node: 'NODE2' };
        const rename: ServerChange = {
          ...{ do: 'cluster.renameNetwork' as const, network: (await read(ports)).networks[0]!.id, newName: 'LAN' },
        };
        const quorum: ServerChange = {
          ...{ do: 'cluster.setQuorum' as const, witness: { kind: 'share' as const, path: '\\\\files\\witness' } },
        };
        const cases = [
          ['cannotHost', move, 'CLUSTER_NODE_CANNOT_HOST'],
          ['groupNotFound', move, 'CLUSTER_OBJECT_GONE'],
          ['resourceFailed', move, 'CLUSTER_MOVE_FAILED'],
          ['membershipHalt', move, 'CLUSTER_HALTED'],
          ['networkNotFound', rename, 'CLUSTER_OBJECT_GONE'],
          ['quorumDiskNotFound', quorum, 'CLUSTER_WITNESS_REFUSED'],
        ] as const;
        for (const [refusal, change, code] of cases) {
          const fault = await world.fault({ kind: 'clusterRefuses', server: 'NODE1', refusal });
          expect([refusal, await failureOf(ports.apply(change))]).toMatchObject([refusal, { code, effect: 'none' }]);
          await world.clearFault(fault);
        }
      },
    );

    contract(
      context,
      'misses a node that is not heard after its heartbeats, and logs that on the node that goes on',
      ['cluster.heartbeat.threshold', 'cluster.event.nodeDown'],
      async ({ ports, world }) => {
        expect(await ports.cluster.readEvents(60)).toEqual([]);
        // Two ports of the lab are in the production network.
        const nics = await servers.node2.nics.list();
        const faults = await Promise.all(
          [0, 4].map((at) => world.fault({ kind: 'nicDown', server: 'NODE2', nic: nics[at]!.name })),
        );
        expect((await read(ports)).nodes.map(({ state }) => state)).toEqual(['up', 'up']);
        await world.advance(9_000);
        expect(await ports.cluster.readEvents(60)).toEqual([]);
        await world.advance(1_000);
        expect((await read(ports)).nodes[1]?.state).toBe('down');
        expect(await ports.cluster.readEvents(60)).toMatchObject([
          { id: 1135, level: 'critical', log: 'System', text: expect.stringContaining("'NODE2'") as string },
        ]);
        for (const fault of faults) await world.clearFault(fault);
        expect((await read(ports)).nodes.map(({ state }) => state)).toEqual(['up', 'up']);
      },
    );

    contract(context, 'pauses a node, evicts it and is destroyed', ['cluster.node.notFound'], async ({ ports }) => {
      expect(await failureOf(ports.apply({ do: 'cluster.pauseNode', node: 'NODE9' }))).toMatchObject({
        code: 'CLUSTER_NODE_NOT_FOUND',
        effect: 'none',
      });
      await made(ports, { do: 'cluster.pauseNode', node: 'NODE2' });
      expect(
        await failureOf(ports.apply({ do: 'cluster.moveGroup', group: 'Available Storage', node: 'NODE2' })),
      ).toMatchObject({
        code: 'CLUSTER_NODE_PAUSED',
        effect: 'none',
      });
      await made(ports, { do: 'cluster.resumeNode', node: 'NODE2' });
      await made(ports, { do: 'cluster.evictNode', node: 'NODE2' });
      await ports.apply({ do: 'cluster.destroy', name: 'CLU1' });
      expect(await ports.cluster.readState()).toMatchObject({ membership: 'none', cluster: null, unread: [] });
    });

    assumed(
      context,
      'that was created with a warning is there, and its report is named',
      ['cluster.create.warned', 'cluster.report.missing'],
      async ({ ports, world }) => {
        await world.fault({ kind: 'clusterCreateWarns', server: 'NODE1' });
        const failure = (await failureOf(ports.apply(create))) as unknown as { detail: unknown };
        expect(failure).toMatchObject({
          code: 'CLUSTER_CREATE_WARNED',
          effect: 'partial',
          detail: {
            name: create.name,
            report: expect.stringMatching(/Reports\\Create Cluster Wizard .+\.htm$/) as string,
          },
        });
        expect((await ports.cluster.readState()).membership).toBe('member');
        const { report } = failure.detail as { report: string };
        expect(await ports.cluster.readReport(report)).toContain(`The cluster ${create.name} was created, but`);
        expect(await failureOf(ports.cluster.readReport(report.replace('Wizard', 'Another')))).toMatchObject({
          code: 'CLUSTER_REPORT_MISSING',
        });
        await ports.apply({ do: 'cluster.destroy', name: create.name });
      },
    );
    contract(
      context,
      'that was left half is cleared away',
      ['cluster.create.timedOut', 'cluster.leftover'],
      async ({ ports, world }) => {
        await world.fault({ kind: 'clusterCreateTimesOut', server: 'NODE1' });
        const failure = (await failureOf(ports.apply(create))) as unknown as { detail: { report: string } };
        expect(failure).toMatchObject({ code: 'CLUSTER_TIMED_OUT', effect: 'partial', detail: { node: 'NODE1' } });
        // Why it failed is in the report alone, which is there although the cluster is not.
        expect(await ports.cluster.readReport(failure.detail.report)).toContain(
          `The cluster ${create.name} was not created`,
        );
        expect((await ports.cluster.readState()).membership).toBe('leftover');
        expect(await failureOf(ports.apply(create))).toMatchObject({ code: 'CLUSTER_LEFTOVER' });
        await made(ports, { do: 'cluster.clearNode', node: 'NODE1' });
        expect((await ports.cluster.readState()).membership).toBe('none');
      },
    );
  });

  contractGroup(
    host,
    'a name in a domain',
    (context) => {
      contract(context, 'is looked up with what the account may do', ['directory.rights'], async ({ ports, world }) => {
        const container = 'CN=Computers,DC=lab,DC=test';
        expect(await ports.cluster.lookUpName('CLU1')).toEqual({
          ...{ name: 'CLU1', isInDomain: true, addresses: [], object: null, unread: [] },
          container: { distinguishedName: container, canCreateComputers: true },
        });
        expect(await ports.cluster.lookUpName('NODE2')).toMatchObject({
          addresses: ['192.0.2.22'],
          object: { distinguishedName: `CN=NODE2,${container}`, isDisabled: false, isCluster: false },
        });
        await world.fault({ kind: 'directoryDenies', domain: 'lab.test' });
        expect(await ports.cluster.lookUpName('CLU1')).toMatchObject({ container: { canCreateComputers: false } });
        await world.fault({ kind: 'clusterNamePrestaged', name: 'CLU1' });
        expect(await ports.cluster.lookUpName('CLU1')).toMatchObject({
          object: { isDisabled: true, isWritable: true, isCluster: false },
        });
      });
      contract(context, 'is unread where no domain controller answers', [], async ({ ports, world }) => {
        await world.fault({ kind: 'domainUnreachable', domain: 'lab.test' });
        const { unread, ...rest } = await ports.cluster.lookUpName('CLU1');
        expect(rest).toEqual({
          ...{ name: 'CLU1', isInDomain: true, addresses: null, object: null, container: null },
        });
        expect(unread.map(({ property }) => property)).toEqual(['object', 'container', 'addresses']);
      });
    },
    { scenario: 'two-node-ad' },
  );

  contractGroup(
    host,
    'the account of a cluster in a domain',
    (context) => {
      const repair = { do: 'cluster.repairName', name: 'CLU1' } as const;
      const nameOf = async (ports: Ports) => (await read(ports)).nameAccount;
      assumed(
        context,
        'is told apart: another password, disabled, gone, not asked',
        ['cluster.name.repairFailed'],
        async ({ ports, world }) => {
          await ports.apply({ do: 'roles.install', features: ['Failover-Clustering'], source: null });
          await ports.apply({ ...create, ignoreNetworks: [], accessPoint: 'activeDirectoryAndDns' });
          const online = { resource: 'Cluster Name', state: 'online', account: 'fits' };
          expect(await nameOf(ports)).toEqual(online);
          for (const account of ['passwordDiffers', 'disabled', 'missing'] as const) {
            const fault = await world.fault({ kind: 'clusterNameFails', account });
            expect(await nameOf(ports)).toEqual({ ...online, state: 'failed', account });
            if (account !== 'passwordDiffers')
              expect(await failureOf(ports.apply(repair))).toMatchObject({ code: 'CLUSTER_NAME_REPAIR_FAILED' });
            const away = await world.fault({ kind: 'domainUnreachable', domain: 'lab.test' });
            expect(await nameOf(ports)).toMatchObject({ account: 'unknown' });
            expect(await failureOf(ports.apply(repair))).toMatchObject({ code: 'CLUSTER_NAME_REPAIR_FAILED' });
            await world.clearFault(away);
            await world.clearFault(fault);
          }
          expect(await nameOf(ports)).toEqual(online);
        },
      );
      contract(
        context,
        'gets the password that the cluster keeps, from an account that may reset it, and the name comes online',
        ['cluster.name.account', 'cluster.name.repair', 'cluster.name.rightsMissing'],
        async ({ ports, world }) => {
          await world.fault({ kind: 'clusterNameFails', account: 'passwordDiffers' });
          const denied = await world.fault({ kind: 'directoryDenies', domain: 'lab.test' });
          expect(await failureOf(ports.apply(repair))).toMatchObject({ code: 'CLUSTER_NAME_RIGHTS_MISSING' });
          await world.clearFault(denied);
          await made(ports, repair);
          expect(await nameOf(ports)).toMatchObject({ state: 'online', account: 'fits' });
          await ports.apply(repair);
        },
      );
    },
    { scenario: 'two-node-ad' },
  );

  contractGroup(
    host,
    'the account of a cluster on Windows Server 2022',
    (context) => {
      contract(context, 'is repaired by hand', ['cluster.name.repairByHand'], async ({ ports }) => {
        await ports.apply({ do: 'roles.install', features: ['Failover-Clustering'], source: null });
        await ports.apply({ ...create, ignoreNetworks: [] });
        expect(await failureOf(ports.apply({ do: 'cluster.repairName', name: 'CLU1' }))).toMatchObject({
          code: 'CLUSTER_NAME_REPAIR_BY_HAND',
          effect: 'none',
        });
        expect((await read(ports)).nameAccount).toBeNull();
      });
    },
    { scenario: 'two-node-2022' },
  );
};
