import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { finishChange, inspectChange } from '../../../main/operations/plans/finish-change.ts';
import { applyDesire } from '../../../main/operations/plans/apply-plan.ts';
import { makePlan } from '../../../main/operations/plans/make-plan.ts';
import { undoChange } from '../../../main/operations/plans/undo-change.ts';
import { observeArea } from '../../../main/operations/areas/index.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { labAccount, labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import { desireSchema, type Desire } from '../../../shared/plan/desire.ts';
import { sharedDiskWords, type PlanAnswers } from '../../../shared/plan/plan.ts';
import { logOn } from '../../support/changes.ts';
import type { HostObserved } from '../../../shared/plan/observed.ts';
import { answersOn } from '../../support/plan-answers.ts';
import { interruptChanges, startServerLab, type ServerLab } from '../../support/server-lab.ts';

/** What a test of one kind of change needs to know of the server before. */
interface Known {
  readonly server: Server;
  readonly lab: ServerLab;
  readonly nics: readonly string[];
}

interface Kind {
  /** The port's method in the middle of which the process is killed. */
  readonly method: string;
  readonly desire: (known: Known) => unknown;
  /** Brings the server to where the change makes sense. */
  readonly before?: (known: Known) => Promise<void>;
  readonly secrets?: Record<string, string>;
  /** What makes it impossible to take it back; null when it can be. */
  readonly stays?: boolean;
  /** Which part of the server must be as before once it was taken back. */
  readonly compare?: 'host' | 'network' | 'initiator' | 'storage';
  /** What taking it back leaves otherwise than it was, as its text says. */
  readonly leaves?: (before: unknown) => unknown;
}

const path = {
  targetNodeAddress: labTarget,
  initiatorPortalAddress: '198.51.100.21',
  targetPortalAddress: '198.51.100.10',
  targetPortalPort: 3260,
};

const answersFor = (disks: readonly string[]): PlanAnswers =>
  answersOn('NODE1', {
    serialNumbers: Object.fromEntries(disks.map((disk) => [disk, 'LAB-WITNESS-0001'])),
    sharedDisks: Object.fromEntries(disks.map((disk) => [disk, sharedDiskWords])),
    restart: true,
  });

const network =
  (desire: object) =>
  ({ nics }: Known): unknown => ({ area: 'network', desire: { nics: [{ nic: nics[2], ...desire }] } });
const initiator = (desire: object) => (): unknown => ({ area: 'initiator', desire });
const host = (desire: object) => (): unknown => ({ area: 'host', desire });

const address = async ({ server, nics }: Known): Promise<void> => {
  await server.ports.apply({ do: 'nic.setDhcp', nic: nics[2]!, family: 'ipv4', enabled: false });
  await server.ports.apply({ do: 'nic.addAddress', nic: nics[2]!, address: '198.51.100.21', prefixLength: 24 });
};
const service = async ({ server }: Known): Promise<void> =>
  server.ports.apply({ do: 'initiator.setService', running: true });
const portal = async (known: Known): Promise<void> => {
  await address(known);
  await service(known);
  await known.server.ports.apply({
    do: 'initiator.addPortal',
    targetPortalAddress: '198.51.100.10',
    targetPortalPort: 3260,
    initiatorPortalAddress: '198.51.100.21',
    authentication: { kind: 'none' },
  });
};
const session = async (known: Known, isPersistent = true): Promise<void> => {
  await portal(known);
  await logOn(known.server.ports, {
    ...path,
    isPersistent,
    isMultipathEnabled: false,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: { kind: 'none' },
  });
};
const mpio = async ({ server, lab }: Known): Promise<void> => {
  await server.ports.apply({ do: 'mpio.installFeature' });
  await lab.control('restart', { server: 'NODE1' });
  await lab.control('powerOn', { server: 'NODE1' });
};
const witness = async ({ server }: Known): Promise<string> =>
  (await server.ports.disks.list()).find((disk) => disk.serialNumber?.includes('WITNESS'))!.uniqueId!;
const online = async (known: Known): Promise<void> => {
  await session(known);
  const disk = await witness(known);
  await known.server.ports.apply({ do: 'disk.setOnline', disk, online: true });
};
const writable = async (known: Known): Promise<void> => {
  await online(known);
  await known.server.ports.apply({ do: 'disk.setReadOnly', disk: await witness(known), readOnly: false });
};
/** A disk with a partition of Linux. */
const foreign = async (known: Known): Promise<void> => {
  await writable(known);
  const partition = {
    number: 1,
    offsetBytes: '1048576',
    sizeBytes: '104857600',
    gptType: '{0FC63DAF-8483-4772-8E79-3D69D8477DE4}',
    mbrType: null,
    guid: '{00000000-0000-4000-8000-000000000001}',
    volume: null,
  };
  await known.lab.control('alterLun', { lun: 'witness', content: { style: 'gpt', partitions: [partition] } });
};
const initialized = async (known: Known): Promise<void> => {
  await writable(known);
  await known.server.ports.apply({ do: 'disk.initialize', disk: await witness(known), style: 'gpt' });
};
const partitioned = async (known: Known): Promise<void> => {
  await initialized(known);
  await known.server.ports.apply({ do: 'disk.createPartition', disk: await witness(known), driveLetter: null });
};

