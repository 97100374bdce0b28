import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confirmChange } from '../../../main/operations/network/revert.ts';
import { blinkNic, watchLinks } from '../../../main/operations/network/identify-nic.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import { finishChange, inspectChange } from '../../../main/operations/plans/finish-change.ts';
import { makePlan } from '../../../main/operations/plans/make-plan.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { takeStep } from '../../../main/operations/plans/take-step.ts';
import { undoChange } from '../../../main/operations/plans/undo-change.ts';
import { desireSchema, type Desire } from '../../../shared/plan/desire.ts';
import { noAnswers, type PlanAnswers } from '../../../shared/plan/plan.ts';
import { restart } from '../../support/changes.ts';
import { answersOn } from '../../support/plan-answers.ts';
import { interruptChanges, startServerLab, type ServerLab } from '../../support/server-lab.ts';

let lab: ServerLab;
let server: Server;
let nic: string;

const run = {
  by: 'cli',
  secrets: {},
  signal: new AbortController().signal,
  progress: () => undefined,
  revertAfterSeconds: 60,
};

/** The simulated clock, which only moves when a test moves it. */
let nowMs = 0;
const advance = async (seconds: number): Promise<void> => {
  await lab.control('advance', { byMs: seconds * 1000 });
  nowMs += seconds * 1000;
};

beforeEach(async () => {
  lab = await startServerLab({ clock: 'driven' });
  const described = (await lab.control('describe')) as { clock: { now: string } };
  nowMs = Date.parse(described.clock.now);
  server = { ...(await lab.server()), now: () => new Date(nowMs) };
  // The journal of a driven world lives in that world's time.
  const { Journal } = await import('../../../main/journal/journal.ts');
  server = { ...server, journal: new Journal(lab.dataFolder, () => new Date(nowMs)) };
  nic = (await server.ports.nics.list())[0]!.interfaceGuid;
  await server.ports.apply({ do: 'nic.setDhcp', nic, family: 'ipv4', enabled: false });
  await server.ports.apply({ do: 'nic.addAddress', nic, address: '192.0.2.21', prefixLength: 24 });
  await lab.control('alterServer', {
    server: 'NODE1',
    values: {
      remoteSessions: [{ service: 'rdp', localAddress: '192.0.2.21', localPort: 3389, remoteAddress: '192.0.2.10' }],
    },
  });
});
afterEach(() => lab.stop());

const move = (address: string): Desire =>
  desireSchema.parse({ area: 'network', desire: { nics: [{ nic, addresses: { ipv4: [address] } }] } });
const addresses = async (): Promise<string[]> =>
  (await server.ports.nics.list())[0]!
    .addresses!.filter((entry) => entry.family === 'ipv4')
    .map((entry) => entry.address);
const answers = (): PlanAnswers => answersOn('NODE1', { cutConnections: [nic] });

