import { expect } from 'vitest';
import { Secret } from '../../../main/ports/secret.ts';
import { branchAccount, labAccount, secondDomain } from '../../../main/rehearsal/world/scenarios/index.ts';
import { isRestartPending } from '../../../shared/model/host.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { joinDomain, renameHost, restart } from '../../support/changes.ts';
import { assumed, contract, contractGroup, failureOf, twice, type ContractHost } from './contract.ts';

const credential = (password: string = labAccount.password) => ({
  userName: labAccount.userName,
  password: new Secret(password),
});

export const hostContract = (host: ContractHost): void => {
  contractGroup(host, 'a server in a workgroup', (context) => {
    contract(context, 'says what it is', [], async ({ ports }) => {
      const facts = await ports.host.readState();
      expect(await ports.host.readMachineSid()).toMatch(/^S-1-5-21-\d+-\d+-\d+$/);
      expect(facts).toMatchObject({
        computerName: 'NODE1',
        nextComputerName: 'NODE1',
        membership: { kind: 'workgroup', name: 'WORKGROUP' },
        nextMembership: null,
        domainRole: 'standaloneServer',
        os: { buildNumber: 26100, installation: 'Server', sku: 8 },
      });
      // Who runs the scripts is not the world's to say: where it cannot be read, it is said to be unread.
      if (facts.isAdministrator === null) expect(whyUnread(facts, 'isAdministrator')).not.toBeNull();
      else expect(facts.isAdministrator).toBe(true);
      expect(facts.unread.filter((entry) => entry.property !== 'isAdministrator')).toEqual([]);
      expect(facts.hardware.uuid).toMatch(/^[0-9A-F-]{36}$/);
      expect(Date.parse(facts.lastBootAt)).toBeLessThan(Date.parse(facts.localTime));
    });

    contract(context, 'has no restart pending', [], async ({ ports }) => {
      const pending = await ports.host.readPendingRestart();
      expect(isRestartPending(pending)).toBe('notPending');
      expect(new Set(pending.signs.map((entry) => entry.sign)).size).toBe(6);
    });

    contract(context, 'refuses a name that is none', ['host.rename.invalid'], async ({ ports }) => {
      expect(await failureOf(renameHost(ports, '.', null))).toMatchObject({
        code: 'HOST_NAME_REFUSED',
        effect: 'none',
      });
    });

    contract(context, 'refuses the name that it has', ['host.rename.same'], async ({ ports }) => {
      expect(await failureOf(renameHost(ports, 'NODE1', null))).toMatchObject({ code: 'HOST_NAME_REFUSED' });
    });

    contract(
      context,
      'takes a new name that a restart puts in force',
      ['host.rename.afterRestart'],
      async ({ ports }) => {
        await renameHost(ports, 'HV-A', null);
        const facts = await ports.host.readState();
        expect([facts.computerName, facts.nextComputerName]).toEqual(['NODE1', 'HV-A']);
        const pending = await ports.host.readPendingRestart();
        expect(pending.signs.find((entry) => entry.sign === 'computerRename')!.state).toBe('pending');
      },
    );

    assumed(context, 'takes a rename back before the restart', ['host.rename.back'], async ({ ports }) => {
      await renameHost(ports, 'NODE1', null);
      const facts = await ports.host.readState();
      expect([facts.computerName, facts.nextComputerName]).toEqual(['NODE1', 'NODE1']);
      expect(isRestartPending(await ports.host.readPendingRestart())).toBe('notPending');
      expect(await failureOf(renameHost(ports, 'NODE1', null))).toMatchObject({ code: 'HOST_NAME_REFUSED' });
      await renameHost(ports, 'HV-A', null);
      expect((await ports.host.readState()).nextComputerName).toBe('HV-A');
    });

    contract(
      context,
      'opens its firewall for exactly what peers reach, and closes it again',
      [],
      async ({ ports, world }) => {
        const rules = async () =>
          (await world.snapshot()).servers['NODE1']!.firewallRules.filter(({ group }) => group === 'Quorate').map(
            ({ name, enabled, direction, action, filter }) => ({ name, enabled, direction, action, ...filter }),
          );
        const owner = '0123456789abcdef';
        const program = 'C:\\Program Files\\Quorate\\node.exe';
        const allowed = { enabled: true, direction: 'inbound', action: 'allow', program };
        const open = (...openings: { address: string; port: number; nic: string | null }[]) =>
          ports.firewall.setPeerOpenings({ owner, program, openings });
        await open(
          { address: '10.0.0.11', port: 23_343, nic: 'Cluster [A]' },
          { address: 'fd00::11', port: 23_344, nic: null },
        );
        const tcp = { ...allowed, protocol: 'TCP', interfaceAlias: null, remoteAddress: null };
        expect(await rules()).toEqual([
          { ...tcp, name: `Quorate-${owner}-0-tcp`, localAddress: '10.0.0.11', localPort: '23343' },
          {
            ...allowed,
            name: `Quorate-${owner}-0-mdns`,
            protocol: 'UDP',
            localAddress: null,
            localPort: '5353',
            interfaceAlias: expect.stringContaining('Cluster') as unknown,
            remoteAddress: 'LocalSubnet',
          },
          { ...tcp, name: `Quorate-${owner}-1-tcp`, localAddress: 'fd00::11', localPort: '23344' },
        ]);
        // Another data folder's stay; one's own are replaced, also those that a killed process left.
        await ports.firewall.setPeerOpenings({
          owner: 'f'.repeat(16),
          program,
          openings: [{ address: '10.0.0.12', port: 1, nic: null }],
        });
        await twice(
          () => open({ address: '10.0.0.11', port: 9, nic: null }),
          rules,
          (now) =>
            expect(now.map(({ name, localPort }) => [name, localPort]).sort()).toEqual([
              [`Quorate-${owner}-0-tcp`, '9'],
              [`Quorate-${'f'.repeat(16)}-0-tcp`, '1'],
            ]),
        );
        await twice(
          () => open(),
          rules,
          (now) => expect(now).toHaveLength(1),
        );
      },
    );

    contract(context, 'refuses the name that waits for the restart', [], async ({ ports }) => {
      expect(await failureOf(renameHost(ports, 'hv-a', null))).toMatchObject({
        code: 'HOST_NAME_REFUSED',
        effect: 'none',
      });
    });

    contract(context, 'keeps a resume until it is removed', [], async ({ ports }) => {
      const resume = { token: 'work-1', trigger: 'logon' as const, account: 'NODE1\\Administrator' };
      const command = { program: 'C:\\Program Files\\Quorate\\quorate.exe', arguments: ['journal', 'resume'] };
      const kept = { program: command.program, argument: 'journal resume', isElevated: true, isEnabled: true };
      await twice(
        () => ports.apply({ do: 'host.registerResume', ...resume, passwordName: null }, { resumeCommand: command }),
        () => ports.host.readResumes(),
        (resumes) => expect(resumes).toEqual([{ ...resume, ...kept }]),
      );
      const startup = { ...resume, trigger: 'startup' as const };
      await ports.apply(
        { do: 'host.registerResume', ...startup, passwordName: 'password' },
        { resumeCommand: command, secrets: { password: new Secret('Kept-By-Windows-1') } },
      );
      expect(await ports.host.readResumes()).toEqual([{ ...startup, ...kept }]);
    });

    contract(context, 'restarts and is what it was told to be', [], async ({ ports, world }) => {
      await ports.apply(restart('a new name'));
      expect(await failureOf(ports.host.readState())).toMatchObject({ code: 'HOST_RESTARTING', retry: 'later' });
      await world.advance(60_000);
      const facts = await ports.host.readState();
      expect([facts.computerName, facts.nextComputerName]).toEqual(['HV-A', 'HV-A']);
      expect(isRestartPending(await ports.host.readPendingRestart())).toBe('notPending');
      expect((await ports.host.readResumes()).map((one) => one.token)).toEqual(['work-1']);
      await ports.apply({ do: 'host.removeResume', token: 'work-1' });
      await ports.apply({ do: 'host.removeResume', token: 'work-1' });
      expect(await ports.host.readResumes()).toEqual([]);
    });

    contract(
      context,
      'takes a rename back after the restart',
      ['host.rename.afterRestart'],
      async ({ ports, world }) => {
        await renameHost(ports, 'HV-B', null);
        await ports.apply(restart('a new name'));
        await world.advance(60_000);
        await renameHost(ports, 'HV-A', null);
        await ports.apply(restart('the name from before'));
        await world.advance(60_000);
        const facts = await ports.host.readState();
        expect([facts.computerName, facts.nextComputerName]).toEqual(['HV-A', 'HV-A']);
      },
    );

    contract(context, 'takes its time from named servers', [], async ({ ports }) => {
      expect(await ports.host.readTimeSource()).toMatchObject({ serviceState: 'stopped', isDomainTriggered: true });
      await twice(
        () => ports.apply({ do: 'host.setTime', setting: { kind: 'servers', servers: ['ntp1.test', '192.0.2.123'] } }),
        () => ports.host.readTimeSource(),
        (source) =>
          expect(source).toMatchObject({
            serviceState: 'running',
            startMode: 'automatic',
            type: 'NTP',
            servers: ['ntp1.test', '192.0.2.123'],
          }),
      );
    });

    contract(context, 'writes that it was told to restart', ['host.event.wentDown'], async ({ ports, world }) => {
      await ports.apply(restart('the log'));
      await world.advance(60_000);
      const { bootedAt, how, event } = await ports.host.readLastStop();
      expect(how).toBe('inOrder');
      expect(event).toMatchObject({ id: 1074, provider: 'User32' });
      expect(bootedAt).toBe((await ports.host.readState()).lastBootAt);
    });

    contract(context, 'still takes its time from them after a restart', [], async ({ ports, world }) => {
      expect(await ports.host.readTimeSource()).toMatchObject({ isDomainTriggered: false, unread: [] });
      await ports.apply(restart('the time'));
      await world.advance(60_000);
      expect(await ports.host.readTimeSource()).toMatchObject({ serviceState: 'running', type: 'NTP' });
    });

    contract(context, 'has no domain to take its time from', ['host.time.noDomain'], async ({ ports }) => {
      expect(await failureOf(ports.apply({ do: 'host.setTime', setting: { kind: 'domain' } }))).toMatchObject({
        code: 'HOST_NOT_IN_DOMAIN',
      });
    });

    contract(
      context,
      'does not find a domain that it cannot resolve',
      ['host.domain.unreachable'],
      async ({ ports }) => {
        const request = { domain: 'nowhere.test', ou: null, credential: credential() };
        expect(await failureOf(joinDomain(ports, request))).toMatchObject({ code: 'HOST_DOMAIN_NOT_FOUND' });
      },
    );

    contract(
      context,
      'joins a domain with the right account only',
      ['host.credential.wrong', 'host.join.afterRestart'],
      async ({ ports, world }) => {
        const first = (await ports.nics.list())[0]!;
        await ports.apply({
          do: 'nic.setDnsServers',
          nic: first.interfaceGuid,
          family: 'ipv4',
          servers: ['192.0.2.53'],
        });
        const request = { domain: 'lab.test', ou: null };
        expect(await failureOf(joinDomain(ports, { ...request, credential: credential('wrong') }))).toMatchObject({
          code: 'HOST_CREDENTIAL_REFUSED',
          effect: 'none',
        });
        await joinDomain(ports, { ...request, credential: credential() });
        expect((await ports.host.readState()).nextMembership).toEqual({ kind: 'domain', name: 'lab.test' });
        await ports.apply(restart('the domain'));
        await world.advance(60_000);
        const facts = await ports.host.readState();
        expect(facts.membership).toEqual({ kind: 'domain', name: 'lab.test' });
        expect(facts.domainRole).toBe('memberServer');
        await ports.apply({ do: 'host.setTime', setting: { kind: 'domain' } });
        expect((await ports.host.readTimeSource()).type).toBe('NT5DS');
      },
    );

    contract(context, 'does not join the same domain twice', ['host.join.same'], async ({ ports }) => {
      const request = { domain: 'lab.test', ou: null, credential: credential() };
      expect(await failureOf(joinDomain(ports, request))).toMatchObject({
        code: 'HOST_ALREADY_MEMBER',
        effect: 'none',
      });
    });

    assumed(
      context,
      'takes the rename of a member back before the restart',
      ['host.rename.back'],
      async ({ ports, world }) => {
        await renameHost(ports, 'HV-C', credential());
        await renameHost(ports, 'HV-A', credential());
        const facts = await ports.host.readState();
        expect([facts.computerName, facts.nextComputerName]).toEqual(['HV-A', 'HV-A']);
        expect((await world.snapshot()).domains['lab.test']!.computers).not.toContain('HV-C');
      },
    );

    contract(
      context,
      'joins another domain while it is joined',
      ['host.join.afterRestart'],
      async ({ ports, world }) => {
        const mover = { userName: branchAccount.userName, password: new Secret(branchAccount.password) };
        await joinDomain(ports, { domain: secondDomain, ou: null, credential: mover });
        expect((await ports.host.readState()).nextMembership).toEqual({ kind: 'domain', name: secondDomain });
        const { signs } = await ports.host.readPendingRestart();
        expect(signs.find((entry) => entry.sign === 'domainJoin')!.state).toBe('pending');
        await ports.apply(restart('another domain'));
        await world.advance(60_000);
        expect((await ports.host.readState()).membership).toEqual({ kind: 'domain', name: secondDomain });
        const { domains } = await world.snapshot();
        // The object in the old domain stays: nothing disabled it.
        expect([domains['lab.test']!.computers, domains[secondDomain]!.computers]).toEqual([
          expect.arrayContaining(['HV-A']),
          expect.arrayContaining(['HV-A']),
        ]);
        await joinDomain(ports, { domain: 'lab.test', ou: null, credential: credential() });
        await ports.apply(restart('the domain from before'));
        await world.advance(60_000);
        expect((await ports.host.readState()).membership).toEqual({ kind: 'domain', name: 'lab.test' });
      },
    );

    contract(
      context,
      'an account without the right does not rename a member',
      ['host.credential.notAllowed'],
      async ({ ports }) => {
        const reader = { userName: 'LAB\\reader', password: new Secret(labAccount.password) };
        expect(await failureOf(renameHost(ports, 'HV-Z', reader))).toMatchObject({ code: 'HOST_CREDENTIAL_REFUSED' });
      },
    );

    contract(context, 'denies changes to who is no administrator', ['access.denied'], async ({ ports, world }) => {
      const fault = await world.fault({ kind: 'accessDenied', server: 'NODE1' });
      expect(
        await failureOf(
          ports.apply({
            do: 'nic.setDnsRegistration',
            nic: (await ports.nics.list())[0]!.interfaceGuid,
            registers: false,
          }),
        ),
      ).toMatchObject({
        code: 'ACCESS_DENIED',
        effect: 'none',
      });
      await world.clearFault(fault);
    });
  });
};