const account = { userName: labAccount.userName, passwordName: 'password' };
const withPassword = { password: labAccount.password };

/** Every kind of change that a plan can hold, with the moment before and after its act. */
const kinds: readonly Kind[] = [
  { method: 'host.rename', desire: host({ computerName: 'NODE9' }), compare: 'host' },
  {
    method: 'host.joinDomain',
    desire: host({ membership: { kind: 'domain', name: 'lab.test' }, account }),
    secrets: withPassword,
    compare: 'host',
    before: async ({ server, nics }) =>
      server.ports.apply({ do: 'nic.setDnsServers', nic: nics[0]!, family: 'ipv4', servers: ['192.0.2.53'] }),
  },
  { method: 'host.joinWorkgroup', desire: host({ membership: { kind: 'workgroup', name: 'OTHER' } }), compare: 'host' },
  {
    method: 'host.setTime',
    desire: host({ time: { kind: 'servers', servers: ['192.0.2.10'] } }),
    compare: 'host',
    leaves: (before) => {
      const { host } = before as { readonly host: HostObserved };
      return { host: { ...host, time: { ...host.time, isDomainTriggered: false } } };
    },
  },
  { method: 'nic.rename', desire: network({ name: 'iSCSI A' }), compare: 'network' },
  { method: 'nic.setEnabled', desire: network({ enabled: false }), compare: 'network' },
  {
    method: 'nic.setEnabled',
    desire: network({ enabled: true }),
    before: async ({ server, nics }) => server.ports.apply({ do: 'nic.setEnabled', nic: nics[2]!, enabled: false }),
    compare: 'network',
  },
  { method: 'nic.setDhcp', desire: network({ dhcp: { ipv4: false } }), compare: 'network' },
  { method: 'nic.addAddress', desire: network({ addresses: { ipv4: ['198.51.100.21/24'] } }), compare: 'network' },
  {
    method: 'nic.removeAddress',
    desire: network({ addresses: { ipv4: ['198.51.100.22/24'] } }),
    before: address,
    compare: 'network',
  },
  {
    method: 'nic.setGateway',
    desire: network({ role: 'production', gateway: { ipv4: '198.51.100.1' } }),
    before: address,
    compare: 'network',
  },
  { method: 'nic.setDnsServers', desire: network({ dnsServers: { ipv4: ['192.0.2.53'] } }), compare: 'network' },
  { method: 'nic.setDnsRegistration', desire: network({ registersInDns: false }), compare: 'network' },
  { method: 'nic.setNetbios', desire: network({ netbios: 'disabled' }), compare: 'network' },
  { method: 'nic.setJumboPacket', desire: network({ jumboPacketBytes: 9014 }), compare: 'network' },
  { method: 'nic.setBinding', desire: network({ fileAndPrinterSharing: false }), compare: 'network' },
  {
    method: 'nic.setPowerSaving',
    desire: ({ nics }: Known) => ({ area: 'network', desire: { nics: [{ nic: nics[1], powerSaving: false }] } }),
    compare: 'network',
  },
  { method: 'initiator.setService', desire: initiator({ service: true }), compare: 'initiator' },
  { method: 'initiator.setFirewall', desire: initiator({ firewall: true }), compare: 'initiator' },
  {
    method: 'initiator.setName',
    desire: initiator({ iqn: 'iqn.1991-05.com.microsoft:other' }),
    before: service,
    compare: 'initiator',
  },
  {
    method: 'initiator.addPortal',
    desire: initiator({ portals: [{ targetPortalAddress: '198.51.100.10', initiatorPortalAddress: '198.51.100.21' }] }),
    before: async (known) => {
      await address(known);
      await service(known);
    },
  },
  {
    method: 'initiator.removePortal',
    desire: initiator({ portals: [{ targetPortalAddress: '198.51.100.10', present: false }] }),
    before: portal,
  },
  { method: 'initiator.logOn', desire: initiator({ paths: [{ ...path, isMultipathEnabled: false }] }), before: portal },
  {
    method: 'initiator.registerSession',
    desire: initiator({ paths: [{ ...path, isMultipathEnabled: false }] }),
    before: (known) => session(known, false),
  },
  {
    method: 'initiator.unregisterSession',
    desire: initiator({ paths: [{ ...path, present: false }] }),
    before: session,
    stays: true,
  },
  {
    method: 'initiator.logOff',
    desire: initiator({ paths: [{ ...path, present: false }] }),
    before: (known) => session(known, false),
  },
  { method: 'mpio.installFeature', desire: initiator({ mpio: { installed: true } }), stays: true },
  { method: 'mpio.setIscsiClaim', desire: initiator({ mpio: { claimsIscsi: true } }), before: mpio },
  { method: 'mpio.setLoadBalancePolicy', desire: initiator({ mpio: { loadBalancePolicy: 'RR' } }), before: mpio },
  {
    method: 'disk.setOnline',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', online: true }] } }),
    before: session,
    compare: 'storage',
  },
  {
    method: 'disk.setReadOnly',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', writable: true }] } }),
    before: online,
    compare: 'storage',
  },
  {
    method: 'disk.clear',
    desire: () => ({
      area: 'storage',
      desire: { disks: [{ disk: 'WITNESS', purpose: 'witness', discardContent: true }] },
    }),
    before: foreign,
    stays: true,
  },
  {
    method: 'disk.initialize',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', purpose: 'witness' }] } }),
    before: writable,
    stays: true,
  },
  {
    method: 'disk.createPartition',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', purpose: 'witness' }] } }),
    before: initialized,
    stays: true,
  },
  {
    method: 'disk.format',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', purpose: 'witness' }] } }),
    before: initialized,
    stays: true,
  },
  {
    method: 'disk.setDriveLetter',
    desire: () => ({ area: 'storage', desire: { disks: [{ disk: 'WITNESS', driveLetter: 'Q' }] } }),
    before: partitioned,
    compare: 'storage',
  },
  {
    method: 'disk.setSanPolicy',
    desire: () => ({ area: 'storage', desire: { sanPolicy: 'OfflineAll' } }),
    compare: 'storage',
  },
  {
    method: 'disk.setAutomount',
    desire: () => ({ area: 'storage', desire: { automount: false } }),
    compare: 'storage',
  },
];

