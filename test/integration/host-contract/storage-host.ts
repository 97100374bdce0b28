import { expect } from 'vitest';
import { Secret } from '../../../main/ports/secret.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { logOn } from '../../support/changes.ts';
import { contract, contractGroup, failureOf, type ContractHost } from './contract.ts';

const gibibyte = 1024 ** 3;
const witness = 'C:\\iSCSI\\witness.vhdx';
const data = 'C:\\iSCSI\\vm1.vhdx';
const nodeName = 'iqn.1991-05.com.microsoft:node2';

const stateOf = async (ports: Ports) => {
  const state = await ports.storageHost.readState();
  expect(state.unread).toEqual([]);
  return state;
};

/** iSCSI Target Server of NODE1, whose LUNs NODE2 uses: the same over the rehearsal and over scripts. */
export const storageHostContract = (host: ContractHost): void => {
  contractGroup(host, 'a storage host', (context) => {
    const name = 'cluster1';
    const session = {
      targetPortalAddress: '198.51.100.40',
      targetPortalPort: 3260,
      initiatorPortalAddress: '198.51.100.22',
    };

    contract(
      context,
      'has no target without its role, and makes disks that are fixed or dynamic',
      ['storageHost.role.missing', 'storageHost.disk.dynamic'],
      async ({ ports }) => {
        expect(await stateOf(ports)).toMatchObject({ service: 'absent', disks: [], targets: [] });
        const fixed = { do: 'storageHost.createDisk', path: witness, sizeBytes: gibibyte / 2, isFixed: true } as const;
        expect(await failureOf(ports.apply({ ...fixed, description: '' }))).toMatchObject({
          code: 'STORAGE_HOST_ROLE_MISSING',
          effect: 'none',
        });
        await ports.apply({ do: 'roles.install', features: ['FS-iSCSITarget-Server'], source: null });
        await ports.apply({ ...fixed, description: 'Witness' });
        await ports.apply({ ...fixed, path: data, sizeBytes: 40 * gibibyte, isFixed: false, description: '' });
        const state = await stateOf(ports);
        expect(state.service).toBe('running');
        expect(
          state.disks.map(({ path, sizeBytes, kind, description }) => [path, sizeBytes, kind, description]),
        ).toEqual([
          [witness, String(gibibyte / 2), 'fixed', 'Witness'],
          [data, String(40 * gibibyte), 'dynamic', ''],
        ]);
        expect(state.disks[0]!.serialNumber).toMatch(/^[0-9A-F-]{36}$/);
        expect(await failureOf(ports.apply({ ...fixed, description: '' }))).toMatchObject({
          code: 'STORAGE_HOST_FILE_EXISTS',
          effect: 'none',
        });
        expect(
          await failureOf(ports.apply({ ...fixed, path: 'C:\\big.vhdx', sizeBytes: 4096 * gibibyte, description: '' })),
        ).toMatchObject({ code: 'STORAGE_HOST_DISK_FAILED' });
      },
    );

    contract(
      context,
      'admits exactly the named initiators, with CHAP, and shows each disk once',
      [],
      async ({ ports, world }) => {
        await ports.apply({ do: 'storageHost.createTarget', name, initiators: ['iqn.1991-05.com.microsoft:other'] });
        await ports.apply({ do: 'storageHost.setInitiators', name, initiators: [nodeName] });
        const map = { do: 'storageHost.mapDisk', name, path: witness } as const;
        for (let time = 0; time < 2; time++) await ports.apply({ ...map, lun: 0 });
        await ports.apply({ ...map, path: data, lun: null });
        expect(await failureOf(ports.apply({ ...map, lun: 7 }))).toMatchObject({
          code: 'STORAGE_HOST_MAPPING_FAILED',
          effect: 'none',
        });
        const chap = { do: 'storageHost.setChap', name, reverse: null } as const;
        const nodes = { userName: 'nodes', secretName: 'secret' };
        expect(
          await failureOf(ports.apply({ ...chap, chap: nodes }, { secrets: { secret: new Secret('short') } })),
        ).toMatchObject({ code: 'STORAGE_HOST_SECRET_LENGTH', effect: 'none' });
        await ports.apply({ ...chap, chap: nodes }, { secrets: { secret: new Secret('a-secret-of-16c!') } });
        const [target] = (await stateOf(ports)).targets;
        expect(target).toMatchObject({
          name,
          initiators: [{ method: 'iqn', value: nodeName }],
          chap: { userName: 'nodes' },
          reverseChap: null,
          mappings: [
            { lun: 0, path: witness },
            { lun: 1, path: data },
          ],
          connected: [],
        });
        const none = { ...map, name: 'nowhere', lun: null } as const;
        expect(await failureOf(ports.apply(none))).toMatchObject({ code: 'STORAGE_HOST_TARGET_NOT_FOUND' });
        // The other server logs on to it as to any target.
        const nics = await ports.nics.list();
        await ports.apply({
          do: 'nic.addAddress',
          nic: nics[2]!.interfaceGuid,
          address: session.targetPortalAddress,
          prefixLength: 24,
        });
        const node2 = await world.ports('NODE2');
        const nic = (await node2.nics.list())[2]!.interfaceGuid;
        await node2.apply({ do: 'nic.addAddress', nic, address: session.initiatorPortalAddress, prefixLength: 24 });
        await node2.apply({ do: 'initiator.setService', running: true });
        await node2.apply({ do: 'initiator.addPortal', ...session, authentication: { kind: 'none' } });
        const found = (await node2.initiator.readState()).targets!.map(({ nodeAddress }) => nodeAddress);
        expect(found).toContain(target!.iqn);
        expect(found).not.toContain(labTarget);
        const wanted = {
          ...session,
          targetNodeAddress: target!.iqn,
          isPersistent: true,
          isMultipathEnabled: true,
          isHeaderDigest: false,
          isDataDigest: false,
        };
        const secret = new Secret('a-secret-of-16c!');
        const none2 = { kind: 'none' } as const;
        expect(await failureOf(logOn(node2, { ...wanted, authentication: none2 }))).toMatchObject({
          code: 'INITIATOR_LOGON_REFUSED',
        });
        await logOn(node2, { ...wanted, authentication: { kind: 'oneWayChap', userName: 'nodes', secret } });
        await node2.disks.rescan();
        const seen = (await node2.disks.list()).filter(({ busType }) => busType === 'iscsi');
        expect(seen.map(({ sizeBytes }) => sizeBytes)).toEqual([BigInt(gibibyte / 2), BigInt(40 * gibibyte)]);
        expect((await stateOf(ports)).targets[0]!.connected).toEqual([nodeName]);
        await node2.close();
      },
    );

    contract(
      context,
      'grows a disk that is in use, and takes nothing from whoever is logged on',
      ['storageHost.resize.online', 'storageHost.remove.keepsFile'],
      async ({ ports, world }) => {
        await ports.apply({ do: 'storageHost.extendDisk', path: data, sizeBytes: 60 * gibibyte });
        expect((await stateOf(ports)).disks[1]!.sizeBytes).toBe(String(60 * gibibyte));
        for (const change of [
          { do: 'storageHost.unmapDisk', name, path: data },
          { do: 'storageHost.removeTarget', name },
        ] as const)
          expect(await failureOf(ports.apply(change))).toMatchObject({
            code: 'STORAGE_HOST_CONNECTED',
            effect: 'none',
          });
        expect(await failureOf(ports.apply({ do: 'storageHost.removeDisk', path: data }))).toMatchObject({
          code: 'STORAGE_HOST_DISK_MAPPED',
        });
        const node2 = await world.ports('NODE2');
        for (const { sessionIdentifier } of (await node2.initiator.readState()).sessions!)
          await node2.apply({ do: 'initiator.logOff', sessionIdentifier });
        await node2.close();
        for (let time = 0; time < 2; time++) await ports.apply({ do: 'storageHost.unmapDisk', name, path: data });
        expect(await failureOf(ports.apply({ do: 'storageHost.deleteFile', path: data }))).toMatchObject({
          code: 'STORAGE_HOST_DISK_IN_USE',
        });
        await ports.apply({ do: 'storageHost.removeDisk', path: data });
        expect((await stateOf(ports)).files.map(({ path }) => path)).toEqual([data]);
        await ports.apply({ do: 'storageHost.importDisk', path: data });
        expect(await stateOf(ports)).toMatchObject({ files: [], disks: [{ path: witness }, { path: data }] });
        await ports.apply({ do: 'storageHost.removeDisk', path: data });
        for (let time = 0; time < 2; time++) await ports.apply({ do: 'storageHost.deleteFile', path: data });
        await ports.apply({ do: 'storageHost.removeTarget', name });
        expect(await stateOf(ports)).toMatchObject({ files: [], targets: [], disks: [{ path: witness }] });
      },
    );
  });
};
