import { type HostState, type PendingRestart, type Resume } from '../../../../shared/model/host.ts';
import { judgeLastStop } from '../../../../shared/model/last-stop.ts';
import { stopEventsOf } from '../failover/event-log.ts';
import { rest } from '../change.ts';
import { readRights, rightsInput } from '../rights.ts';
import { buildOf } from '../scenarios/server.ts';
import type { ServerState } from '../state.ts';
import { nothing, reads } from './method.ts';

/** Where this product's tasks are. */
export const taskPath = '\\Quorate\\';

export const dnsHostName = (server: ServerState): string => server.computerName.toLowerCase();

const readState = (server: ServerState, nowMs: number): HostState => ({
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

export const resumePrefix = 'Resume-';

const readResumes = (server: ServerState): Resume[] =>
  server.tasks
    .filter((task) => task.path === taskPath && task.name.startsWith(resumePrefix))
    .map((task) => ({
      token: task.name.slice(resumePrefix.length),
      trigger: task.trigger.kind === 'startup' ? 'startup' : 'logon',
      account: task.user,
      program: task.execute,
      argument: task.arguments,
      isElevated: task.runLevel === 'Highest',
      isEnabled: task.enabled,
    }));

/** As random, and as lasting, as the hardware's own identity, from which it is made here: simulated servers are installed one by one. */
export const machineSidOf = ({ hardware }: ServerState): string => {
  const hex = hardware.uuid.replaceAll('-', '');
  return `S-1-5-21-${[0, 8, 16].map((at) => parseInt(hex.slice(at, at + 8), 16)).join('-')}`;
};

export const hostMethods = {
  'host.readState': reads(nothing, ({ server, nowMs }) => readState(server, nowMs)),
  'host.readPendingRestart': reads(nothing, ({ server }) => pendingSigns(server)),
  'host.readResumes': reads(nothing, ({ server }) => readResumes(server)),
  'host.readRights': reads(rightsInput, readRights),
  'host.readLastStop': reads(nothing, ({ server, used }) => {
    if (server.wentDown !== undefined) rest({ used }, 'host.event.wentDown');
    const events = stopEventsOf(server).map(({ atMs, ...event }) => ({ ...event, at: new Date(atMs).toISOString() }));
    return judgeLastStop(new Date(server.bootedAtMs).toISOString(), events);
  }),
  'host.readMachineSid': reads(nothing, ({ server }) => ({ machineSid: machineSidOf(server) })),
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
};
