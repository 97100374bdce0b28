import { requireAdministrator, type Change } from '../../../main/rehearsal/world/change.ts';
import * as host from '../../../main/rehearsal/world/changes/host.ts';
import { setService } from '../../../main/rehearsal/world/changes/initiator.ts';
import { beginRestart } from '../../../main/rehearsal/world/changes/restart.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { ServerState, TaskState, WindowsService } from '../../../main/rehearsal/world/state.ts';
import { refuseCmdlet } from './behaviours.ts';
import {
  changer,
  cim,
  dateTime,
  enumeration,
  matches,
  net,
  reader,
  scalar,
  type CimObject,
  type Cmdlet,
  type Parameters,
} from './cim.ts';

type Props = Readonly<Record<string, unknown>>;

const textOf = (props: Props, ...names: string[]): string => {
  for (const name of names) {
    const value = props[name];
    if (typeof value === 'string') return value;
  }
  return '';
};

const accountOf = (parameters: Parameters, name: string): { userName: string; password: string } | null => {
  const [object] = parameters.objects(name);
  return object
    ? { userName: textOf(object, 'UserName', 'userName'), password: textOf(object, 'Password', 'password') }
    : null;
};

const serviceStates = { stopped: 1, startPending: 2, stopPending: 3, running: 4, paused: 7 } as const;
const stateNames = {
  stopped: 'Stopped',
  startPending: 'StartPending',
  stopPending: 'StopPending',
  running: 'Running',
  paused: 'Paused',
} as const;
const modes = { automatic: 2, manual: 3, disabled: 4 } as const;
const modeNames = { automatic: 'Automatic', manual: 'Manual', disabled: 'Disabled' } as const;

const process = 'System.ServiceProcess';

const serviceObject = (service: WindowsService): CimObject => ({
  $type: `${process}.ServiceController`,
  props: {
    Name: service.name,
    ServiceName: service.name,
    DisplayName: service.displayName,
    // ServiceControllerStatus and ServiceStartMode are .NET enumerations: a number in JSON, a name as text.
    Status: enumeration(`${process}.ServiceControllerStatus`, stateNames[service.state], serviceStates[service.state]),
    StartType: enumeration(`${process}.ServiceStartMode`, modeNames[service.startMode], modes[service.startMode]),
    CanStop: service.state === 'running',
  },
});

const chooseServices = (server: ServerState, parameters: Parameters): WindowsService[] => {
  const names = parameters.has('InputObject')
    ? parameters.objects('InputObject').map((object) => textOf(object, 'Name', 'ServiceName'))
    : parameters.texts('Name');
  const all = Object.values(server.services);
  for (const name of names) {
    if (!/[*?]/.test(name) && !all.some((one) => matches(name, one.name)))
      throw refuse('service.notFound', { what: name });
  }
  return names.length === 0 ? all : all.filter((one) => names.some((name) => matches(name, one.name)));
};

/** MSiSCSI's start and stop have effects of their own; the others only change their state. */
const runService = (change: Change, service: WindowsService, running: boolean): void => {
  requireAdministrator(change);
  if (service.name === 'MSiSCSI') setService(change, running, service.startMode);
  else service.state = running ? 'running' : 'stopped';
};

const startModes: Readonly<Record<string, WindowsService['startMode']>> = {
  automatic: 'automatic',
  manual: 'manual',
  disabled: 'disabled',
};

const serviceNames = 'Name InputObject DisplayName';

const triggerObject = (task: TaskState): CimObject | null => {
  const { trigger } = task;
  const space = 'Root/Microsoft/Windows/TaskScheduler';
  switch (trigger.kind) {
    case 'once':
      return cim(space, 'MSFT_TaskTimeTrigger', { Enabled: true, StartBoundary: new Date(trigger.atMs).toISOString() });
    case 'logon':
      return cim(space, 'MSFT_TaskLogonTrigger', { Enabled: true, UserId: trigger.user });
    case 'startup':
      return cim(space, 'MSFT_TaskBootTrigger', { Enabled: true });
    case 'none':
      return null;
  }
};

const logonNumbers = { Password: 1, S4U: 2, Interactive: 3, ServiceAccount: 5 } as const;

