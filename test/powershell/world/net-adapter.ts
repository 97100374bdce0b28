import { rest, type Change } from '../../../main/rehearsal/world/change.ts';
import * as nics from '../../../main/rehearsal/world/changes/nics.ts';
import { isLinkUp } from '../../../main/rehearsal/world/reach.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { NicState, ServerState, WorldState } from '../../../main/rehearsal/world/state.ts';
import { changer, cim, hasWildcard, matches, reader, type CimObject, type Cmdlet, type Parameters } from './cim.ts';

const space = 'ROOT/StandardCimv2';

const speedText = (bps: bigint): string =>
  bps >= 1_000_000_000n ? `${bps / 1_000_000_000n} Gbps` : `${bps / 1_000_000n} Mbps`;

export const adapterObject = (world: WorldState, server: ServerState, nic: NicState): CimObject => {
  const up = isLinkUp(world, server, nic);
  const bps = up ? BigInt(nic.linkSpeedBps) : 0n;
  return cim(
    space,
    'MSFT_NetAdapter',
    {
      Name: nic.name,
      InterfaceName: `ethernet_${32_768 + nic.index}`,
      InterfaceDescription: nic.description,
      DriverDescription: nic.description,
      InterfaceIndex: nic.index,
      InterfaceGuid: nic.guid,
      DeviceID: nic.guid,
      PermanentAddress: nic.permanentMac.replace(/-/g, ''),
      NetworkAddresses: [nic.mac.replace(/-/g, '')],
      HardwareInterface: nic.hardware,
      ConnectorPresent: nic.hardware,
      Virtual: nic.virtual,
      Hidden: false,
      EndPointInterface: false,
      IMFilter: false,
      iSCSIInterface: false,
      // 1 Up, 2 Down
      InterfaceAdminStatus: nic.enabled ? 1 : 2,
      // 1 Up, 2 Down
      InterfaceOperationalStatus: up ? 1 : 2,
      // 1 Connected, 2 Disconnected
      MediaConnectState: up ? 1 : 2,
      OperationalStatusDownMediaDisconnected: nic.enabled && !up,
      // 2 Started, 3 Disabled
      State: nic.enabled ? 2 : 3,
      InterfaceType: 6,
      // 14: 802.3
      NdisPhysicalMedium: 14,
      NdisMedium: 0,
      MtuSize: nics.mtuOfNic(nic),
      ActiveMaximumTransmissionUnit: String(nics.mtuOfNic(nic)),
      Speed: bps,
      ReceiveLinkSpeed: bps,
      TransmitLinkSpeed: bps,
      FullDuplex: up ? true : null,
      DriverProvider: nic.driver.provider,
      DriverName: `\\SystemRoot\\System32\\drivers\\${nic.driver.fileName}`,
      DriverVersionString: nic.driver.version,
      DriverDate: nic.driver.date,
      SystemName: server.computerName,
      PnPDeviceID: `PCI\\VEN_8086&DEV_1563\\${nic.permanentMac.replace(/-/g, '')}`,
      VlanID: 0,
    },
    {
      Status: up ? 'Up' : nic.enabled ? 'Disconnected' : 'Disabled',
      AdminStatus: nic.enabled ? 'Up' : 'Down',
      ifOperStatus: up ? 'Up' : 'Down',
      MediaConnectionState: up ? 'Connected' : 'Disconnected',
      MacAddress: nic.mac,
      LinkSpeed: speedText(bps),
      ifIndex: nic.index,
      ifAlias: nic.name,
      ifDesc: nic.description,
      ifName: `ethernet_${32_768 + nic.index}`,
      DriverVersion: nic.driver.version,
      DriverFileName: nic.driver.fileName,
    },
  );
};

