import * as z from 'zod';
import {
  hostStateSchema,
  resumeSchema,
  timeSourceSchema,
  type HostState,
  type PendingRestart,
  type Resume,
  type TimeSource,
} from '../../shared/model/host.ts';
import { judgeLastStop, stopEventSchema } from '../../shared/model/last-stop.ts';
import { restartSigns } from '../../shared/model/restart-signs.ts';
import { accountSchema, type Rights, type RightsThere } from '../../shared/model/rights.ts';
import type { HostPort } from '../ports/host-port.ts';
import type { Runner } from '../powershell/index.ts';
import { matchesRow } from '../powershell/runner/error-table.ts';
import { readWith } from './call.ts';
import { deniedAtOnce } from './errors/denied.ts';
import { nameOr } from './names.ts';
import { Gathering, partOf, type Part } from './part.ts';

const lastStopAnswer = z.object({ bootedAt: z.iso.datetime(), events: z.array(stopEventSchema) });

const domainRoles = hostStateSchema.shape.domainRole.options;
const installations = ['Server', 'Server Core', 'Client'] as const;

const stateSchema = z.object({
  name: z.string(),
  dnsHostName: z.string(),
  partOfDomain: z.boolean(),
  domain: z.string(),
  workgroup: z.string(),
  domainRole: z
    .number()
    .int()
    .min(0)
    .max(domainRoles.length - 1),
  manufacturer: z.string(),
  model: z.string(),
  hypervisorPresent: z.boolean().nullable(),
  caption: z.string(),
  version: z.string(),
  buildNumber: z.number().int(),
  sku: z.number().int(),
  languageId: z.number().int(),
  lastBootAt: z.iso.datetime(),
  localTime: z.iso.datetime(),
  product: partOf(z.object({ uuid: z.string() })),
  bios: partOf(z.object({ serialNumber: z.string() })),
  installation: partOf(nameOr(installations, null)),
  nextName: partOf(z.string()),
  domainJoinWaits: partOf(z.boolean()),
  nextDomain: partOf(z.string()),
  isAdministrator: partOf(z.boolean()),
});

/**
 * What a restart will put in force: Netlogon keeps a sign that a change of membership waits, and Tcpip keeps the primary DNS
 * domain that the change brings. A workgroup's name is kept nowhere that is documented.
 */
const readNextMembership = (state: z.output<typeof stateSchema>, gathering: Gathering): HostState['nextMembership'] => {
  const waits = gathering.read('nextMembership', state.domainJoinWaits);
  if (!waits) return null;
  const domain = gathering.read('nextMembership', state.nextDomain);
  if (domain === null) return null;
  return domain === ''
    ? gathering.note('nextMembership', 'a change of membership waits for the restart')
    : { kind: 'domain', name: domain };
};

const toFacts = (state: z.output<typeof stateSchema>): HostState => {
  const gathering = new Gathering();
  const nextName = gathering.read('nextComputerName', state.nextName);
  const nextMembership = readNextMembership(state, gathering);
  return {
    computerName: state.name,
    nextComputerName: nextName,
    dnsHostName: state.dnsHostName,
    membership: state.partOfDomain
      ? { kind: 'domain', name: state.domain }
      : { kind: 'workgroup', name: state.workgroup || state.domain },
    nextMembership,
    domainRole: domainRoles[state.domainRole]!,
    os: {
      caption: state.caption,
      version: state.version,
      buildNumber: state.buildNumber,
      sku: state.sku,
      installation: gathering.read('os.installation', state.installation),
      languageId: state.languageId,
    },
    hardware: {
      manufacturer: state.manufacturer,
      model: state.model,
      serialNumber: gathering.read('hardware.serialNumber', state.bios)?.serialNumber ?? null,
      uuid: gathering.read('hardware.uuid', state.product)?.uuid ?? null,
      hypervisorPresent: state.hypervisorPresent,
    },
    lastBootAt: state.lastBootAt,
    localTime: state.localTime,
    isAdministrator: gathering.read('isAdministrator', state.isAdministrator),
    unread: gathering.unread,
  };
};

const pendingSchema = z.object({
  signs: z.array(z.object({ sign: z.enum(restartSigns), read: partOf(z.boolean()) })),
});

const toPending = ({ signs }: z.output<typeof pendingSchema>): PendingRestart => ({
  signs: signs.map(({ sign, read }) => {
    const gathering = new Gathering();
    const there = gathering.read(sign, read);
    return there === null
      ? { sign, state: 'unknown' as const, because: gathering.unread[0]?.because ?? 'unknown' }
      : { sign, state: there ? ('pending' as const) : ('notPending' as const), because: null };
  }),
});

const tasksSchema = z.object({
  tasks: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      program: z.string(),
      argument: z.string(),
      isElevated: z.boolean(),
      isEnabled: z.boolean(),
    }),
  ),
});

