import * as z from 'zod';
import { timeSettingSchema, type HostFacts, type PendingRestart, type Resume } from '../../../../shared/model/host.ts';
import { requireAdministrator } from '../change.ts';
import * as host from '../changes/host.ts';
import { beginRestart } from '../changes/restart.ts';
import { buildOf } from '../scenarios/server.ts';
import type { ServerState, TaskState } from '../state.ts';
import { changes, nothing, reads } from './method.ts';

const account = z.object({ userName: z.string(), password: z.string() });

/** Where this product's tasks are. */
export const taskPath = '\\Quorate\\';

export const dnsHostName = (server: ServerState): string => server.computerName.toLowerCase();

const readFacts = (server: ServerState, nowMs: number): HostFacts => ({
  computerName: server.computerName,
  nextComputerName: server.nextComputerName,
  dnsHostName: dnsHostName(server),
  membership: server.membership,
  nextMembership:
    server.nextMembership.kind === server.membership.kind && server.nextMembership.name === server.membership.name
      ? null
      : server.nextMembership,
  domainRole: server.membership.kind === 'domain' ? 'memberServer' : 'standaloneServer',
  os: {
    caption: server.caption,
    version: `10.0.${buildOf(server)}`,
    buildNumber: buildOf(server),
    sku: server.sku,
    installation: server.core ? 'Server Core' : 'Server',
    languageId: server.languageId,
  },
  hardware: {
    manufacturer: server.hardware.manufacturer,
    model: server.hardware.model,
    serialNumber: server.hardware.serial,
    uuid: server.hardware.uuid,
    hypervisorPresent: server.features['Hyper-V']?.state === 'installed',
  },
  lastBootAt: new Date(server.bootedAtMs).toISOString(),
  localTime: new Date(nowMs).toISOString(),
  isAdministrator: server.administrator,
  unread: [],
});

export const pendingSigns = (server: ServerState): PendingRestart => {
  const sign = (name: PendingRestart['signs'][number]['sign'], pending: boolean) => ({
    sign: name,
    state: pending ? ('pending' as const) : ('notPending' as const),
    because: null,
  });
  return {
    signs: [
      sign('componentServicing', server.pending.componentServicing),
      sign('windowsUpdate', server.pending.windowsUpdate),
      sign('computerRename', server.nextComputerName !== server.computerName),
      sign(
        'domainJoin',
        server.nextMembership.kind !== server.membership.kind || server.nextMembership.name !== server.membership.name,
      ),
      sign('fileRename', server.pending.fileRename),
      sign(
        'featureInstall',
        Object.values(server.features).some(
          (one) => one.state === 'installPending' || one.state === 'uninstallPending',
        ),
      ),
    ],
  };
};

const resumePrefix = 'Resume-';

const readResumes = (server: ServerState): Resume[] =>
  server.tasks
    .filter((task) => task.path === taskPath && task.name.startsWith(resumePrefix))
    .map((task) => ({
      token: task.name.slice(resumePrefix.length),
      trigger: task.trigger.kind === 'startup' ? 'startup' : 'logon',
      account: task.user,
    }));

const resumeInput = z.object({
  token: z.string(),
  trigger: z.enum(['logon', 'startup']),
  account: z.string(),
  password: z.string().nullable(),
  command: z.object({ program: z.string(), arguments: z.array(z.string()) }),
});

const resumeTask = (input: z.output<typeof resumeInput>): TaskState => ({
  path: taskPath,
  name: `${resumePrefix}${input.token}`,
  description: `quorate-resume;1;${input.trigger};${input.account}`,
  trigger: input.trigger === 'startup' ? { kind: 'startup' } : { kind: 'logon', user: input.account },
  user: input.account,
  logonType: input.trigger === 'startup' ? 'Password' : 'Interactive',
  runLevel: 'Highest',
  execute: input.command.program,
  arguments: input.command.arguments.join(' '),
  enabled: true,
  lastRunMs: null,
  restore: null,
});

export const hostMethods = {
  'host.readFacts': reads(nothing, ({ server, nowMs }) => readFacts(server, nowMs)),
  'host.readPendingRestart': reads(nothing, ({ server }) => pendingSigns(server)),
  'host.rename': changes(z.object({ newName: z.string(), credential: account.nullable() }), (change, input) =>
    host.renameComputer(change, input.newName, input.credential),
  ),
  'host.joinDomain': changes(
    z.object({ domain: z.string(), ou: z.string().nullable(), credential: account }),
    (change, input) =>
      host.joinDomain(change, { domain: input.domain, ou: input.ou, account: input.credential, ifJoined: true }),
  ),
  'host.joinWorkgroup': changes(z.object({ workgroup: z.string(), credential: account.nullable() }), (change, input) =>
    host.joinWorkgroup(change, input.workgroup, input.credential),
  ),
  'host.restart': changes(z.object({ reason: z.string() }), (change) => {
    requireAdministrator(change);
    beginRestart(change.world, change.server, change.nowMs);
  }),
  'host.readResumes': reads(nothing, ({ server }) => readResumes(server)),
  'host.registerResume': changes(resumeInput, (change, input) => host.registerTask(change, resumeTask(input))),
  'host.removeResume': changes(z.object({ token: z.string() }), (change, input) => {
    host.removeTask(change, taskPath, `${resumePrefix}${input.token}`);
  }),
  'host.readTimeSource': reads(nothing, ({ server }) => {
    const service = server.services['W32Time'];
    const state = service?.state;
    return {
      serviceState: state === undefined ? 'absent' : state === 'running' || state === 'stopped' ? state : 'other',
      startMode: service?.startMode ?? null,
      type: server.time.type,
      servers: server.time.servers,
      isDomainTriggered: service?.domainTriggered ?? false,
      unread: [],
    };
  }),
  'host.setTimeSource': changes(timeSettingSchema, (change, input) => host.setTimeSource(change, input)),
};
