import { findFault, requireAdministrator, type Change } from '../../../main/rehearsal/world/change.ts';
import * as disks from '../../../main/rehearsal/world/changes/disks.ts';
import { setNetbios } from '../../../main/rehearsal/world/changes/nics.ts';
import { pendingSigns } from '../../../main/rehearsal/world/ports/host.ts';
import { buildOf } from '../../../main/rehearsal/world/scenarios/server.ts';
import type { ServerState } from '../../../main/rehearsal/world/state.ts';
import { refuseCmdlet, shows } from './behaviours.ts';
import { changer, net, reader, scalar, type Cmdlet, type Parameters } from './cim.ts';

type Value = string | number | readonly string[];
type Key = Readonly<Record<string, Value>>;

const windows = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion';
const services = 'SYSTEM\\CurrentControlSet\\Services';
const netbiosNumbers = { default: 0, enabled: 1, disabled: 2 } as const;

/** The keys of HKEY_LOCAL_MACHINE that the product reads, worked out from the server's state. */
const keysOf = (server: ServerState): Map<string, Key> => {
  const pending = (name: string): boolean =>
    pendingSigns(server).signs.some((entry) => entry.sign === name && entry.state === 'pending');
  const keys: Record<string, Key> = {
    'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': {
      InstallationType: server.core ? 'Server Core' : 'Server',
      EditionID: server.sku === 7 ? 'ServerStandard' : 'ServerDatacenter',
      ProductName: server.caption,
      CurrentBuildNumber: String(buildOf(server)),
      UBR: 1,
    },
    [`${windows}\\Component Based Servicing`]: {},
    [`${windows}\\WindowsUpdate\\Auto Update`]: {},
    'SYSTEM\\CurrentControlSet\\Control\\Session Manager': pending('fileRename')
      ? { PendingFileRenameOperations: ['\\??\\C:\\old', ''] }
      : {},
    'SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName': { ComputerName: server.computerName },
    'SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName': { ComputerName: server.nextComputerName },
    [`${services}\\Tcpip\\Parameters`]: {
      Hostname: server.computerName,
      'NV Hostname': server.nextComputerName,
      Domain: server.primaryDnsSuffix,
      'NV Domain': server.nextMembership.kind === 'domain' ? server.nextMembership.name : '',
    },
    // The sign of a join (`host.join.sign`) is a subkey or a value: here a value where a domain is left for another one.
    [`${services}\\Netlogon`]: pending('domainJoin') && server.membership.kind === 'domain' ? { AvoidSpnSet: 1 } : {},
    'SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp': { PortNumber: 3389 },
    [`${services}\\W32Time\\Parameters`]: {
      Type: server.time.type,
      NtpServer: server.time.servers.map((one) => `${one},0x8`).join(' '),
    },
    [`${services}\\W32Time`]: {},
    [`${services}\\mountmgr`]: { NoAutoMount: server.automount ? 0 : 1 },
  };
  // `host.time.triggerInfo`: SERVICE_TRIGGER_TYPE_DOMAIN_JOIN 3, SERVICE_TRIGGER_TYPE_IP_ADDRESS_AVAILABILITY 2; actions 1 start, 2 stop.
  const triggerType = (server.services['W32Time']?.domainTriggered ?? false) ? 3 : 2;
  for (const [position, action] of [1, 2].entries())
    keys[`${services}\\W32Time\\TriggerInfo\\${position}`] = { Type: triggerType, Action: action };
  if (pending('componentServicing')) keys[`${windows}\\Component Based Servicing\\RebootPending`] = {};
  if (pending('domainJoin') && server.membership.kind === 'workgroup') keys[`${services}\\Netlogon\\JoinDomain`] = {};
  if (pending('windowsUpdate')) keys[`${windows}\\WindowsUpdate\\Auto Update\\RebootRequired`] = {};
  for (const nic of server.nics) {
    keys[`${services}\\NetBT\\Parameters\\Interfaces\\Tcpip_${nic.guid.toLowerCase()}`] = {
      NetbiosOptions: netbiosNumbers[nic.netbios],
    };
  }
  return new Map(Object.entries(keys).map(([path, key]) => [path.toLowerCase(), key]));
};

