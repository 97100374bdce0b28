import { expect } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { isSameAddress } from '../../../shared/model/address.ts';
import { iscsiPort, judgePath } from '../../../shared/model/windows-iscsi.ts';
import { logOn, type Logon, restart, setMutualSecret } from '../../support/changes.ts';
import { contract, contractGroup, failureOf, twice, type ContractHost } from './contract.ts';

const pathA = { source: '198.51.100.21', portal: '198.51.100.10' };
const pathB = { source: '203.0.113.21', portal: '203.0.113.10' };

const logon = (path: { source: string; portal: string }, over: Partial<Logon> = {}): Logon => ({
  targetNodeAddress: labTarget,
  initiatorPortalAddress: path.source,
  targetPortalAddress: path.portal,
  targetPortalPort: iscsiPort,
  isPersistent: true,
  isMultipathEnabled: true,
  isHeaderDigest: false,
  isDataDigest: false,
  authentication: { kind: 'none' },
  ...over,
});

const portalOf = (path: { source: string; portal: string }) => ({
  targetPortalAddress: path.portal,
  targetPortalPort: iscsiPort,
  initiatorPortalAddress: path.source,
});

const addressThem = async (ports: Ports): Promise<void> => {
  const nics = await ports.nics.list();
  await ports.apply({ do: 'nic.addAddress', nic: nics[2]!.interfaceGuid, address: pathA.source, prefixLength: 24 });
  await ports.apply({ do: 'nic.addAddress', nic: nics[3]!.interfaceGuid, address: pathB.source, prefixLength: 24 });
};

const verdict = async (ports: Ports, path: { source: string; portal: string }) =>
  judgePath(logon(path), (await ports.initiator.readState()).sessions!, isSameAddress).kind;

const lunsOf = async (ports: Ports) => (await ports.disks.list()).filter((disk) => disk.busType === 'iscsi');

