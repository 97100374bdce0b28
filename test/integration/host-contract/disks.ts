import { expect } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { judgeContent, partitionTypes, type Disk } from '../../../shared/model/disk.ts';
import { logOn, restart } from '../../support/changes.ts';
import { assumed, contract, contractGroup, failureOf, twice, type ContractHost } from './contract.ts';

const byserial = async (ports: Ports, serial: string): Promise<Disk> =>
  (await ports.disks.list()).find((disk) => disk.serialNumber === serial)!;

const connect = async (ports: Ports): Promise<void> => {
  await ports.apply({ do: 'initiator.setService', running: true });
  const nic = (await ports.nics.list())[2]!;
  await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '198.51.100.21', prefixLength: 24 });
  const path = {
    targetPortalAddress: '198.51.100.10',
    targetPortalPort: 3260,
    initiatorPortalAddress: '198.51.100.21',
  };
  await ports.apply({ do: 'initiator.addPortal', ...path, authentication: { kind: 'none' } });
  await logOn(ports, {
    ...path,
    targetNodeAddress: labTarget,
    isPersistent: true,
    isMultipathEnabled: true,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: { kind: 'none' },
  });
  await ports.disks.rescan();
};

const ntfs = { partitionNumber: 2, fileSystem: 'NTFS' as const, label: 'Data', allocationUnitBytes: 65_536 };