const relative = (path: string): string =>
  path
    .replace(/^(Microsoft\.PowerShell\.Core\\)?Registry::/i, '')
    .replace(/^HKLM:\\?/i, '')
    .replace(/^HKEY_LOCAL_MACHINE\\?/i, '')
    .replace(/\//g, '\\')
    .replace(/\\+$/, '')
    .toLowerCase();

const pathOf = (parameters: Parameters): string =>
  relative(parameters.text('LiteralPath') ?? parameters.text('Path') ?? '');

const protectedFolders = 'software\\quorate\\protectedfolders';

/** Values that may be written, each with what it changes. */
const writeValue = (change: Change, path: string, name: string, value: string): void => {
  requireAdministrator(change);
  const { server } = change;
  if (path === protectedFolders) {
    server.notedFolders = { ...server.notedFolders, [name]: value };
    return;
  }
  const interfaceKey = `${services}\\NetBT\\Parameters\\Interfaces\\Tcpip_`.toLowerCase();
  if (path === `${services}\\W32Time\\Parameters`.toLowerCase()) {
    if (name.toLowerCase() === 'type') server.time.type = value as ServerState['time']['type'];
    else if (name.toLowerCase() === 'ntpserver') {
      server.time.servers = value
        .split(/\s+/)
        .filter(Boolean)
        .map((one) => one.replace(/,.*$/, ''));
    }
  } else if (path === `${services}\\mountmgr`.toLowerCase() && name.toLowerCase() === 'noautomount') {
    disks.setAutomount(change, Number(value) === 0);
  } else if (path.startsWith(interfaceKey) && name.toLowerCase() === 'netbiosoptions') {
    const guid = path.slice(interfaceKey.length).toUpperCase();
    setNetbios(change, guid, (['default', 'enabled', 'disabled'] as const)[Number(value)] ?? 'default');
  } else {
    throw refuseCmdlet('registry.path.notFound', { what: `${path}\\${name}` });
  }
};

const root = 2_147_483_650;

const isGranted = ({ world, server }: Change): boolean =>
  server.administrator && !findFault(world, 'accessDenied', (fault) => fault.server === server.name);

/** StdRegProv's methods, for scripts that read the registry through CIM. */
export const stdRegProv = (
  change: Change,
  method: string,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  if (Number(given['hDefKey'] ?? root) !== root) return { ReturnValue: 2 };
  const path = relative(scalar(given['sSubKeyName']) ?? '');
  const name = scalar(given['sValueName']) ?? '';
  const keys = keysOf(change.server);
  const key = keys.get(path);
  const value = key && Object.entries(key).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  switch (method.toLowerCase()) {
    case 'enumkey': {
      const below = [...keys.keys()]
        .filter((one) => one.startsWith(`${path}\\`))
        .map((one) => one.slice(path.length + 1).split('\\')[0]!);
      return key || below.length > 0 ? { ReturnValue: 0, sNames: [...new Set(below)] } : { ReturnValue: 2 };
    }
    case 'enumvalues':
      return key ? { ReturnValue: 0, sNames: Object.keys(key) } : { ReturnValue: 2 };
    case 'getstringvalue':
      return value === undefined ? { ReturnValue: 1 } : { ReturnValue: 0, sValue: value };
    case 'getdwordvalue':
      return value === undefined ? { ReturnValue: 1 } : { ReturnValue: 0, uValue: value };
    case 'getmultistringvalue':
      return value === undefined ? { ReturnValue: 1 } : { ReturnValue: 0, sValue: value };
    case 'createkey':
      // ERROR_ACCESS_DENIED; a key that is there already is no error.
      return { ReturnValue: path === protectedFolders && isGranted(change) ? 0 : 5 };
    case 'setstringvalue':
      writeValue(change, path, name, String(given['sValue']));
      return { ReturnValue: 0 };
    case 'setdwordvalue':
      writeValue(change, path, name, String(given['uValue']));
      return { ReturnValue: 0 };
    case 'checkaccess': {
      shows(change, 'registry.checkAccess');
      if (!key) return { ReturnValue: 2, bGranted: false };
      const granted = isGranted(change);
      return { ReturnValue: granted ? 0 : 5, bGranted: granted };
    }
    default:
      throw refuseCmdlet('registry.path.notFound', { what: method });
  }
};

const item = 'Path LiteralPath Name';

export const registryCmdlets: readonly Cmdlet[] = [
  reader('Test-Path', `${item} PathType`, ({ server }, parameters) => {
    const path = pathOf(parameters);
    const keys = keysOf(server);
    return [[...keys.keys()].some((key) => key === path || key.startsWith(`${path}\\`))];
  }),
  reader('Get-ItemProperty', item, ({ server }, parameters) => {
    const key = keysOf(server).get(pathOf(parameters));
    if (!key) throw refuseCmdlet('registry.path.notFound', { what: pathOf(parameters) });
    const names = parameters.texts('Name');
    const missing = names.find((name) => !Object.keys(key).some((one) => one.toLowerCase() === name.toLowerCase()));
    if (missing !== undefined) throw refuseCmdlet('registry.value.notFound', { what: missing });
    return [net('System.Management.Automation.PSCustomObject', { ...key })];
  }),
  changer('Set-ItemProperty', `${item} Value Type`, (change, parameters) => {
    if (!keysOf(change.server).has(pathOf(parameters)))
      throw refuseCmdlet('registry.path.notFound', { what: pathOf(parameters) });
    writeValue(change, pathOf(parameters), parameters.text('Name') ?? '', parameters.texts('Value').join(' '));
  }),
  changer('New-ItemProperty', `${item} Value PropertyType`, (change, parameters) => {
    if (!keysOf(change.server).has(pathOf(parameters)))
      throw refuseCmdlet('registry.path.notFound', { what: pathOf(parameters) });
    writeValue(change, pathOf(parameters), parameters.text('Name') ?? '', parameters.texts('Value').join(' '));
  }),
];