const start = async (name = 'lab'): Promise<Known> => {
  const lab = await startServerLab({ name });
  const server = await lab.server();
  return { lab, server, nics: (await server.ports.nics.list()).map((nic) => nic.interfaceGuid) };
};

const run = { by: 'cli', signal: new AbortController().signal, progress: () => undefined, revertAfterSeconds: 600 };

interface Interrupted {
  readonly known: Known;
  readonly id: string;
  readonly wanted: Desire;
  readonly answers: PlanAnswers;
  /** The part of the server that the kind compares, as it was before the change; null where it compares none. */
  readonly before: unknown;
}

const moments = ['before', 'after', 'after'] as const;

/**
 * Makes the change on three servers of worlds of their own, in one process that is killed with SIGKILL when each of them is in the middle of the named
 * call: a process that has read the product is dear, a world is not.
 */
const interrupt = async (kind: Kind, servers: readonly Known[]): Promise<readonly Interrupted[]> => {
  const made = [];
  for (const [index, known] of servers.entries()) {
    await kind.before?.(known);
    const before = kind.compare ? await stateOf(known, kind.compare) : null;
    const disk = kind.method.startsWith('disk.') ? await witness(known).catch(() => null) : null;
    const text = JSON.stringify(kind.desire(known)).replaceAll('"WITNESS"', JSON.stringify(disk));
    const answers = answersFor(disk === null ? [] : [disk]);
    made.push({ known, moment: moments[index]!, before, wanted: desireSchema.parse(JSON.parse(text)), answers });
  }
  await interruptChanges(
    made.map(({ known, moment, wanted, answers }, index) => ({
      dataFolder: known.lab.dataFolder,
      rehearsal: `lab-${index}`,
      moment,
      method: kind.method,
      desire: wanted,
      answers,
      secrets: kind.secrets ?? {},
    })),
  );
  return made.map(({ known, wanted, answers, before }) => {
    const open = known.server.journal.list().entries;
    expect(open, 'the next start finds it').toHaveLength(1);
    expect(open[0]!.state).toBe('interrupted');
    return { known, id: open[0]!.begin.id, wanted, answers, before };
  });
};

/** The part of the server that a change was about, without what differs by itself. */
const stateOf = async ({ server }: Known, area: NonNullable<Kind['compare']>): Promise<unknown> => {
  const observed = await observeArea(server, area);
  // Windows chooses an address of its own where no DHCP server answers, and a time service that was started goes on.
  const changing = ['localTime', 'freeBytes', 'serviceState', 'startMode'];
  const text = JSON.stringify(toJson(observed), (key, value: unknown) => (changing.includes(key) ? undefined : value));
  return JSON.parse(text.replace(/169\.254\.\d+\.\d+/g, '169.254.x.x'));
};

