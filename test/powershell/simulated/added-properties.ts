/**
 * Properties that a module's type file adds to the objects of a CIM class, beside those of the class's page.
 * ElementName and InstanceID come from bases of the class that are not in the catalogue. Read through third parties' files and captures (none of them is on a Microsoft page), so a simulated server may give
 * them and nothing else.
 */
export const addedProperties: Readonly<Record<string, readonly string[]>> = {
  MSFT_NetAdapter: [
    'AdminStatus',
    'DriverFileName',
    'DriverInformation',
    'DriverVersion',
    'ElementName',
    'ifAlias',
    'ifDesc',
    'ifIndex',
    'ifName',
    'ifOperStatus',
    'InstanceID',
    'InterfaceAlias',
    'LinkLayerAddress',
    'LinkSpeed',
    'MacAddress',
    'MediaConnectionState',
    'MediaType',
    'NdisVersion',
    'PhysicalMediaType',
  ],
  MSFT_NetIPAddress: ['ifIndex', 'ifAlias', 'PolicyStore'],
  MSFT_NetIPInterface: ['ifIndex', 'ifAlias', 'PolicyStore'],
  MSFT_NetRoute: ['ifIndex', 'ifAlias', 'InterfaceMetric', 'PolicyStore', 'State'],
  MSFT_Disk: ['DiskNumber', 'DiskPath'],
  MSFT_Partition: ['DiskId', 'DiskPath', 'Offset', 'Type'],
  MSFT_DNSClientServerAddress: ['Address'],
  MSFT_Volume: ['AllocationUnitSize', 'OperationalStatus'],
};