describe('a change that may cut the connection that one sits on', () => {
  it('asks first', async () => {
    const { view } = await makePlan(server, move('192.0.2.30/24'), noAnswers, {});
    expect(view.questions).toMatchObject([{ kind: 'cutConnection', subject: nic, answered: false }]);
    expect(view.questions[0]!.text).toContain('rdp from 192.0.2.10');
    await expect(
      applyDesire(server, 'nic.apply', move('192.0.2.30/24'), { expectedPlan: null, answers: noAnswers }, run),
    ).rejects.toMatchObject({ code: 'PLAN_QUESTION_OPEN', effect: 'none' });
    expect(await addresses()).toEqual(['192.0.2.21']);
  });

  it('stays when it is confirmed in time', async () => {
    const result = await applyDesire(
      server,
      'nic.apply',
      move('192.0.2.30/24'),
      { expectedPlan: null, answers: answers() },
      run,
    );
    expect(result).toMatchObject({ outcome: 'confirmationNeeded', revert: { id: result.journal } });
    expect(server.journal.read(result.journal!).state).toBe('waitingForConfirmation');
    expect(await confirmChange(server, result.revert!.id, 'cli')).toBe(true);
    await advance(120);
    expect(await addresses()).toEqual(['192.0.2.30']);
    expect(server.journal.read(result.journal!).state).toBe('done');
    expect(await confirmChange(server, result.revert!.id, 'cli'), 'a second time there is nothing to confirm').toBe(
      false,
    );
  });

  it('goes back by itself when it is not, and confirming too late says so', async () => {
    const result = await applyDesire(
      server,
      'nic.apply',
      move('192.0.2.30/24'),
      { expectedPlan: null, answers: answers() },
      run,
    );
    expect(await addresses()).toEqual(['192.0.2.30']);
    await advance(61);
    expect(await addresses()).toEqual(['192.0.2.21']);
    expect(server.journal.read(result.journal!).state).toBe('reverted');
    await expect(confirmChange(server, result.revert!.id, 'cli')).rejects.toMatchObject({
      code: 'NIC_CHANGE_NOT_CONFIRMED',
    });
  });

  describe('through a virtual switch', () => {
    const makeSwitch = (hostNic = true): Desire =>
      desireSchema.parse({
        area: 'vms',
        desire: { title: 'A switch', changes: [{ do: 'switch.create', name: 'Production', nics: [nic], hostNic }] },
      });
    const make = (hostNic?: boolean) =>
      applyDesire(server, 'vm.apply', makeSwitch(hostNic), { expectedPlan: null, answers: answers() }, run);
    const settings = async (name: string) => {
      const found = (await server.ports.nics.list()).find((one) => one.name === name);
      return {
        addresses: (found?.addresses ?? []).filter(({ family }) => family === 'ipv4').map(({ address }) => address),
        gateways: (found?.gateways ?? []).map(({ nextHop }) => nextHop),
        dns: found?.dnsServers?.ipv4 ?? [],
      };
    };
    const given = { addresses: ['192.0.2.21'], gateways: ['192.0.2.1'], dns: ['192.0.2.53'] };
    const hostNicName = 'vEthernet (Production)';
    beforeEach(async () => {
      const { ports } = server;
      await ports.apply({ do: 'nic.setGateway', nic, family: 'ipv4', nextHop: '192.0.2.1' });
      await ports.apply({ do: 'nic.setDnsServers', nic, family: 'ipv4', servers: ['192.0.2.53'] });
      await ports.apply({ do: 'roles.install', features: ['Hyper-V'], source: null });
      await ports.apply(restart('Hyper-V'));
      await advance(60);
    });

    it('a server that lost its address gets it back, and the switch stays', async () => {
      await lab.fault({ kind: 'switchLosesAddress', server: 'NODE1' });
      await expect(make()).rejects.toMatchObject({
        code: 'SWITCH_ADDRESS_LOST',
        effect: 'partial',
        detail: { name: 'Production', reason: '192.0.2.21' },
      });
      expect(await settings(hostNicName)).toEqual({ addresses: [], gateways: [], dns: ['192.0.2.53'] });
      await advance(61);
      expect(await settings(hostNicName)).toEqual(given);
      expect((await server.ports.machines.readState()).switches).toMatchObject([
        { name: 'Production', hasHostNic: true },
      ]);
      expect(await make(), 'a second run finds it done').toMatchObject({ outcome: 'nothingToChange' });
    });

    it('is confirmed when the server is still reached, and is left as it is when it is not', async () => {
      const result = await make();
      expect(result).toMatchObject({ outcome: 'confirmationNeeded' });
      expect(result.revert?.what).toMatch(/vEthernet \(Production\) gets them; the switch stays/);
      expect(await settings(hostNicName)).toEqual(given);
      await advance(61);
      expect(await settings(hostNicName)).toEqual(given);
      expect((await server.ports.machines.readState()).switches).toHaveLength(1);
    });

    it('gives the NIC its address back where no switch came about', async () => {
      await lab.fault({ kind: 'switchFails', server: 'NODE1' });
      await expect(make()).rejects.toMatchObject({ code: 'SWITCH_CREATE_FAILED' });
      const { name } = (await server.ports.nics.list())[0]!;
      await server.ports.apply({ do: 'nic.removeAddress', nic, address: '192.0.2.21' });
      await advance(61);
      expect((await settings(name)).addresses).toEqual(['192.0.2.21']);
    });

    it('guards nothing where the host is to have no NIC on it', async () => {
      expect(await make(false)).toMatchObject({ outcome: 'changed', revert: null });
      expect(await server.ports.nics.readReverts()).toEqual([]);
    });
  });

  it('goes back by itself when Quorate died in the middle of it', async () => {
    await interruptChanges([
      {
        dataFolder: lab.dataFolder,
        moment: 'after',
        method: 'nic.removeAddress',
        desire: move('192.0.2.30/24'),
        answers: answers(),
      },
    ]);
    expect(await addresses(), 'the old address is gone').toEqual(['192.0.2.30']);
    await advance(601);
    expect(await addresses(), 'the server itself gave it back').toEqual(['192.0.2.21']);
    const [entry] = server.journal.list().entries;
    expect((await inspectChange(server, entry!.begin.id)).summary).toContain('Interrupted');
  });

  it('is not armed for a change that cuts nothing', async () => {
    const rename = desireSchema.parse({ area: 'network', desire: { nics: [{ nic, name: 'Production' }] } });
    const result = await applyDesire(server, 'nic.apply', rename, { expectedPlan: null, answers: noAnswers }, run);
    expect(result.outcome).toBe('changed');
    expect(await server.ports.nics.readReverts()).toEqual([]);
  });
});

