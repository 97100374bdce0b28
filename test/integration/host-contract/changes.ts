import { restart } from '../../support/changes.ts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { Journal } from '../../../main/journal/journal.ts';
import { ServerSettings } from '../../../main/journal/server-settings.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { undoChange } from '../../../main/operations/plans/undo-change.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { branchAccount, labAccount, secondDomain } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { desireSchema } from '../../../shared/plan/desire.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import { assumed, contract, contractGroup, type ContractContext, type ContractHost } from './contract.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const run = {
  by: 'cli',
  secrets: { lab: labAccount.password, branch: branchAccount.password },
  signal: new AbortController().signal,
  progress: () => undefined,
  revertAfterSeconds: 60,
};

/** Whole changes as a person makes them: planned, made, read back and taken back, over the ports of either host. */
export const changeContract = (host: ContractHost): void => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-changes-'));
  });
  afterAll(() => removeFolder(folder));

  const serverOf = (ports: Ports, title: string): Server => ({
    name: title,
    ports,
    settings: new ServerSettings(folder, title),
    journal: new Journal(folder),
    patience: { pollMs: 20, verifyMs: 20_000, restartMs: 60_000 },
    now: () => new Date(),
    renderScripts: async (actions) => actions.map(() => null),
    resumeCommand: { program: 'quorate', arguments: ['journal', 'resume', '--yes'] },
  });
  const make = (server: Server, desire: unknown): Promise<ApplyResult> =>
    applyDesire(server, 'contract', desireSchema.parse(desire), { expectedPlan: null, answers: noAnswers }, run);
  const actionsOf = (server: Server, result: ApplyResult): string[] =>
    server.journal.read(result.journal!).begin.steps.map((step) => step.change.do);

  contractGroup(host, 'a change from DHCP to a static address', (context) => {
    const read = async ({ ports }: ContractContext) => {
      const nic = (await ports.nics.list())[0]!;
      return {
        dhcp: nic.dhcp!.ipv4,
        addresses: nic
          .addresses!.filter((held) => held.family === 'ipv4')
          .map((held) => [held.origin, held.address.replace(/\.\d+$/, '')]),
        gateways: nic.gateways!.map((gateway) => gateway.nextHop),
        dns: nic.dnsServers!.ipv4,
      };
    };
    const leased = { dhcp: true, addresses: [['dhcp', '192.0.2']], gateways: ['192.0.2.1'], dns: ['192.0.2.53'] };
    const desire = async ({ ports }: ContractContext, more: object) => ({
      area: 'network',
      desire: {
        nics: [
          {
            nic: (await ports.nics.list())[0]!.interfaceGuid,
            role: 'production',
            addresses: { ipv4: ['192.0.2.21/24'] },
            ...more,
          },
        ],
      },
    });
    let last: ApplyResult;

    const keeps = async (given: ContractContext, more: object): Promise<void> => {
      const server = serverOf(given.ports, 'network');
      expect(await read(given)).toEqual(leased);
      last = await make(server, await desire(given, more));
      expect(actionsOf(server, last)).toEqual([
        'nic.setRole',
        'nic.setDhcp',
        'nic.addAddress',
        'nic.setGateway',
        'nic.setDnsServers',
      ]);
      expect(await read(given)).toEqual({ ...leased, dhcp: false, addresses: [['manual', '192.0.2']] });
      expect((await make(server, await desire(given, more))).outcome).toBe('nothingToChange');
    };

    contract(
      context,
      'sets the gateway that DHCP supplied, when it is the wanted one',
      ['nic.dhcp.offDropsGateway'],
      (given) => keeps(given, { gateway: { ipv4: '192.0.2.1' }, dnsServers: { ipv4: ['192.0.2.53'] } }),
    );

    const isTakenBack = async (given: ContractContext): Promise<void> => {
      const server = serverOf(given.ports, 'network');
      await undoChange(server, last.journal!, noAnswers, run);
      expect(await read(given)).toEqual(leased);
    };

    contract(context, 'is taken back to what DHCP supplies', [], isTakenBack);

    assumed(context, 'keeps gateway and DNS servers when nothing is said of them', ['nic.dhcp.offDropsDns'], (given) =>
      keeps(given, {}),
    );
  });

  contractGroup(host, 'a change of name and domain', (context) => {
    assumed(context, 'is taken back before the restart', ['host.rename.back'], async ({ ports }) => {
      const server = serverOf(ports, 'name');
      const { journal } = await make(server, { area: 'host', desire: { computerName: 'HV-A' } });
      expect((await ports.host.readState()).nextComputerName).toBe('HV-A');
      await undoChange(server, journal!, noAnswers, run);
      expect((await ports.host.readState()).nextComputerName).toBe('NODE1');
    });

    contract(context, 'is taken back after the restart', ['host.rename.afterRestart'], async ({ ports, world }) => {
      const server = serverOf(ports, 'name');
      const { journal } = await make(server, { area: 'host', desire: { computerName: 'HV-A' } });
      await ports.apply(restart('a new name'));
      await world.advance(60_000);
      expect((await ports.host.readState()).computerName).toBe('HV-A');
      await undoChange(server, journal!, noAnswers, run);
      await ports.apply(restart('the name from before'));
      await world.advance(60_000);
      expect((await ports.host.readState()).computerName).toBe('NODE1');
    });

    contract(context, 'goes from one domain to another', ['host.join.afterRestart'], async ({ ports, world }) => {
      const server = serverOf(ports, 'domain');
      const join = async (name: string, userName: string, passwordName: string) => {
        const account = { userName, passwordName };
        await make(server, { area: 'host', desire: { membership: { kind: 'domain', name }, account } });
        await ports.apply(restart('a domain'));
        await world.advance(60_000);
        return (await ports.host.readState()).membership;
      };
      expect(await join('lab.test', labAccount.userName, 'lab')).toEqual({ kind: 'domain', name: 'lab.test' });
      expect(await join(secondDomain, branchAccount.userName, 'branch')).toEqual({
        kind: 'domain',
        name: secondDomain,
      });
    });
  });
};