/** The NICs that -Name, -InterfaceDescription, -InterfaceIndex or -InputObject name; a plain name that fits none is refused. */
export const chooseNics = (server: ServerState, parameters: Parameters): NicState[] => {
  if (parameters.has('InputObject')) {
    return parameters.objects('InputObject').flatMap((object) => {
      const guid = object['InterfaceGuid'] ?? object['InstanceID'];
      const nic = server.nics.find((one) =>
        typeof guid === 'string' ? guid.startsWith(one.guid) : one.name === object['Name'],
      );
      if (!nic) throw refuse('nic.notFound', { nic: String(object['Name'] ?? guid) });
      return [nic];
    });
  }
  const filters: [string, (nic: NicState) => string][] = [
    ['Name', (nic) => nic.name],
    ['InterfaceAlias', (nic) => nic.name],
    ['InterfaceDescription', (nic) => nic.description],
    ['InterfaceIndex', (nic) => String(nic.index)],
  ];
  let chosen = server.nics;
  for (const [name, of] of filters) {
    const patterns = parameters.texts(name);
    if (patterns.length === 0) continue;
    for (const pattern of patterns) {
      if (!hasWildcard(pattern) && !chosen.some((nic) => matches(pattern, of(nic)))) {
        throw refuse('nic.notFound', { nic: pattern });
      }
    }
    chosen = chosen.filter((nic) => patterns.some((pattern) => matches(pattern, of(nic))));
  }
  return chosen;
};

const advancedObject = (server: ServerState, nic: NicState, keyword: string): CimObject => {
  const property = nic.advanced.find((one) => one.keyword === keyword)!;
  const shown = property.validDisplayValues[property.validValues.indexOf(property.value)] ?? property.value;
  return cim(space, 'MSFT_NetAdapterAdvancedPropertySettingData', {
    Name: nic.name,
    InterfaceDescription: nic.description,
    InstanceID: `${nic.guid}::${property.keyword}`,
    ElementName: property.displayName,
    DisplayName: property.displayName,
    DisplayValue: shown,
    RegistryKeyword: property.keyword,
    RegistryValue: [property.value],
    RegistryDataType: 1,
    ValidRegistryValues: property.validValues,
    ValidDisplayValues: property.validDisplayValues,
    DisplayParameterType: 5,
    SystemName: server.computerName,
  });
};

const chooseAdvanced = (nic: NicState, parameters: Parameters) => {
  const keywords = parameters.texts('RegistryKeyword');
  const names = parameters.texts('DisplayName');
  return nic.advanced.filter(
    (one) =>
      (keywords.length === 0 || keywords.some((pattern) => pattern.toLowerCase() === one.keyword.toLowerCase())) &&
      (names.length === 0 || names.some((pattern) => matches(pattern, one.displayName))),
  );
};

const bindingNames: Readonly<Record<string, string>> = {
  ms_server: 'File and Printer Sharing for Microsoft Networks',
  ms_msclient: 'Client for Microsoft Networks',
  ms_tcpip: 'Internet Protocol Version 4 (TCP/IPv4)',
  ms_tcpip6: 'Internet Protocol Version 6 (TCP/IPv6)',
  ms_pacer: 'QoS Packet Scheduler',
  ms_lltdio: 'Link-Layer Topology Discovery Mapper I/O Driver',
  ms_rspndr: 'Link-Layer Topology Discovery Responder',
  ms_lldp: 'Microsoft LLDP Protocol Driver',
  ms_implat: 'Microsoft Network Adapter Multiplexor Protocol',
  vms_pp: 'Hyper-V Extensible Virtual Switch',
};

const bindingObject = (server: ServerState, nic: NicState, componentId: string): CimObject =>
  cim(space, 'MSFT_NetAdapterBindingSettingData', {
    Name: nic.name,
    InterfaceDescription: nic.description,
    InstanceID: `${nic.guid}::${componentId}`,
    ComponentID: componentId,
    DisplayName: bindingNames[componentId] ?? componentId,
    ElementName: bindingNames[componentId] ?? componentId,
    Enabled: nic.bindings[componentId],
    SystemName: server.computerName,
  });