const taskObject = (task: TaskState): CimObject => {
  const trigger = triggerObject(task);
  const space = 'Root/Microsoft/Windows/TaskScheduler';
  return cim(
    space,
    'MSFT_ScheduledTask',
    {
      TaskName: task.name,
      TaskPath: task.path,
      Description: task.description,
      // 3: Ready, 1: Disabled
      State: task.enabled ? 3 : 1,
      Author: task.user,
      Triggers: trigger ? [trigger] : [],
      Actions: [cim(space, 'MSFT_TaskExecAction', { Execute: task.execute, Arguments: task.arguments })],
      Principal: cim(space, 'MSFT_TaskPrincipal2', {
        UserId: task.user,
        LogonType: logonNumbers[task.logonType],
        RunLevel: task.runLevel === 'Highest' ? 1 : 0,
      }),
    },
    { State: task.enabled ? 'Ready' : 'Disabled' },
  );
};

const chooseTasks = (server: ServerState, parameters: Parameters): TaskState[] => {
  const objects = parameters.objects('InputObject');
  const names = parameters.has('InputObject')
    ? objects.map((object) => textOf(object, 'TaskName'))
    : parameters.texts('TaskName');
  const paths = parameters.texts('TaskPath');
  const found = server.tasks.filter(
    (task) =>
      (names.length === 0 || names.some((name) => matches(name, task.name))) &&
      (paths.length === 0 || paths.some((path) => matches(path, task.path))),
  );
  if (found.length === 0 && names.some((name) => !/[*?]/.test(name)))
    throw refuseCmdlet('task.notFound', { what: names[0]! });
  return found;
};

const triggerOf = (props: Props | undefined, type: string): TaskState['trigger'] => {
  if (!props) return { kind: 'none' };
  if (/LogonTrigger/i.test(type)) return { kind: 'logon', user: textOf(props, 'UserId') || null };
  if (/BootTrigger/i.test(type)) return { kind: 'startup' };
  const at = Date.parse(textOf(props, 'StartBoundary'));
  return Number.isNaN(at) ? { kind: 'none' } : { kind: 'once', atMs: at };
};

const logonTypeOf = (value: unknown): TaskState['logonType'] =>
  value === 1 || value === 'Password'
    ? 'Password'
    : value === 2 || value === 'S4U'
      ? 'S4U'
      : value === 5 || value === 'ServiceAccount'
        ? 'ServiceAccount'
        : 'Interactive';