describe('faults while a plan runs', () => {
  it('an address that another machine has is named, and nothing more is done', async () => {
    const free = (await server.ports.nics.list())[1]!;
    await lab.fault({ kind: 'addressInUse', network: 'private', address: '10.0.0.1' });
    const wanted = desireSchema.parse({
      area: 'network',
      desire: { nics: [{ nic: free.interfaceGuid, addresses: { ipv4: ['10.0.0.1/24'] }, registersInDns: false }] },
    });
    const error: unknown = await applyDesire(
      server,
      'nic.apply',
      wanted,
      { expectedPlan: null, answers: noAnswers },
      run,
    ).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'NIC_ADDRESS_DUPLICATE', effect: 'partial' });
    const [entry] = server.journal.list().entries;
    expect(entry).toMatchObject({ state: 'failed' });
    expect(entry!.steps.map(({ result }) => result.state)).toEqual(['done', 'failed', 'waiting']);
  });

  it('a property that reads back as it was is not called done', async () => {
    const free = (await server.ports.nics.list())[1]!;
    await lab.fault({
      kind: 'propertyNotAccepted',
      server: 'NODE1',
      nic: free.interfaceGuid,
      property: '*JumboPacket',
    });
    const wanted = desireSchema.parse({
      area: 'network',
      desire: { nics: [{ nic: free.interfaceGuid, jumboPacketBytes: 9014 }] },
    });
    await expect(
      applyDesire(
        { ...server, patience: { ...server.patience, verifyMs: 200 } },
        'nic.apply',
        wanted,
        { expectedPlan: null, answers: noAnswers },
        run,
      ),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(PLAN_NOT_VERIFIED|WINDOWS_VALUE_NOT_ACCEPTED)$/) as string,
    });
  });

  it('what could not be read for a plan is told in words, not with its code', async () => {
    const { disks } = server.ports;
    const unread = [{ property: 'automount', because: 'ACCESS_DENIED' }];
    const blind: Server = {
      ...server,
      ports: Object.assign(Object.create(server.ports) as Server['ports'], {
        disks: Object.assign(Object.create(disks) as typeof disks, {
          readPolicy: () => Promise.resolve({ sanPolicy: null, automount: null, unread }),
        }),
      }),
    };
    const wanted = desireSchema.parse({ area: 'storage', desire: { automount: false } });
    const { view } = await makePlan(blind, wanted, noAnswers, {});
    expect(view.unknowns.map(({ because }) => because)).toEqual(['Windows denied it to this account']);
  });

  it('denied access changes nothing and is said', async () => {
    await lab.fault({ kind: 'accessDenied', server: 'NODE1' });
    const wanted = desireSchema.parse({ area: 'storage', desire: { automount: false } });
    await expect(
      applyDesire(server, 'disk.apply', wanted, { expectedPlan: null, answers: noAnswers }, run),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED', effect: 'none' });
  });

  it('without elevation everything is read and planned, and a change is refused before it is journaled', async () => {
    await lab.control('alterServer', { server: 'NODE1', values: { administrator: false } });
    const wanted = desireSchema.parse({ area: 'storage', desire: { automount: false } });
    const { view } = await makePlan(server, wanted, noAnswers, {});
    expect(view.refusals).toEqual([]);
    expect(view.steps).toHaveLength(1);
    const refused = applyDesire(server, 'disk.apply', wanted, { expectedPlan: view.id, answers: noAnswers }, run);
    await expect(refused).rejects.toMatchObject({ code: 'HOST_NOT_ELEVATED', effect: 'none' });
    await expect(refused).rejects.toThrow(/not elevated on NODE1/);
    expect(server.journal.list().entries).toEqual([]);
    await lab.control('alterServer', { server: 'NODE1', values: { administrator: true } });
    const { journal } = await applyDesire(
      server,
      'disk.apply',
      wanted,
      { expectedPlan: view.id, answers: noAnswers },
      run,
    );
    await lab.control('alterServer', { server: 'NODE1', values: { administrator: false } });
    await expect(undoChange(server, journal!, noAnswers, run)).rejects.toMatchObject({ code: 'HOST_NOT_ELEVATED' });
    expect(server.journal.read(journal!).state).toBe('done');
  });

  it('a loss of power in the middle is finished once the server is back', async () => {
    await lab.fault({ kind: 'powerLoss', server: 'NODE1', on: 'disk.setAutomount', moment: 'after' });
    const wanted = desireSchema.parse({ area: 'storage', desire: { sanPolicy: 'OfflineAll', automount: false } });
    await expect(
      applyDesire(server, 'disk.apply', wanted, { expectedPlan: null, answers: noAnswers }, run),
    ).rejects.toMatchObject({ effect: 'unknown' });
    await lab.control('powerOn', { server: 'NODE1' });
    const [entry] = server.journal.list().entries;
    const result = await finishChange(server, entry!.begin.id, noAnswers, run);
    expect(result.outcome).toBe('changed');
    expect(await server.ports.disks.readPolicy()).toMatchObject({ sanPolicy: 'OfflineAll', automount: false });
    expect(server.journal.read(entry!.begin.id).state).toBe('done');
  });

  it('a restart that does not come back is said, and goes on when the server is up again', async () => {
    await lab.fault({ kind: 'restartNeverReturns', server: 'NODE1' });
    const wanted = desireSchema.parse({
      area: 'host',
      desire: { computerName: 'NODE9', restart: { resume: { trigger: 'logon', account: 'NODE1\\Administrator' } } },
    });
    const input = { expectedPlan: null, answers: answersOn('NODE1', { restart: true }) };
    await expect(
      applyDesire(
        { ...server, patience: { pollMs: 10, verifyMs: 500, restartMs: 300 } },
        'host.apply',
        wanted,
        input,
        run,
      ),
    ).rejects.toMatchObject({ code: 'HOST_RESTART_NOT_RETURNED', effect: 'unknown' });
    await lab.repair('restartNeverReturns');
    await advance(600);
    await lab.control('powerOn', { server: 'NODE1' });
    const [entry] = server.journal.list().entries;
    expect((await server.ports.host.readResumes()).map((resume) => resume.token)).toEqual(['quorate-resume']);
    const boot = (await server.ports.host.readState()).lastBootAt;
    const result = await finishChange(server, entry!.begin.id, answersOn('NODE1', { restart: true }), run);
    expect(result.steps.map((step) => step.id)).toEqual([expect.stringContaining('host.removeResume')]);
    expect((await server.ports.host.readState()).lastBootAt, 'it is not restarted a second time').toBe(boot);
    expect(await server.ports.host.readResumes(), 'what went on is removed').toEqual([]);
    expect((await server.ports.host.readState()).computerName).toBe('NODE9');
  });

  it('a restart during which Quorate itself was killed goes on, and is not made twice', async () => {
    const wanted = {
      area: 'host',
      desire: { restart: { resume: { trigger: 'logon', account: 'NODE1\\Administrator' } } },
    };
    await interruptChanges([
      {
        dataFolder: lab.dataFolder,
        moment: 'after',
        method: 'host.restart',
        desire: wanted,
        answers: answersOn('NODE1', { restart: true }),
      },
    ]);
    await advance(600);
    const [entry] = server.journal.list().entries;
    expect((await inspectChange(server, entry!.begin.id)).summary).toContain('Interrupted at "Restart NODE1"');
    const boot = (await server.ports.host.readState()).lastBootAt;
    await finishChange(server, entry!.begin.id, answersOn('NODE1', { restart: true }), run);
    expect((await server.ports.host.readState()).lastBootAt).toBe(boot);
    expect(await server.ports.host.readResumes()).toEqual([]);
    expect(server.journal.read(entry!.begin.id).state).toBe('done');
  });

  it('a feature that cannot be installed is named', async () => {
    await lab.fault({ kind: 'featureFails', server: 'NODE1', feature: 'Multipath-IO' });
    const wanted = desireSchema.parse({ area: 'initiator', desire: { mpio: { installed: true } } });
    await expect(
      applyDesire(server, 'initiator.apply', wanted, { expectedPlan: null, answers: noAnswers }, run),
    ).rejects.toMatchObject({ code: 'ROLE_INSTALL_FAILED' });
  });
});