export const diskContract = (host: ContractHost): void => {
  contractGroup(host, 'disks', (context) => {
    contract(
      context,
      'are listed with the one that Windows started from',
      ['disk.arrival.policy'],
      async ({ ports }) => {
        await connect(ports);
        const disks = await ports.disks.list();
        expect(disks).toHaveLength(3);
        expect(disks.find((disk) => disk.isBoot)).toMatchObject({
          busType: 'nvme',
          partitionStyle: 'gpt',
          isOffline: false,
          number: 0,
        });
        const data = await byserial(ports, 'LAB-DATA-0002');
        expect(data).toMatchObject({
          busType: 'iscsi',
          sizeBytes: 100n * 1024n ** 3n,
          logicalSectorBytes: 512,
          isOffline: true,
          offlineReason: 'policy',
          isReadOnly: true,
          partitionStyle: 'raw',
          isClustered: false,
          pathCount: 1,
          partitions: [],
        });
        expect(data.uniqueId).toMatch(/^[0-9A-F]{16}$/);
        expect(judgeContent(data).kind).toBe('unknown');
      },
    );

    contract(context, 'that are not there are not found', ['disk.notFound'], async ({ ports }) => {
      expect(
        await failureOf(ports.apply({ do: 'disk.setOnline', disk: '3000000000000000', online: true })),
      ).toMatchObject({
        code: 'DISK_NOT_FOUND',
        effect: 'none',
      });
    });

    assumed(context, 'are not initialised while they are offline', ['disk.initialize.offline'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      expect(await failureOf(ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'gpt' }))).toMatchObject({
        code: 'DISK_OFFLINE',
      });
    });

    contract(context, 'come online and become writable, each by itself', [], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      await twice(
        () => ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true }),
        () => byserial(ports, 'LAB-DATA-0002'),
        (disk) => expect(disk).toMatchObject({ isOffline: false, offlineReason: null, isReadOnly: true }),
      );
      await twice(
        () => ports.apply({ do: 'disk.setReadOnly', disk: uniqueId!, readOnly: false }),
        () => byserial(ports, 'LAB-DATA-0002'),
        (disk) => expect(disk).toMatchObject({ isOffline: false, isReadOnly: false }),
      );
      expect(judgeContent(await byserial(ports, 'LAB-DATA-0002')).kind).toBe('blank');
    });

    contract(context, 'take no partition before they are initialised', ['disk.notInitialized'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      expect(
        await failureOf(ports.apply({ do: 'disk.createPartition', disk: uniqueId!, driveLetter: 'F' })),
      ).toMatchObject({
        code: 'DISK_NOT_INITIALIZED',
        effect: 'none',
      });
    });

    contract(
      context,
      'are initialised once',
      ['disk.initialize.twice', 'disk.initialize.reserved'],
      async ({ ports }) => {
        const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
        await ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'gpt' });
        const disk = await byserial(ports, 'LAB-DATA-0002');
        expect(disk.partitionStyle).toBe('gpt');
        expect(disk.partitions!.map((partition) => partition.gptType)).toEqual([partitionTypes.microsoftReserved]);
        expect(judgeContent(disk).kind).toBe('blank');
        expect(await failureOf(ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'gpt' }))).toMatchObject({
          code: 'DISK_ALREADY_INITIALIZED',
          effect: 'none',
        });
      },
    );

    contract(
      context,
      'make the partition even when its letter is taken',
      ['disk.partition.letter'],
      async ({ ports }) => {
        const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
        expect(
          await failureOf(ports.apply({ do: 'disk.createPartition', disk: uniqueId!, driveLetter: 'D' })),
        ).toMatchObject({
          code: 'DISK_LETTER_IN_USE',
          effect: 'partial',
        });
        const [, partition] = (await byserial(ports, 'LAB-DATA-0002')).partitions!;
        expect(partition).toMatchObject({ partitionNumber: 2, driveLetter: null, gptType: partitionTypes.basicData });
      },
    );

    contract(context, 'have no room for a second partition', ['disk.noSpace'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      expect(
        await failureOf(ports.apply({ do: 'disk.createPartition', disk: uniqueId!, driveLetter: 'G' })),
      ).toMatchObject({
        code: 'DISK_NO_SPACE',
      });
    });

    contract(context, 'take a letter, another one, and none', ['disk.letter.taken'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      const letterIs = (expected: string | null) => (disk: Disk) =>
        expect(disk.partitions![1]!.driveLetter).toBe(expected);
      const set = (driveLetter: string | null) => () =>
        ports.apply({ do: 'disk.setDriveLetter', disk: uniqueId!, partitionNumber: 2, driveLetter });
      const read = () => byserial(ports, 'LAB-DATA-0002');
      expect(await failureOf(set('D')())).toMatchObject({ code: 'DISK_LETTER_IN_USE', effect: 'none' });
      await twice(set('G'), read, letterIs('G'));
      await twice(set('F'), read, letterIs('F'));
      expect((await ports.disks.listLetters()).map((use) => [use.letter, use.kind])).toEqual(
        expect.arrayContaining([
          ['C', 'fixed'],
          ['D', 'cdRom'],
          ['F', 'fixed'],
        ]),
      );
      await twice(set(null), read, letterIs(null));
      await set('F')();
    });

    contract(context, 'are formatted with file system, label and unit', [], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      await twice(
        () => ports.apply({ do: 'disk.format', disk: uniqueId!, ...ntfs, discardsContent: false }),
        () => byserial(ports, 'LAB-DATA-0002'),
        (disk) => {
          expect(disk.partitions![1]!.volume).toMatchObject({
            fileSystem: 'NTFS',
            label: 'Data',
            driveLetter: 'F',
            healthStatus: 'healthy',
          });
          expect(judgeContent(disk)).toEqual({ kind: 'partitioned', volumes: ['Data'] });
        },
      );
    });

    assumed(context, 'have no partition that was not made', ['disk.partition.notFound'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      expect(
        await failureOf(
          ports.apply({ do: 'disk.format', disk: uniqueId!, ...ntfs, discardsContent: false, partitionNumber: 9 }),
        ),
      ).toMatchObject({
        code: 'DISK_PARTITION_NOT_FOUND',
      });
    });

    contract(context, 'refuse to be written while they are read-only', ['disk.readOnly'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-WITNESS-0001');
      await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true });
      expect(await failureOf(ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'mbr' }))).toMatchObject({
        code: 'DISK_READ_ONLY',
        effect: 'none',
      });
      await ports.apply({ do: 'disk.setReadOnly', disk: uniqueId!, readOnly: false });
      await ports.apply({ do: 'disk.initialize', disk: uniqueId!, style: 'mbr' });
      expect(await byserial(ports, 'LAB-WITNESS-0001')).toMatchObject({ partitionStyle: 'mbr', partitions: [] });
      await ports.apply({ do: 'disk.createPartition', disk: uniqueId!, driveLetter: 'Q' });
      await ports.apply({
        do: 'disk.format',
        disk: uniqueId!,
        partitionNumber: 1,
        fileSystem: 'ReFS',
        label: 'Witness',
        allocationUnitBytes: null,
        discardsContent: false,
      });
      const [partition] = (await byserial(ports, 'LAB-WITNESS-0001')).partitions!;
      expect(partition).toMatchObject({
        driveLetter: 'Q',
        gptType: null,
        volume: { fileSystem: 'ReFS', label: 'Witness' },
      });
    });

    contract(
      context,
      'keep their session while a volume of them is in use',
      ['iscsi.session.busy'],
      async ({ ports }) => {
        const [session] = (await ports.initiator.readState()).sessions!;
        const [found] = await ports.initiator.listSessionDisks();
        const serials = found!.disks!.map(({ serialNumber }) => serialNumber).sort();
        expect(found).toMatchObject({ sessionIdentifier: session!.sessionIdentifier, because: null });
        expect(serials).toEqual(['LAB-DATA-0002', 'LAB-WITNESS-0001']);
        expect(
          found!.disks!.every(({ uniqueIdFormat, sizeBytes }) => uniqueIdFormat === 'fcphName' && sizeBytes > 0n),
        ).toBe(true);
        expect(
          await failureOf(ports.apply({ do: 'initiator.logOff', sessionIdentifier: session!.sessionIdentifier })),
        ).toMatchObject({
          code: 'INITIATOR_SESSION_IN_USE',
          effect: 'none',
        });
      },
    );

    contract(context, 'make the service wait for their volumes', [], async ({ ports }) => {
      await twice(
        () => ports.apply({ do: 'initiator.bindVolumes' }),
        () => ports.initiator.readState(),
        (state) => expect(state.boundVolumes).toHaveLength(2),
      );
    });

    contract(context, 'are the same after a restart, whatever their numbers', [], async ({ ports, world }) => {
      const before = await ports.disks.list();
      await ports.apply(restart('numbers'));
      await world.advance(60_000);
      const after = await ports.disks.list();
      const known = (disks: readonly Disk[]) =>
        disks
          .map((disk) => [
            disk.uniqueId,
            disk.isOffline,
            disk.isReadOnly,
            disk.partitions!.map((one) => one.driveLetter),
          ])
          .sort((one, other) => String(one[0]).localeCompare(String(other[0])));
      expect(known(after)).toEqual(known(before));
    });

    contract(context, 'go offline again and show no volume then', [], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      await twice(
        () => ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: false }),
        () => byserial(ports, 'LAB-DATA-0002'),
        (disk) => {
          expect(disk.isOffline).toBe(true);
          expect(
            disk.partitions!.every((partition) => partition.volume === null && partition.driveLetter === null),
          ).toBe(true);
          expect(judgeContent(disk).kind).toBe('partitioned');
        },
      );
    });

    contract(context, 'refuse a partition while they are offline', ['disk.offline'], async ({ ports }) => {
      const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
      expect(
        await failureOf(ports.apply({ do: 'disk.createPartition', disk: uniqueId!, driveLetter: null })),
      ).toMatchObject({
        code: 'DISK_OFFLINE',
      });
    });

    contract(
      context,
      'are cleared of all partitions, and once',
      ['disk.clear.raw', 'disk.clear.critical', 'disk.offline', 'disk.readOnly'],
      async ({ ports }) => {
        const { uniqueId } = await byserial(ports, 'LAB-WITNESS-0001');
        await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: false });
        expect(await failureOf(ports.apply({ do: 'disk.clear', disk: uniqueId!, content: '' }))).toMatchObject({
          code: 'DISK_OFFLINE',
          effect: 'none',
        });
        await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true });
        await ports.apply({ do: 'disk.setReadOnly', disk: uniqueId!, readOnly: true });
        expect(await failureOf(ports.apply({ do: 'disk.clear', disk: uniqueId!, content: '' }))).toMatchObject({
          code: 'DISK_READ_ONLY',
          effect: 'none',
        });
        expect((await byserial(ports, 'LAB-WITNESS-0001')).partitions).toHaveLength(1);
        await ports.apply({ do: 'disk.setReadOnly', disk: uniqueId!, readOnly: false });
        await ports.apply({ do: 'disk.clear', disk: uniqueId!, content: '' });
        const disk = await byserial(ports, 'LAB-WITNESS-0001');
        expect(disk).toMatchObject({ partitionStyle: 'raw', partitions: [] });
        expect(judgeContent(disk).kind).toBe('blank');
        expect(await failureOf(ports.apply({ do: 'disk.clear', disk: uniqueId!, content: '' }))).toMatchObject({
          code: 'DISK_NOT_INITIALIZED',
          effect: 'none',
        });
        const own = (await ports.disks.list()).find((one) => one.isBoot)!;
        expect(await failureOf(ports.apply({ do: 'disk.clear', disk: own.uniqueId!, content: '' }))).toMatchObject({
          code: 'DISK_IS_SYSTEM',
          effect: 'none',
        });
        expect((await ports.disks.list()).find((one) => one.isBoot)).toEqual(own);
      },
    );

    contract(context, 'follow a policy', [], async ({ ports }) => {
      await twice(
        async () => {
          await ports.apply({ do: 'disk.setSanPolicy', policy: 'OfflineAll' });
          await ports.apply({ do: 'disk.setAutomount', enabled: false });
        },
        () => ports.disks.readPolicy(),
        (policy) => expect(policy).toMatchObject({ sanPolicy: 'OfflineAll', automount: false, unread: [] }),
      );
    });
  });

  contractGroup(host, 'disks of somebody else', (context) => {
    assumed(
      context,
      'do not come online while a stranger reserves them',
      ['disk.online.reserved'],
      async ({ ports, world }) => {
        await connect(ports);
        const fault = await world.fault({ kind: 'diskReserved', lun: 'data' });
        const { uniqueId } = await byserial(ports, 'LAB-DATA-0002');
        // What Windows says is not known; what counts is that it refuses and changes nothing.
        expect((await failureOf(ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true }))).effect).toBe(
          'none',
        );
        expect((await byserial(ports, 'LAB-DATA-0002')).isOffline).toBe(true);
        await world.clearFault(fault);
        await ports.apply({ do: 'disk.setOnline', disk: uniqueId!, online: true });
        expect((await byserial(ports, 'LAB-DATA-0002')).isOffline).toBe(false);
      },
    );

    contract(
      context,
      'are shown as part of a cluster, and never cleared',
      ['disk.clear.clustered'],
      async ({ ports, world }) => {
        await world.client.control('alterLun', { lun: 'witness', content: { clustered: true, style: 'gpt' } });
        const disk = await byserial(ports, 'LAB-WITNESS-0001');
        expect(disk.isClustered).toBe(true);
        expect(judgeContent(disk)).toEqual({ kind: 'cluster' });
        expect(await failureOf(ports.apply({ do: 'disk.clear', disk: disk.uniqueId!, content: '' }))).toMatchObject({
          code: 'DISK_IN_CLUSTER',
          effect: 'none',
        });
      },
    );
  });
};