const registerTask = (change: Change, parameters: Parameters): CimObject[] => {
  const whole = parameters.objects('InputObject')[0];
  const nested = (name: string): unknown => {
    const value: unknown = whole?.[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const propsOf = (value: unknown): Props | undefined => {
    if (value === null || typeof value !== 'object') return undefined;
    return (value as { props?: Props }).props ?? (value as Props);
  };
  const typeOf = (value: unknown): string => textOf((value ?? {}) as Props, '$type', 'CimClassName');
  const rawTrigger = parameters.list('Trigger')[0] ?? nested('Triggers');
  const action = parameters.objects('Action')[0] ?? propsOf(nested('Actions'));
  const principal = parameters.objects('Principal')[0] ?? propsOf(nested('Principal'));
  const path = parameters.text('TaskPath') ?? '\\';
  const name = parameters.text('TaskName') ?? textOf(whole ?? {}, 'TaskName');
  const exists = change.server.tasks.some(
    (task) => task.path.toLowerCase() === path.toLowerCase() && task.name.toLowerCase() === name.toLowerCase(),
  );
  if (exists && parameters.boolean('Force') !== true) throw refuseCmdlet('task.exists', { what: name });
  const task: TaskState = {
    path: path.endsWith('\\') ? path : `${path}\\`,
    name,
    description: parameters.text('Description') ?? textOf(whole ?? {}, 'Description'),
    trigger: triggerOf(propsOf(rawTrigger), typeOf(rawTrigger)),
    user: parameters.text('User') ?? textOf(principal ?? {}, 'UserId'),
    logonType: parameters.has('Password') ? 'Password' : logonTypeOf(principal?.['LogonType']),
    runLevel:
      parameters.text('RunLevel') === 'Highest' ||
      principal?.['RunLevel'] === 1 ||
      principal?.['RunLevel'] === 'Highest'
        ? 'Highest'
        : 'Limited',
    execute: textOf(action ?? {}, 'Execute'),
    arguments: textOf(action ?? {}, 'Arguments', 'Argument'),
    enabled: true,
    lastRunMs: null,
    restore: null,
  };
  host.registerTask(change, task);
  return [taskObject(task)];
};

const taskSpace = 'Root/Microsoft/Windows/TaskScheduler';

export const computerCmdlets: readonly Cmdlet[] = [
  changer(
    'Rename-Computer',
    'NewName ComputerName DomainCredential LocalCredential Restart WsmanAuthentication Protocol',
    (change, parameters) => {
      const old = change.server.computerName;
      // The cmdlet compares with the active name: it cannot take back a rename that waits for the restart.
      if ((parameters.text('NewName') ?? '').toLowerCase() === old.toLowerCase())
        throw refuse('host.rename.same', { name: old, reason: 'it is the name already' });
      host.renameComputer(change, parameters.text('NewName') ?? '', accountOf(parameters, 'DomainCredential'));
      return [
        net('Microsoft.PowerShell.Commands.RenameComputerChangeInfo', {
          HasSucceeded: true,
          NewComputerName: change.server.nextComputerName,
          OldComputerName: old,
        }),
      ];
    },
  ),
  changer(
    'Add-Computer',
    'DomainName Credential OUPath WorkgroupName ComputerName LocalCredential UnjoinDomainCredential Options Restart Server NewName',
    (change, parameters) => {
      const domain = parameters.text('DomainName');
      if (domain === null) {
        const workgroup = parameters.text('WorkgroupName') ?? '';
        const { membership } = change.server;
        if (membership.kind === 'workgroup' && membership.name.toLowerCase() === workgroup.toLowerCase()) {
          throw refuseCmdlet('host.workgroup.same', { server: change.server.computerName, domain: workgroup });
        }
        host.joinWorkgroup(change, workgroup, accountOf(parameters, 'Credential'));
      } else {
        host.joinDomain(change, {
          domain,
          ou: parameters.text('OUPath'),
          account: accountOf(parameters, 'Credential') ?? { userName: '', password: '' },
          // Add-Computer leaves the old domain first.
          ifJoined: true,
        });
      }
      return [
        net('Microsoft.PowerShell.Commands.ComputerChangeInfo', {
          HasSucceeded: true,
          ComputerName: change.server.computerName,
        }),
      ];
    },
  ),
  changer(
    'Remove-Computer',
    'UnjoinDomainCredential WorkgroupName LocalCredential ComputerName Restart',
    (change, parameters) =>
      host.joinWorkgroup(
        change,
        parameters.text('WorkgroupName') ?? 'WORKGROUP',
        accountOf(parameters, 'UnjoinDomainCredential'),
      ),
  ),
  changer('Restart-Computer', 'ComputerName Wait For Timeout Delay Credential', (change) => {
    requireAdministrator(change);
    beginRestart(change.world, change.server, change.nowMs);
  }),
  reader('Get-Service', `${serviceNames} Include Exclude`, ({ server }, parameters) =>
    chooseServices(server, parameters).map(serviceObject),
  ),
  changer('Set-Service', `${serviceNames} StartupType Status Description`, (change, parameters) => {
    requireAdministrator(change);
    const mode = startModes[parameters.text('StartupType')?.toLowerCase() ?? ''];
    const status = parameters.text('Status')?.toLowerCase();
    for (const service of chooseServices(change.server, parameters)) {
      if (mode) service.startMode = mode;
      if (status !== undefined) runService(change, service, status === 'running');
    }
  }),
  changer('Start-Service', serviceNames, (change, parameters) => {
    for (const service of chooseServices(change.server, parameters)) runService(change, service, true);
  }),
  changer('Stop-Service', `${serviceNames} NoWait`, (change, parameters) => {
    for (const service of chooseServices(change.server, parameters)) runService(change, service, false);
  }),
  changer('Restart-Service', serviceNames, (change, parameters) => {
    for (const service of chooseServices(change.server, parameters)) {
      runService(change, service, false);
      runService(change, service, true);
    }
  }),
  reader('New-ScheduledTaskAction', 'Execute Argument WorkingDirectory Id', (_look, parameters) => [
    cim(taskSpace, 'MSFT_TaskExecAction', {
      Execute: parameters.text('Execute'),
      Arguments: parameters.text('Argument'),
    }),
  ]),
  reader(
    'New-ScheduledTaskTrigger',
    'Once At AtLogOn AtStartup User RandomDelay RepetitionInterval RepetitionDuration Daily Weekly',
    (_look, parameters) => {
      if (parameters.boolean('AtLogOn') === true) {
        return [cim(taskSpace, 'MSFT_TaskLogonTrigger', { Enabled: true, UserId: parameters.text('User') })];
      }
      if (parameters.boolean('AtStartup') === true) return [cim(taskSpace, 'MSFT_TaskBootTrigger', { Enabled: true })];
      const at = parameters.list('At')[0];
      const text = typeof at === 'object' && at !== null ? textOf(at as Props, '$date') : (scalar(at) ?? '');
      return [cim(taskSpace, 'MSFT_TaskTimeTrigger', { Enabled: true, StartBoundary: text })];
    },
  ),
  reader(
    'New-ScheduledTaskPrincipal',
    'UserId GroupId LogonType RunLevel Id ProcessTokenSidType RequiredPrivilege',
    (_look, parameters) => [
      cim(taskSpace, 'MSFT_TaskPrincipal2', {
        UserId: parameters.text('UserId'),
        LogonType: logonNumbers[logonTypeOf(parameters.text('LogonType'))],
        RunLevel: parameters.text('RunLevel') === 'Highest' ? 1 : 0,
      }),
    ],
  ),
  reader(
    'New-ScheduledTaskSettingsSet',
    'StartWhenAvailable AllowStartIfOnBatteries DontStopIfGoingOnBatteries ExecutionTimeLimit DeleteExpiredTaskAfter Hidden MultipleInstances RestartCount RestartInterval Priority',
    (_look, parameters) => [
      cim(taskSpace, 'MSFT_TaskSettings3', {
        StartWhenAvailable: parameters.boolean('StartWhenAvailable') ?? false,
        Enabled: true,
      }),
    ],
  ),
  reader('New-ScheduledTask', 'Action Trigger Principal Settings Description', (_look, parameters) => [
    cim(taskSpace, 'MSFT_ScheduledTask', {
      Actions: parameters.list('Action'),
      Triggers: parameters.list('Trigger'),
      Principal: parameters.list('Principal')[0] ?? null,
      Settings: parameters.list('Settings')[0] ?? null,
      Description: parameters.text('Description'),
    }),
  ]),
  changer(
    'Register-ScheduledTask',
    'TaskName TaskPath Action Trigger Principal Settings Description User Password RunLevel InputObject',
    registerTask,
  ),
  reader('Get-ScheduledTask', 'TaskName TaskPath', ({ server }, parameters) =>
    chooseTasks(server, parameters).map(taskObject),
  ),
  reader('Get-ScheduledTaskInfo', 'TaskName TaskPath InputObject', ({ server }, parameters) =>
    chooseTasks(server, parameters).map((task) =>
      cim(taskSpace, 'MSFT_TaskDynamicInfo', {
        TaskName: task.name,
        TaskPath: task.path,
        LastRunTime: task.lastRunMs === null ? null : dateTime(task.lastRunMs),
        LastTaskResult: task.lastRunMs === null ? 267_011 : 0,
        NextRunTime: task.trigger.kind === 'once' ? dateTime(task.trigger.atMs) : null,
        NumberOfMissedRuns: 0,
      }),
    ),
  ),
  changer('Unregister-ScheduledTask', 'TaskName TaskPath InputObject', (change, parameters) => {
    requireAdministrator(change);
    for (const task of chooseTasks(change.server, parameters)) host.removeTask(change, task.path, task.name);
  }),
];