describe('a plan that waits for its own steps', () => {
  const portal = { targetPortalAddress: '198.51.100.10' };
  const wanted = desireSchema.parse({
    area: 'initiator',
    desire: { service: true, portals: [portal], discover: true },
  });
  beforeEach(async () => {
    const storage = (await server.ports.nics.list())[2]!.interfaceGuid;
    await server.ports.apply({ do: 'nic.setDhcp', nic: storage, family: 'ipv4', enabled: false });
    for (const address of ['198.51.100.21', '198.51.100.22'])
      await server.ports.apply({ do: 'nic.addAddress', nic: storage, address, prefixLength: 24 });
  });

  it('shows what is expected, and goes on with it from the truth in the same entry', async () => {
    const { view } = await makePlan(server, wanted, noAnswers, {});
    expect(view.followUp).toMatchObject({ waitsFor: 'service' });
    expect(view.steps.map(({ certainty }) => certainty)).toEqual(['planned', 'expected', 'expected']);
    const result = await applyDesire(
      server,
      'initiator.apply',
      wanted,
      { expectedPlan: view.id, answers: noAnswers },
      run,
    );
    expect(result).toMatchObject({ outcome: 'changed', followUp: null });
    expect(result.steps.map(({ id, state }) => [id, state])).toEqual(view.steps.map(({ id }) => [id, 'done']));
    const [entry, ...others] = server.journal.list().entries;
    expect(others).toEqual([]);
    expect(entry!.steps.map(({ result: { state } }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('stops before what nobody was shown', async () => {
    // Somebody else asks the same portal from another address meanwhile: removing that was never shown.
    const real = server.ports;
    const ports = Object.assign(Object.create(real) as Server['ports'], {
      apply: async (...[change, options]: Parameters<typeof real.apply>): Promise<void> => {
        await real.apply(change, options);
        if (change.do === 'initiator.setService')
          await real.apply({
            do: 'initiator.addPortal',
            targetPortalAddress: '198.51.100.10',
            targetPortalPort: 3260,
            initiatorPortalAddress: '198.51.100.22',
            authentication: { kind: 'none' },
          });
      },
    });
    const source = desireSchema.parse({
      area: 'initiator',
      desire: { service: true, portals: [{ ...portal, initiatorPortalAddress: '198.51.100.21' }] },
    });
    const result = await applyDesire(
      { ...server, ports },
      'initiator.apply',
      source,
      { expectedPlan: null, answers: noAnswers },
      run,
    );
    expect(result.outcome).toBe('changed');
    expect(result.followUp).toMatchObject({ waitsFor: 'service' });
    expect(result.steps).toHaveLength(1);
  });
});

describe('finding a port', () => {
  it('is refused for a NIC that carries a connection', async () => {
    await expect(blinkNic(server, nic, 1, run)).rejects.toMatchObject({ code: 'NIC_CARRIES_CONNECTION' });
    expect((await server.ports.nics.list())[0]!.adminStatus).toBe('up');
  });

  it('blinks another one, leaves it enabled and no revert behind', async () => {
    const other = (await server.ports.nics.list())[1]!.interfaceGuid;
    await expect(blinkNic(server, other, 1, run)).resolves.toMatchObject({ found: other });
    expect((await server.ports.nics.list())[1]!.adminStatus).toBe('up');
    expect(await server.ports.nics.readReverts()).toEqual([]);
    const log = (await lab.control('readLog', { limit: 50 })) as { what: string }[];
    expect(log.map((entry) => entry.what)).toContain('nic.setEnabled');
  });

  it('sees which cable was pulled', async () => {
    const other = (await server.ports.nics.list())[2]!;
    let seen = 0;
    const found = watchLinks(server, 10, {
      ...run,
      progress: () => {
        seen += 1;
        if (seen === 1) void lab.control('plug', { server: 'NODE1', nic: other.interfaceGuid, network: null });
      },
    });
    expect((await found).found).toBe(other.interfaceGuid);
  });
});

describe('a step that a coordinator orders', () => {
  const order = { parent: '20260105-080000-000-abcdef', coordinator: 'peer:HV02', epoch: 3 };
  const rename = (name: string): Desire =>
    desireSchema.parse({ area: 'network', desire: { nics: [{ nic, name, registersInDns: false }] } });

  it('is taken alone, read back, and journaled as a part of the coordinator entry', async () => {
    const wanted = rename('Production');
    const { view } = await makePlan(server, wanted, noAnswers, {});
    expect(view.steps).toHaveLength(2);
    const [step] = view.steps;
    const taken = await takeStep(server, 'step.take', { wanted, step: step!, answers: noAnswers, order }, run);
    expect(taken).toMatchObject({ state: 'done', revert: null });
    const [found] = await server.ports.nics.list();
    expect(found).toMatchObject({ name: 'Production', registersInDns: true });
    const entry = server.journal.read(taken.journal);
    expect(entry.begin).toMatchObject({ kind: 'step', ...order, nodes: ['NODE1'] });
    expect(entry.state).toBe('done');
  });

  it('is refused where this server does not come to it by itself, and nothing is journaled', async () => {
    const wanted = rename('Production');
    const { view } = await makePlan(server, wanted, noAnswers, {});
    const [step] = view.steps;
    const other = { ...step!, title: 'Rename another one' };
    await expect(
      takeStep(server, 'step.take', { wanted, step: other, answers: noAnswers, order }, run),
    ).rejects.toMatchObject({ code: 'STEP_NOT_PLANNED', effect: 'none' });
    const { step: done, ...rest } = { wanted, step: step!, answers: noAnswers, order };
    await takeStep(server, 'step.take', { ...rest, step: done }, run);
    await expect(takeStep(server, 'step.take', { ...rest, step: done }, run)).rejects.toMatchObject({
      code: 'STEP_NOT_PLANNED',
    });
    expect(server.journal.list().entries).toHaveLength(1);
  });

  it('is refused while its own question is open', async () => {
    const wanted = move('192.0.2.40/24');
    const { view } = await makePlan(server, wanted, noAnswers, {});
    const ordered = { wanted, step: view.steps[0]!, order };
    await expect(takeStep(server, 'step.take', { ...ordered, answers: noAnswers }, run)).rejects.toMatchObject({
      code: 'PLAN_QUESTION_OPEN',
    });
    expect(await takeStep(server, 'step.take', { ...ordered, answers: answers() }, run)).toMatchObject({
      state: 'done',
      revert: { what: expect.any(String) as string },
    });
  });
});
