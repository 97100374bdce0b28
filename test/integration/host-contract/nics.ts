import { restart } from '../../support/changes.ts';
import { expect } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { bindings, type LinkState, type Nic } from '../../../shared/model/nic.ts';
import { until } from '../../support/world.ts';
import { assumed, contract, contractGroup, failureOf, twice, type ContractHost } from './contract.ts';

const nicAt = async (ports: Ports, position: number): Promise<Nic> => (await ports.nics.list())[position]!;
const guidAt = async (ports: Ports, position: number): Promise<string> => (await nicAt(ports, position)).interfaceGuid;

const manual = (nic: Nic): string[] =>
  nic.addresses!.filter((held) => held.origin === 'manual').map((held) => `${held.address}/${held.prefixLength}`);

export const nicContract = (host: ContractHost): void => {
  contractGroup(host, 'network adapters', (context) => {
    contract(
      context,
      'are listed with everything that is known of them',
      ['nic.adapter.numbers'],
      async ({ ports }) => {
        const nics = await ports.nics.list();
        expect(nics).toHaveLength(6);
        const nic = nics[0]!;
        expect(nic).toMatchObject({
          name: 'Ethernet',
          isHardware: true,
          adminStatus: 'up',
          operationalStatus: 'up',
          mediaState: 'connected',
          transmitLinkSpeedBps: 10_000_000_000n,
          dhcp: { ipv4: true, ipv6: true },
          registersInDns: true,
          netbios: 'default',
          mtuBytes: { ipv4: 1500, ipv6: 1500 },
          powerSaving: 'allowed',
          membership: { kind: 'none' },
          networkCategory: 'public',
          unread: [],
        });
        expect(nic.interfaceGuid).toMatch(/^\{[0-9A-F-]{36}\}$/);
        expect(nic.permanentAddress).toMatch(/^([0-9A-F]{2}-){5}[0-9A-F]{2}$/);
        expect(nic.driver).toMatchObject({
          provider: 'Intel',
          version: '4.1.248.0',
          date: '2024-06-11',
          fileName: 'ixe.sys',
        });
        expect(nic.bindings).toMatchObject({ [bindings.fileAndPrinterSharing]: true, [bindings.ipv4]: true });
        expect(nic.jumboPacket).toEqual({ valueBytes: 1514, values: [1514, 4088, 9014] });
        expect(nic.gateways).toEqual([{ family: 'ipv4', nextHop: '192.0.2.1', metric: expect.any(Number) as number }]);
        expect(nic.addresses!.map((held) => [held.family, held.origin, held.state])).toEqual(
          expect.arrayContaining([
            ['ipv4', 'dhcp', 'preferred'],
            ['ipv6', 'wellKnown', 'preferred'],
          ]),
        );
        expect(nic.addresses!.every((held) => !held.address.includes('%'))).toBe(true);
        expect(nics[5]).toMatchObject({
          mediaState: 'disconnected',
          powerSaving: 'unsupported',
          networkCategory: null,
        });
      },
    );

    contract(context, 'take another name', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await twice(
        () => ports.apply({ do: 'nic.rename', nic: guid, newName: 'Cluster' }),
        () => nicAt(ports, 1),
        (nic) => expect(nic.name).toBe('Cluster'),
      );
    });

    contract(context, 'do not take a name that another one has', ['nic.rename.exists'], async ({ ports }) => {
      expect(
        await failureOf(ports.apply({ do: 'nic.rename', nic: await guidAt(ports, 2), newName: 'cluster' })),
      ).toMatchObject({
        code: 'NIC_NAME_IN_USE',
        effect: 'none',
      });
    });

    contract(context, 'that are not there are not found', ['nic.notFound'], async ({ ports }) => {
      const guid = '{00000000-0000-4000-8000-000000000000}';
      expect(await failureOf(ports.apply({ do: 'nic.rename', nic: guid, newName: 'Ghost' }))).toMatchObject({
        code: 'NIC_NOT_FOUND',
        effect: 'none',
      });
    });

    contract(context, 'take a static IPv4 and IPv6 address', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await ports.apply({ do: 'nic.setDhcp', nic: guid, family: 'ipv4', enabled: false });
      await ports.apply({ do: 'nic.addAddress', nic: guid, address: '10.20.30.1', prefixLength: 24 });
      await ports.apply({
        do: 'nic.addAddress',
        nic: guid,
        address: '2001:db8:20::1',
        prefixLength: 64,
        skipAsSource: true,
      });
      const nic = await nicAt(ports, 1);
      expect(manual(nic)).toEqual(['10.20.30.1/24', '2001:db8:20::1/64']);
      expect(nic.dhcp!.ipv4).toBe(false);
      expect(nic.addresses!.find((held) => held.address === '2001:db8:20::1')!.skipAsSource).toBe(true);
    });

    contract(context, 'do not take an address that the server has', ['nic.address.exists'], async ({ ports }) => {
      const address = { address: '10.20.30.1', prefixLength: 24 };
      expect(
        await failureOf(ports.apply({ do: 'nic.addAddress', nic: await guidAt(ports, 2), ...address })),
      ).toMatchObject({
        code: 'NIC_ADDRESS_EXISTS',
        effect: 'none',
      });
    });

    contract(
      context,
      'show an address that somebody else answers for as a duplicate',
      ['nic.address.duplicate'],
      async ({ ports, world }) => {
        await world.fault({ kind: 'addressInUse', network: 'private', address: '10.20.30.9' });
        const guid = await guidAt(ports, 1);
        expect(await ports.nics.probeAddress(guid, '10.20.30.9')).toBe('answered');
        expect(await ports.nics.probeAddress(guid, '10.20.30.8')).toBe('free');
        await ports.apply({ do: 'nic.addAddress', nic: guid, address: '10.20.30.9', prefixLength: 24 });
        const held = (await nicAt(ports, 1)).addresses!;
        expect(held.find((one) => one.address === '10.20.30.9')!.state).toBe('duplicate');
        await ports.apply({ do: 'nic.removeAddress', nic: guid, address: '10.20.30.9' });
        expect(manual(await nicAt(ports, 1))).not.toContain('10.20.30.9/24');
      },
    );

    assumed(context, 'do not remove an address that is not there', ['nic.address.notFound'], async ({ ports }) => {
      expect(
        await failureOf(ports.apply({ do: 'nic.removeAddress', nic: await guidAt(ports, 1), address: '10.20.30.9' })),
      ).toMatchObject({
        code: 'NIC_ADDRESS_NOT_FOUND',
      });
    });

    contract(context, 'have one gateway or none', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await twice(
        () => ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: '10.20.30.254' }),
        () => nicAt(ports, 1),
        (nic) => expect(nic.gateways!.map((gateway) => gateway.nextHop)).toEqual(['10.20.30.254']),
      );
      await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: '10.20.30.253' });
      expect((await nicAt(ports, 1)).gateways!.map((gateway) => gateway.nextHop)).toEqual(['10.20.30.253']);
      await twice(
        () => ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: null }),
        () => nicAt(ports, 1),
        (nic) => expect(nic.gateways).toEqual([]),
      );
    });

    contract(context, 'have DNS servers by family', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv6', servers: ['2001:db8::53'] });
      await twice(
        () =>
          ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['192.0.2.53', '192.0.2.54'] }),
        () => nicAt(ports, 1),
        (nic) => expect(nic.dnsServers).toEqual({ ipv4: ['192.0.2.53', '192.0.2.54'], ipv6: ['2001:db8::53'] }),
      );
      await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: [] });
      expect((await nicAt(ports, 1)).dnsServers).toEqual({ ipv4: [], ipv6: ['2001:db8::53'] });
    });

    contract(context, 'register in DNS, use NetBIOS and save power or not', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await twice(
        async () => {
          await ports.apply({ do: 'nic.setDnsRegistration', nic: guid, registers: false });
          await ports.apply({ do: 'nic.setNetbios', nic: guid, setting: 'disabled' });
          await ports.apply({ do: 'nic.setPowerSaving', nic: guid, allowed: false });
          await ports.apply({ do: 'nic.setNetworkCategory', nic: guid, category: 'private' });
        },
        () => nicAt(ports, 1),
        (nic) =>
          expect(nic).toMatchObject({
            registersInDns: false,
            netbios: 'disabled',
            powerSaving: 'notAllowed',
            networkCategory: 'private',
          }),
      );
    });

    contract(context, 'bind and unbind a component', [], async ({ ports }) => {
      const guid = await guidAt(ports, 1);
      await twice(
        () =>
          ports.apply({ do: 'nic.setBinding', nic: guid, componentId: bindings.fileAndPrinterSharing, enabled: false }),
        () => nicAt(ports, 1),
        (nic) =>
          expect(nic.bindings).toMatchObject({
            [bindings.fileAndPrinterSharing]: false,
            [bindings.clientForMicrosoftNetworks]: true,
          }),
      );
      await ports.apply({
        do: 'nic.setBinding',
        nic: guid,
        componentId: bindings.fileAndPrinterSharing,
        enabled: true,
      });
      expect((await nicAt(ports, 1)).bindings![bindings.fileAndPrinterSharing]).toBe(true);
    });

    assumed(context, 'do not bind what is not installed', ['nic.binding.notFound'], async ({ ports }) => {
      expect(
        await failureOf(
          ports.apply({ do: 'nic.setBinding', nic: await guidAt(ports, 1), componentId: 'ms_nothing', enabled: true }),
        ),
      ).toMatchObject({
        code: 'NIC_BINDING_NOT_FOUND',
      });
    });

    contract(context, 'take jumbo packets', [], async ({ ports }) => {
      const guid = await guidAt(ports, 2);
      await twice(
        () => ports.apply({ do: 'nic.setJumboPacket', nic: guid, valueBytes: 9014 }),
        () => nicAt(ports, 2),
        (nic) => {
          expect(nic.jumboPacket!.valueBytes).toBe(9014);
          expect(nic.mtuBytes!.ipv4).toBe(9000);
        },
      );
    });

    assumed(
      context,
      'do not take a jumbo packet that the driver does not list',
      ['nic.advanced.value'],
      async ({ ports }) => {
        expect(
          await failureOf(ports.apply({ do: 'nic.setJumboPacket', nic: await guidAt(ports, 2), valueBytes: 9000 })),
        ).toMatchObject({
          code: 'NIC_JUMBO_UNSUPPORTED',
        });
      },
    );

    contract(context, 'may take a value and not keep it', [], async ({ ports, world }) => {
      const nic = await nicAt(ports, 3);
      await world.fault({ kind: 'propertyNotAccepted', server: 'NODE1', nic: nic.name, property: '*JumboPacket' });
      await ports.apply({ do: 'nic.setJumboPacket', nic: nic.interfaceGuid, valueBytes: 9014 });
      expect((await nicAt(ports, 3)).jumboPacket!.valueBytes).toBe(1514);
    });

    contract(context, 'go down and up', [], async ({ ports }) => {
      const guid = await guidAt(ports, 3);
      await twice(
        () => ports.apply({ do: 'nic.setEnabled', nic: guid, enabled: false }),
        () => nicAt(ports, 3),
        (nic) => expect(nic).toMatchObject({ adminStatus: 'down', operationalStatus: 'down' }),
      );
      await twice(
        () => ports.apply({ do: 'nic.setEnabled', nic: guid, enabled: true }),
        () => nicAt(ports, 3),
        (nic) => expect(nic).toMatchObject({ adminStatus: 'up', operationalStatus: 'up', mediaState: 'connected' }),
      );
    });

    contract(context, 'show which cable was pulled', [], async ({ ports, world }) => {
      const stop = new AbortController();
      const seen: LinkState[][] = [];
      const watching = ports.nics.watchLinks((links) => seen.push([...links]), { signal: stop.signal });
      const before = (
        await until(
          () => seen,
          (value) => value.length > 0,
          'the first links',
        )
      )[0]!;
      const pulled = before[2]!;
      await world.client.control('plug', { server: 'NODE1', nic: pulled.interfaceGuid, network: null });
      const after = await until(
        () => seen.at(-1)!,
        (links) =>
          links.some((link) => link.interfaceGuid === pulled.interfaceGuid && link.mediaState === 'disconnected'),
        'the pulled cable',
      );
      expect(after.filter((link, index) => link.mediaState !== before[index]!.mediaState)).toHaveLength(1);
      await world.client.control('plug', { server: 'NODE1', nic: pulled.interfaceGuid, network: 'iscsi-a' });
      stop.abort();
      await watching;
    });

    contract(context, 'carry the session that somebody sits on', [], async ({ ports, world }) => {
      const session = { service: 'rdp', localAddress: '192.0.2.100', localPort: 3389, remoteAddress: '192.0.2.10' };
      await world.client.control('alterServer', { server: 'NODE1', values: { remoteSessions: [session] } });
      expect(await ports.nics.readRemoteSessions()).toEqual([session]);
    });

    contract(context, 'keep a revert until it is confirmed', [], async ({ ports }) => {
      const nic = await nicAt(ports, 1);
      await ports.nics.armRevert({
        token: 'change-1',
        afterSeconds: 120,
        restore: [{ interfaceGuid: nic.interfaceGuid, dnsServers: { family: 'ipv4', servers: [] } }],
      });
      const [revert] = await ports.nics.readReverts();
      expect(revert!.token).toBe('change-1');
      expect(Number.isNaN(Date.parse(revert!.dueAt))).toBe(false);
      await ports.nics.disarmRevert('change-1');
      await ports.nics.disarmRevert('change-1');
      expect(await ports.nics.readReverts()).toEqual([]);
    });

    contract(context, 'hear an echo, and know when a packet is too big', [], async ({ ports }) => {
      const echo = (destination: string, payloadBytes: number) =>
        ports.nics.sendEcho({ destination, source: null, payloadBytes, dontFragment: true });
      expect(await echo('192.0.2.53', 1472)).toMatchObject({ answered: true });
      expect(await echo('192.0.2.53', 1473)).toEqual({ answered: false, because: 'tooBig' });
      expect(await echo('192.0.2.77', 32)).toEqual({ answered: false, because: 'timeout' });
    });
  });

  contractGroup(host, 'a network adapter between DHCP and a static address', (context) => {
    const lease = (nic: Nic) => ({
      dhcp: nic.dhcp!.ipv4,
      origins: nic.addresses!.filter((held) => held.family === 'ipv4').map((held) => held.origin),
      gateways: nic.gateways!.map((gateway) => gateway.nextHop),
      dns: nic.dnsServers!.ipv4,
    });
    const leased = { dhcp: true, origins: ['dhcp'], gateways: ['192.0.2.1'], dns: ['192.0.2.53'] };

    contract(context, 'loses its gateway with the lease', ['nic.dhcp.offDropsGateway'], async ({ ports }) => {
      expect(lease(await nicAt(ports, 0))).toEqual(leased);
      await ports.apply({ do: 'nic.setDhcp', nic: await guidAt(ports, 0), family: 'ipv4', enabled: false });
      expect((await nicAt(ports, 0)).gateways).toEqual([]);
    });

    assumed(
      context,
      'loses its address and DNS servers with the lease',
      ['nic.dhcp.offDropsDns'],
      async ({ ports }) => {
        expect(lease(await nicAt(ports, 0))).toEqual({ dhcp: false, origins: [], gateways: [], dns: [] });
      },
    );

    contract(context, 'keeps what it was given when DHCP is gone', [], async ({ ports, world }) => {
      const guid = await guidAt(ports, 0);
      await ports.apply({ do: 'nic.addAddress', nic: guid, address: '192.0.2.21', prefixLength: 24 });
      await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: '192.0.2.1' });
      await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['192.0.2.53'] });
      const given = { dhcp: false, origins: ['manual'], gateways: ['192.0.2.1'], dns: ['192.0.2.53'] };
      expect(lease(await nicAt(ports, 0))).toEqual(given);
      await ports.apply(restart('a lease that is gone'));
      await world.advance(60_000);
      expect(lease(await nicAt(ports, 0))).toEqual(given);
    });

    contract(context, 'has what DHCP supplies again', [], async ({ ports }) => {
      const guid = await guidAt(ports, 0);
      await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: [] });
      await ports.apply({ do: 'nic.setGateway', nic: guid, family: 'ipv4', nextHop: null });
      await ports.apply({ do: 'nic.removeAddress', nic: guid, address: '192.0.2.21' });
      await ports.apply({ do: 'nic.setDhcp', nic: guid, family: 'ipv4', enabled: true });
      expect(lease(await nicAt(ports, 0))).toEqual(leased);
    });

    assumed(context, 'keeps configured DNS servers beside a lease', ['nic.dhcp.offDropsDns'], async ({ ports }) => {
      const guid = await guidAt(ports, 0);
      await ports.apply({ do: 'nic.setDnsServers', nic: guid, family: 'ipv4', servers: ['192.0.2.10'] });
      expect(lease(await nicAt(ports, 0))).toEqual({ ...leased, dns: ['192.0.2.10'] });
      await ports.apply({ do: 'nic.addAddress', nic: guid, address: '192.0.2.22', prefixLength: 24 });
      expect(lease(await nicAt(ports, 0))).toEqual({
        dhcp: false,
        origins: ['manual'],
        gateways: [],
        dns: ['192.0.2.10'],
      });
    });
  });

  contractGroup(host, 'network adapters under faults', (context) => {
    contract(context, 'say that a link is down and that it is up again', [], async ({ ports, world }) => {
      const nic = await nicAt(ports, 2);
      const fault = await world.fault({ kind: 'nicDown', server: 'NODE1', nic: nic.interfaceGuid });
      expect(await nicAt(ports, 2)).toMatchObject({ mediaState: 'disconnected', adminStatus: 'up' });
      expect(await ports.nics.probeAddress(nic.interfaceGuid, '198.51.100.10')).toBe('unknown');
      await world.clearFault(fault);
      expect((await nicAt(ports, 2)).mediaState).toBe('connected');
    });

    contract(context, 'are found by what lasts after a driver update', [], async ({ ports, world }) => {
      const before = await nicAt(ports, 2);
      await world.client.control('updateDrivers', {
        server: 'NODE1',
        provider: 'Broadcom Limited',
        version: '230.0.1.0',
      });
      const after = (await ports.nics.list()).find((nic) => nic.interfaceGuid === before.interfaceGuid)!;
      expect(after.interfaceIndex).not.toBe(before.interfaceIndex);
      expect([after.permanentAddress, after.driver.version]).toEqual([before.permanentAddress, '230.0.1.0']);
      await ports.apply({ do: 'nic.rename', nic: before.interfaceGuid, newName: 'iSCSI A' });
      const renamed = (await ports.nics.list()).find((nic) => nic.interfaceGuid === before.interfaceGuid)!;
      expect(renamed.name).toBe('iSCSI A');
    });
  });
};