/** Reads the data that a task of this product keeps in its description; null for a task that is none of it. */
const toResume = ({ name, description, ...task }: z.output<typeof tasksSchema>['tasks'][number]): Resume | null => {
  const [mark, format, trigger, ...account] = description.split(';');
  if (mark !== 'quorate-resume' || format !== '1') return null;
  const parsed = resumeSchema.safeParse({
    ...task,
    token: name.slice('Resume-'.length),
    trigger,
    account: account.join(';'),
  });
  return parsed.success ? parsed.data : null;
};

const timeSchema = z.object({
  service: z.object({ state: z.string(), startMode: z.string() }).nullable(),
  parameters: partOf(z.object({ type: z.string().nullable(), servers: z.array(z.string()) })),
  triggerTypes: partOf(z.array(z.number().int())),
});

/** SERVICE_TRIGGER_TYPE_DOMAIN_JOIN (winsvc.h). */
const domainJoinTrigger = 3;

const serviceState = nameOr(timeSourceSchema.shape.serviceState.options, 'other');
const startMode = nameOr(['automatic', 'manual', 'disabled', 'other'], 'other', { auto: 'automatic' });
const timeType = nameOr(['NT5DS', 'NTP', 'AllSync', 'NoSync'], null);

const toTimeSource = ({ service, parameters, triggerTypes }: z.output<typeof timeSchema>): TimeSource => {
  const gathering = new Gathering();
  const read = gathering.read('type', parameters);
  const type = timeType.parse(read?.type ?? null);
  if (read && type === null) gathering.note('type', read.type ?? 'the registry has no value Type');
  if (!read) gathering.note('servers', gathering.unread[0]?.because ?? 'unknown');
  const triggers = gathering.read('isDomainTriggered', triggerTypes);
  return {
    serviceState: service ? serviceState.parse(service.state) : 'absent',
    startMode: service ? startMode.parse(service.startMode) : null,
    type,
    servers: read?.servers ?? [],
    isDomainTriggered: triggers?.includes(domainJoinTrigger) ?? null,
    unread: gathering.unread,
  };
};

const rightsAnswer = z.object({
  account: partOf(accountSchema),
  there: z.array(z.object({ server: z.string(), opened: partOf(z.boolean()) })),
});

/** What it says that the administrative share of a server opened, is not there, or could not be looked at. */
const thereOf = (server: string, opened: Part<boolean>): RightsThere => {
  if (opened.ok) return { server, outcome: opened.data ? 'administrator' : 'notReached', because: null };
  if (deniedAtOnce.some((row) => matchesRow(row, opened.error)))
    return { server, outcome: 'denied', because: opened.error.message };
  return { server, outcome: 'unknown', because: opened.error.message };
};

const toRights = ({ account, there }: z.output<typeof rightsAnswer>): Rights => {
  const gathering = new Gathering();
  return {
    account: gathering.read('account', account),
    there: there.map(({ server, opened }) => thereOf(server, opened)),
    unread: gathering.unread,
  };
};

/** A server that does not answer at all keeps SMB waiting; so many seconds for each. */
const shareWaitMs = 60_000;

/** The host port over scripts. */
export const createHostPort = (runner: Runner): HostPort => {
  return {
    async readState(options) {
      const call = { script: 'Get-HostState', input: {} };
      return toFacts(await readWith(runner, call, stateSchema, { call: options, errors: [] }));
    },
    async readPendingRestart(options) {
      const call = { script: 'Get-PendingRestart', input: {}, timeoutMs: 180_000 };
      return toPending(await readWith(runner, call, pendingSchema, { call: options, errors: [] }));
    },
    async readResumes(options) {
      const call = { script: 'Get-ResumeTask', input: {} };
      const { tasks } = await readWith(runner, call, tasksSchema, { call: options, errors: [] });
      return tasks.map(toResume).filter((resume) => resume !== null);
    },
    async readMachineSid(options) {
      const call = { script: 'Get-MachineSid', input: {} };
      const answer = z.object({ machineSid: z.string().nullable() });
      return (await readWith(runner, call, answer, { call: options, errors: [] })).machineSid;
    },
    async readLastStop(options) {
      const call = { script: 'Get-LastStop', input: {} };
      const { bootedAt, events } = await readWith(runner, call, lastStopAnswer, { call: options, errors: [] });
      return judgeLastStop(bootedAt, events);
    },
    async readTimeSource(options) {
      const call = { script: 'Get-TimeSource', input: {} };
      return toTimeSource(await readWith(runner, call, timeSchema, { call: options, errors: [] }));
    },
    async readRights(servers, options) {
      const call = {
        script: 'Test-RemoteAdministrator',
        input: { servers },
        timeoutMs: shareWaitMs * Math.max(1, servers.length),
      };
      return toRights(await readWith(runner, call, rightsAnswer, { call: options, errors: [] }));
    },
  };
};