describe.each(kinds)('killed in the middle of $method', (kind) => {
  const servers: Known[] = [];
  let interrupted: readonly Interrupted[];
  beforeAll(async () => {
    for (const index of moments.keys()) servers.push(await start(`lab-${index}`));
    interrupted = await interrupt(kind, servers);
  });
  afterAll(async () => {
    for (const { lab } of servers) await lab.stop();
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('%s the act, it is found and finished', async (moment, index) => {
    const { known, id, wanted, answers } = interrupted[index]!;
    const entry = await inspectChange(known.server, id);
    expect(entry.summary).toMatch(/^Interrupted at "/);
    const current = entry.steps.find(({ result }) => result.proof?.match(/^(done|not done|not known)/));
    expect(current?.result.proof).toMatch(moment === 'after' ? /^done: / : /^not done: /);
    expect(entry.canFinish).toBe(true);
    const result = await finishChange(known.server, id, answers, { ...run, secrets: kind.secrets ?? {} });
    expect(['changed', 'restartNeeded']).toContain(result.outcome);
    expect(['done', 'restartNeeded']).toContain(known.server.journal.read(id).state);
    const again = await makePlan(known.server, wanted, answers, kind.secrets ?? {});
    expect(again.view.refusals).toEqual([]);
    expect(
      again.steps.map((step) => step.id),
      'a second run changes nothing',
    ).toEqual([]);
  });

  it('after the act, it is taken back where it can be', async () => {
    const { known, id, answers, before } = interrupted[2]!;
    if (kind.stays) {
      expect((await inspectChange(known.server, id)).undoLimits).toContain('cannot be undone');
      return;
    }
    const result = await undoChange(known.server, id, answers, { ...run, secrets: kind.secrets ?? {} });
    expect(result.steps.map((step) => step.state)).not.toContain('failed');
    expect(known.server.journal.read(id).state).toBe('undone');
    if (kind.compare) expect(await stateOf(known, kind.compare)).toEqual(kind.leaves ? kind.leaves(before) : before);
  });
});

describe('a change that was not interrupted', () => {
  let known: Known;
  beforeEach(async () => {
    known = await start();
  });
  afterEach(() => known.lab.stop());

  it('is undone as a whole, last step first', async () => {
    const wanted: Desire = desireSchema.parse({
      area: 'network',
      desire: {
        nics: [
          {
            nic: known.nics[2],
            name: 'iSCSI A',
            role: 'iscsiA',
            applyRole: true,
            addresses: { ipv4: ['198.51.100.21/24'] },
          },
        ],
      },
    });
    const before = await stateOf(known, 'network');
    const input = { expectedPlan: null, answers: answersFor([]) };
    const result = await applyDesire(known.server, 'nic.apply', wanted, input, { ...run, secrets: {} });
    expect(result.outcome).toBe('changed');
    expect((await applyDesire(known.server, 'nic.apply', wanted, input, { ...run, secrets: {} })).outcome).toBe(
      'nothingToChange',
    );
    await undoChange(known.server, result.journal!, answersFor([]), { ...run, secrets: {} });
    expect(await stateOf(known, 'network')).toEqual(before);
  });

  it('is refused while another one of the same server runs, and when the plan that was shown is not the plan any more', async () => {
    const rename = (name: string): Desire =>
      desireSchema.parse({ area: 'network', desire: { nics: [{ nic: known.nics[2], name }] } });
    const input = { expectedPlan: null, answers: answersFor([]) };
    const first = applyDesire(known.server, 'nic.apply', rename('A'), input, { ...run, secrets: {} });
    await expect(
      applyDesire(known.server, 'nic.apply', rename('B'), input, { ...run, secrets: {} }),
    ).rejects.toMatchObject({
      code: 'PLAN_BUSY',
      detail: {
        title: expect.stringMatching(/^Set up the network( of NODE1)?$/) as unknown,
        since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC(?:[+-]\d\d:\d\d)?$/) as unknown,
      },
    });
    await first;
    const { view } = await makePlan(known.server, rename('B'), answersFor([]), {});
    await known.server.ports.apply({ do: 'nic.rename', nic: known.nics[2]!, newName: 'C' });
    await known.server.ports.apply({ do: 'nic.rename', nic: known.nics[3]!, newName: 'D' });
    await applyDesire(known.server, 'nic.apply', rename('E'), input, { ...run, secrets: {} });
    await expect(
      applyDesire(known.server, 'nic.apply', rename('F'), { ...input, expectedPlan: view.id }, { ...run, secrets: {} }),
    ).rejects.toMatchObject({ code: 'PLAN_CHANGED', effect: 'none' });
  });
});