export const initiatorContract = (host: ContractHost): void => {
  contractGroup(host, 'the iSCSI initiator of Windows', (context) => {
    contract(context, 'says what it can while its service does not run', [], async ({ ports }) => {
      const state = await ports.initiator.readState();
      expect(state.service).toEqual({ state: 'stopped', startMode: 'manual' });
      expect([state.iqn, state.sessions, state.favourites]).toEqual([null, null, null]);
      expect(state.unread.map((entry) => entry.property)).toEqual(
        expect.arrayContaining(['iqn', 'portals', 'targets', 'sessions', 'favourites']),
      );
      expect(state.firewallRules!.map((rule) => [rule.name, rule.enabled])).toEqual([
        ['MsiScsi-In-TCP', false],
        ['MsiScsi-Out-TCP', false],
      ]);
    });

    contract(
      context,
      'refuses its work while its service does not run',
      ['iscsi.service.stopped'],
      async ({ ports }) => {
        expect(await failureOf(ports.apply({ do: 'initiator.discover' }))).toMatchObject({
          code: 'INITIATOR_SERVICE_STOPPED',
          effect: 'none',
        });
      },
    );

    contract(context, 'starts its service and opens the firewall', [], async ({ ports }) => {
      await twice(
        async () => {
          await ports.apply({ do: 'initiator.setService', running: true });
          await ports.apply({ do: 'initiator.setFirewall', enabled: true });
        },
        () => ports.initiator.readState(),
        (state) => {
          expect(state.service).toEqual({ state: 'running', startMode: 'automatic' });
          expect(state.firewallRules!.every((rule) => rule.enabled && rule.profiles[0] === 'any')).toBe(true);
          expect(state.iqn).toBe('iqn.1991-05.com.microsoft:node1');
          expect(state.unread).toEqual([]);
        },
      );
    });

    contract(context, 'takes a name and refuses what is none', ['iscsi.name.invalid'], async ({ ports }) => {
      await twice(
        () => ports.apply({ do: 'initiator.setName', iqn: 'iqn.2026-01.test.lab:node1' }),
        () => ports.initiator.readState(),
        (state) => expect(state.iqn).toBe('iqn.2026-01.test.lab:node1'),
      );
      expect(await failureOf(ports.apply({ do: 'initiator.setName', iqn: 'node 1' }))).toMatchObject({
        code: 'INITIATOR_NAME_REFUSED',
      });
    });

    contract(context, 'refuses a secret of eleven bytes', ['iscsi.chap.length'], async ({ ports }) => {
      expect(await failureOf(setMutualSecret(ports, '12345678901'))).toMatchObject({
        code: 'INITIATOR_SECRET_INVALID',
        effect: 'none',
      });
      await setMutualSecret(ports, '123456789012');
      await setMutualSecret(ports, null);
    });

    contract(
      context,
      'does not reach a portal that does not answer',
      ['iscsi.portal.unreachable'],
      async ({ ports }) => {
        await addressThem(ports);
        const portal = {
          ...portalOf(pathA),
          targetPortalAddress: '198.51.100.99',
          authentication: { kind: 'none' as const },
        };
        expect(await failureOf(ports.apply({ do: 'initiator.addPortal', ...portal }))).toMatchObject({
          code: 'INITIATOR_PORTAL_UNREACHABLE',
        });
        expect((await ports.initiator.readState()).portals).toEqual([]);
      },
    );

    contract(context, 'discovers over a portal that is bound to a source address', [], async ({ ports }) => {
      await twice(
        async () => {
          await ports.apply({ do: 'initiator.addPortal', ...portalOf(pathA), authentication: { kind: 'none' } });
          await ports.apply({ do: 'initiator.addPortal', ...portalOf(pathB), authentication: { kind: 'none' } });
        },
        () => ports.initiator.readState(),
        (state) => {
          expect(state.portals!.map((portal) => [portal.targetPortalAddress, portal.initiatorPortalAddress])).toEqual([
            [pathA.portal, pathA.source],
            [pathB.portal, pathB.source],
          ]);
          expect(state.targets).toEqual([{ nodeAddress: labTarget, isConnected: false }]);
        },
      );
      await ports.apply({ do: 'initiator.discover' });
    });

    contract(
      context,
      'does not know a target that was not discovered',
      ['iscsi.target.notFound'],
      async ({ ports }) => {
        const request = logon(pathA, { targetNodeAddress: 'iqn.2004-04.test.lab:nobody' });
        expect(await failureOf(logOn(ports, request))).toMatchObject({ code: 'INITIATOR_TARGET_NOT_FOUND' });
      },
    );

    contract(
      context,
      'needs multipath I/O to be installed before it can claim',
      ['mpio.notInstalled'],
      async ({ ports }) => {
        expect(await ports.mpio.readState()).toMatchObject({ feature: 'available', claimsIscsi: null });
        expect(await failureOf(ports.apply({ do: 'mpio.setIscsiClaim', claims: true }))).toMatchObject({
          code: 'MPIO_NOT_INSTALLED',
          effect: 'none',
        });
      },
    );

    contract(context, 'installs multipath I/O with a restart and claims iSCSI', [], async ({ ports, world }) => {
      await ports.apply({ do: 'mpio.installFeature' });
      expect((await ports.mpio.readState()).feature).toBe('installPending');
      await ports.apply({ do: 'mpio.installFeature' });
      await ports.apply(restart('MPIO'));
      await world.advance(60_000);
      expect((await ports.mpio.readState()).feature).toBe('installed');
      await ports.apply({ do: 'mpio.installFeature' });
      expect((await ports.mpio.readState()).feature).toBe('installed');
      await twice(
        async () => {
          await ports.apply({ do: 'mpio.setIscsiClaim', claims: true });
          await ports.apply({ do: 'mpio.setLoadBalancePolicy', policy: 'RR' });
        },
        () => ports.mpio.readState(),
        (state) => expect(state).toMatchObject({ claimsIscsi: true, loadBalancePolicy: 'RR', unread: [] }),
      );
    });

    contract(
      context,
      'logs on over both paths, bound, persistent and connected',
      ['mpio.joinsPaths'],
      async ({ ports }) => {
        const session = await logOn(ports, logon(pathA));
        expect(session).toMatchObject({ initiatorPortalAddress: pathA.source, isPersistent: true, isConnected: true });
        await logOn(ports, logon(pathB));
        expect([await verdict(ports, pathA), await verdict(ports, pathB)]).toEqual(['proven', 'proven']);
        const state = await ports.initiator.readState();
        expect(state.favourites!.map((one) => [one.initiatorPortalAddress, one.targetPortalAddress])).toEqual([
          [pathA.source, pathA.portal],
          [pathB.source, pathB.portal],
        ]);
        await ports.apply({ do: 'mpio.setIscsiClaim', claims: true });
        const luns = await lunsOf(ports);
        expect(luns.map((disk) => [disk.serialNumber, disk.pathCount])).toEqual(
          expect.arrayContaining([
            ['LAB-WITNESS-0001', 2],
            ['LAB-DATA-0002', 2],
          ]),
        );
      },
    );

    contract(
      context,
      'refuses a second session without the multipath flag',
      ['iscsi.session.exists'],
      async ({ ports }) => {
        const request = logon(pathA, { isMultipathEnabled: false });
        expect(await failureOf(logOn(ports, request))).toMatchObject({
          code: 'INITIATOR_SESSION_EXISTS',
          effect: 'none',
        });
      },
    );

    contract(
      context,
      'doubles a session that was registered twice at the next start',
      ['iscsi.register.twice'],
      async ({ ports, world }) => {
        const state = await ports.initiator.readState();
        const onA = state.sessions!.find((session) => session.initiatorPortalAddress === pathA.source)!;
        await ports.apply({
          do: 'initiator.registerSession',
          sessionIdentifier: onA.sessionIdentifier,
          isMultipathEnabled: true,
          authentication: { kind: 'none' },
        });
        expect((await ports.initiator.readState()).favourites).toHaveLength(3);
        await ports.apply(restart('logons'));
        await world.advance(60_000);
        expect([await verdict(ports, pathA), await verdict(ports, pathB)]).toEqual(['doubled', 'proven']);
      },
    );

    contract(context, 'removes one favourite and one session and is right again', [], async ({ ports, world }) => {
      await ports.apply({ do: 'initiator.removeFavourite', ...portalOf(pathA), targetNodeAddress: labTarget });
      const state = await ports.initiator.readState();
      const doubled = state.sessions!.filter((session) => session.initiatorPortalAddress === pathA.source);
      await ports.apply({ do: 'initiator.logOff', sessionIdentifier: doubled[1]!.sessionIdentifier });
      expect(await verdict(ports, pathA)).toBe('proven');
      await ports.apply(restart('proof'));
      await world.advance(60_000);
      expect([await verdict(ports, pathA), await verdict(ports, pathB)]).toEqual(['proven', 'proven']);
    });

    contract(context, 'does not end a session that is not there', ['iscsi.session.notFound'], async ({ ports }) => {
      expect(
        await failureOf(
          ports.apply({ do: 'initiator.logOff', sessionIdentifier: 'ffff000000000000-0000000000000000' }),
        ),
      ).toMatchObject({
        code: 'INITIATOR_SESSION_NOT_FOUND',
      });
    });

    contract(context, 'loses a path and gets it back', [], async ({ ports, world }) => {
      const fault = await world.fault({ kind: 'targetUnreachable', target: labTarget, portal: pathA.portal });
      expect([await verdict(ports, pathA), await verdict(ports, pathB)]).toEqual(['notConnected', 'proven']);
      expect((await lunsOf(ports)).every((disk) => disk.pathCount === 1)).toBe(true);
      await world.clearFault(fault);
      expect(await verdict(ports, pathA)).toBe('proven');
    });

    contract(context, 'removes a portal once', ['iscsi.portal.notFound'], async ({ ports }) => {
      await ports.apply({ do: 'initiator.removePortal', ...portalOf(pathB) });
      expect((await ports.initiator.readState()).portals).toHaveLength(1);
      expect(await failureOf(ports.apply({ do: 'initiator.removePortal', ...portalOf(pathB) }))).toMatchObject({
        code: 'INITIATOR_PORTAL_NOT_FOUND',
      });
    });
  });

  contractGroup(host, 'logons that a target refuses', (context) => {
    contract(context, 'end with the reason', ['iscsi.logon.authorization'], async ({ ports, world }) => {
      await ports.apply({ do: 'initiator.setService', running: true });
      await addressThem(ports);
      await ports.apply({ do: 'initiator.addPortal', ...portalOf(pathA), authentication: { kind: 'none' } });
      const fault = await world.fault({ kind: 'logonRefused', target: labTarget });
      expect(await failureOf(logOn(ports, logon(pathA)))).toMatchObject({
        code: 'INITIATOR_LOGON_REFUSED',
        effect: 'none',
      });
      await world.clearFault(fault);
      expect((await ports.initiator.readState()).sessions).toEqual([]);
    });

    contract(
      context,
      'need the right CHAP name and secret',
      ['iscsi.logon.authentication'],
      async ({ ports, world }) => {
        await world.client.control('alterTarget', {
          target: labTarget,
          values: { chap: { userName: 'node1', secret: 'one-way-secret' }, mutual: { secret: 'other-way-0123' } },
        });
        const oneWay = (secret: string) =>
          logon(pathA, { authentication: { kind: 'oneWayChap', userName: 'node1', secret: new Secret(secret) } });
        expect(await failureOf(logOn(ports, logon(pathA)))).toMatchObject({ code: 'INITIATOR_LOGON_REFUSED' });
        expect(await failureOf(logOn(ports, oneWay('wrong-secret-1')))).toMatchObject({
          code: 'INITIATOR_LOGON_REFUSED',
        });
        const session = await logOn(ports, oneWay('one-way-secret'));
        expect(session.authenticationType).toBe('ONEWAYCHAP');
        await ports.apply({ do: 'initiator.logOff', sessionIdentifier: session.sessionIdentifier });
        await setMutualSecret(ports, 'other-way-0123');
        const mutual = await logOn(
          ports,
          logon(pathA, {
            authentication: { kind: 'mutualChap', userName: 'node1', secret: new Secret('one-way-secret') },
          }),
        );
        expect(mutual.authenticationType).toBe('MUTUALCHAP');
      },
    );

    contract(context, 'fail over a path that does not carry', ['iscsi.connection.failed'], async ({ ports, world }) => {
      const fault = await world.fault({ kind: 'wrongVlan', server: 'NODE1', nic: 'Ethernet 3', network: 'iscsi-b' });
      expect(await failureOf(logOn(ports, logon(pathA)))).toMatchObject({
        code: 'INITIATOR_PORTAL_UNREACHABLE',
      });
      await world.clearFault(fault);
    });
  });

  contractGroup(host, 'paths without multipath I/O', (context) => {
    contract(context, 'are two disks of one identity', [], async ({ ports }) => {
      await ports.apply({ do: 'initiator.setService', running: true });
      await addressThem(ports);
      for (const path of [pathA, pathB]) {
        await ports.apply({ do: 'initiator.addPortal', ...portalOf(path), authentication: { kind: 'none' } });
        await logOn(ports, logon(path));
      }
      const data = (await lunsOf(ports)).filter((disk) => disk.serialNumber === 'LAB-DATA-0002');
      expect(data).toHaveLength(2);
      expect(data[0]!.uniqueId).toBe(data[1]!.uniqueId);
      expect(data[0]!.number).not.toBe(data[1]!.number);
      expect(
        await failureOf(ports.apply({ do: 'disk.setOnline', disk: data[0]!.uniqueId!, online: true })),
      ).toMatchObject({
        code: 'DISK_AMBIGUOUS',
        effect: 'none',
      });
    });
  });
};