const setBindings = (change: Change, parameters: Parameters, enabled: boolean): CimObject[] => {
  if (parameters.has('InputObject')) {
    return parameters.objects('InputObject').map((object) => {
      const [guid = '', componentId = ''] = String(object['InstanceID']).split('::');
      nics.setBinding(change, guid, componentId, enabled);
      return bindingObject(
        change.server,
        change.server.nics.find((nic) => nic.guid === guid)!,
        componentId,
      );
    });
  }
  return chooseNics(change.server, parameters).flatMap((nic) =>
    parameters.texts('ComponentID').map((componentId) => {
      nics.setBinding(change, nic.guid, componentId, enabled);
      return bindingObject(change.server, nic, componentId);
    }),
  );
};

/** 0 Unsupported, 1 Disabled, 2 Enabled. */
const powerNumbers = { unsupported: 0, notAllowed: 1, allowed: 2 } as const;
const powerNames = { unsupported: 'Unsupported', notAllowed: 'Disabled', allowed: 'Enabled' } as const;

const names = 'Name InterfaceDescription InputObject';

export const netAdapterCmdlets: readonly Cmdlet[] = [
  reader(
    'Get-NetAdapter',
    'Name InterfaceDescription InterfaceIndex Physical',
    ({ world, server, used }, parameters) => {
      rest({ used }, 'nic.adapter.numbers');
      return chooseNics(server, parameters).map((nic) => adapterObject(world, server, nic));
    },
  ),
  changer('Rename-NetAdapter', `${names} NewName`, (change, parameters) => {
    for (const nic of chooseNics(change.server, parameters)) {
      nics.renameNic(change, nic.guid, parameters.text('NewName') ?? '');
    }
  }),
  changer('Enable-NetAdapter', names, (change, parameters) => {
    for (const nic of chooseNics(change.server, parameters)) nics.setNicEnabled(change, nic.guid, true);
  }),
  changer('Disable-NetAdapter', names, (change, parameters) => {
    for (const nic of chooseNics(change.server, parameters)) nics.setNicEnabled(change, nic.guid, false);
  }),
  changer('Restart-NetAdapter', names, (change, parameters) => {
    for (const nic of chooseNics(change.server, parameters)) {
      nics.setNicEnabled(change, nic.guid, false);
      nics.setNicEnabled(change, nic.guid, true);
    }
  }),
  reader(
    'Get-NetAdapterAdvancedProperty',
    'Name InterfaceDescription RegistryKeyword DisplayName AllProperties',
    ({ server }, parameters) => {
      const found = chooseNics(server, parameters).flatMap((nic) =>
        chooseAdvanced(nic, parameters).map((one) => advancedObject(server, nic, one.keyword)),
      );
      if (found.length === 0 && parameters.given.length > 0)
        throw refuse('nic.advanced.notFound', { nic: '', bytes: '' });
      return found;
    },
  ),
  changer(
    'Set-NetAdapterAdvancedProperty',
    `${names} RegistryKeyword RegistryValue DisplayName DisplayValue NoRestart AllProperties`,
    (change, parameters) => {
      const objects = parameters.has('InputObject') ? parameters.objects('InputObject') : null;
      const targets = objects
        ? objects.map((object) => {
            const [guid = '', keyword = ''] = String(object['InstanceID']).split('::');
            return { guid, keyword };
          })
        : chooseNics(change.server, parameters).flatMap((nic) =>
            chooseAdvanced(nic, parameters).map((one) => ({ guid: nic.guid, keyword: one.keyword })),
          );
      if (targets.length === 0)
        throw refuse('nic.advanced.notFound', { nic: parameters.text('Name') ?? '', bytes: '' });
      for (const { guid, keyword } of targets) {
        const property = change.server.nics
          .find((nic) => nic.guid === guid)
          ?.advanced.find((one) => one.keyword === keyword);
        const display = parameters.text('DisplayValue');
        const value =
          parameters.text('RegistryValue') ??
          property?.validValues[property.validDisplayValues.findIndex((one) => one === display)] ??
          '';
        nics.setAdvanced(change, guid, keyword, value);
      }
    },
  ),
  reader(
    'Get-NetAdapterBinding',
    'Name InterfaceDescription ComponentID DisplayName AllBindings',
    ({ server }, parameters) => {
      const wanted = parameters.texts('ComponentID');
      const found = chooseNics(server, parameters).flatMap((nic) =>
        Object.keys(nic.bindings)
          .filter((id) => wanted.length === 0 || wanted.some((pattern) => matches(pattern, id)))
          .map((id) => bindingObject(server, nic, id)),
      );
      if (found.length === 0 && wanted.length > 0)
        throw refuse('nic.binding.notFound', { nic: '', component: wanted[0]! });
      return found;
    },
  ),
  changer('Enable-NetAdapterBinding', `${names} ComponentID DisplayName AllBindings`, (change, parameters) =>
    setBindings(change, parameters, true),
  ),
  changer('Disable-NetAdapterBinding', `${names} ComponentID DisplayName AllBindings`, (change, parameters) =>
    setBindings(change, parameters, false),
  ),
  changer('Set-NetAdapterBinding', `${names} ComponentID DisplayName AllBindings Enabled`, (change, parameters) =>
    setBindings(change, parameters, parameters.boolean('Enabled') ?? true),
  ),
  reader('Get-NetAdapterPowerManagement', 'Name InterfaceDescription', ({ server }, parameters) =>
    chooseNics(server, parameters).map((nic) =>
      cim(
        space,
        'MSFT_NetAdapterPowerManagementSettingData',
        {
          Name: nic.name,
          InterfaceDescription: nic.description,
          InstanceID: nic.guid,
          AllowComputerToTurnOffDevice: powerNumbers[nic.powerSaving],
        },
        { AllowComputerToTurnOffDevice: powerNames[nic.powerSaving] },
      ),
    ),
  ),
  changer(
    'Set-NetAdapterPowerManagement',
    `${names} ArpOffload D0PacketCoalescing DeviceSleepOnDisconnect NSOffload NoRestart RsnRekeyOffload SelectiveSuspend WakeOnMagicPacket WakeOnPattern`,
    (change, parameters) => {
      for (const object of parameters.has('InputObject') ? parameters.objects('InputObject') : []) {
        const setting = object['AllowComputerToTurnOffDevice'];
        const nic = change.server.nics.find((one) => one.guid === object['InstanceID']);
        if (!nic) throw refuse('nic.notFound', { nic: String(object['Name']) });
        if (setting !== undefined && setting !== null) {
          nics.setPowerSaving(change, nic.guid, setting === 2 || setting === 'Enabled');
        }
      }
    },
  ),
  reader('Get-NetLbfoTeam', 'Name', ({ server }) =>
    [...new Set(server.nics.flatMap((nic) => (nic.membership.kind === 'team' ? [nic.membership.team] : [])))].map(
      (team) => cim(space, 'MSFT_NetLbfoTeam', { Name: team }),
    ),
  ),
  reader('Get-NetLbfoTeamMember', 'Name Team', ({ server }) =>
    server.nics.flatMap((nic) =>
      nic.membership.kind === 'teamMember'
        ? [
            cim(space, 'MSFT_NetLbfoTeamMember', {
              Name: nic.name,
              Team: nic.membership.team,
              InterfaceDescription: nic.description,
            }),
          ]
        : [],
    ),
  ),
  reader('Get-NetLbfoTeamNic', 'Name Team', ({ server }) =>
    server.nics.flatMap((nic) =>
      nic.membership.kind === 'team'
        ? [
            cim(space, 'MSFT_NetLbfoTeamNic', {
              Name: nic.name,
              Team: nic.membership.team,
              InterfaceDescription: nic.description,
            }),
          ]
        : [],
    ),
  ),
];
