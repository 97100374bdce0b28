/**
 * Properties that a module's type file adds to the objects of a CIM class, beside those of the class's page.
 * Read through third parties' files and captures (none of them is on a Microsoft page), so a simulated server may give
 * them and nothing else.
 */
export const addedProperties: Readonly<Record<string, readonly string[]>> = {
  MSFT_NetAdapter: [
    'AdminStatus',
    'DriverFileName',
    'DriverInformation',
    'DriverVersion',
    'ifAlias',
    'ifDesc',
    'ifIndex',
    'ifName',
    'ifOperStatus',
    'LinkSpeed',
    'MacAddress',
    'MediaConnectionState',
    'MediaType',
    'NdisVersion',
    'PhysicalMediaType',
  ],
  MSFT_NetIPAddress: ['ifIndex', 'ifAlias'],
  MSFT_NetIPInterface: ['ifIndex', 'ifAlias', 'ConnectionSpecificSuffix'],
  MSFT_NetRoute: ['ifIndex', 'ifAlias', 'InterfaceMetric', 'State'],
  MSFT_Disk: ['DiskNumber', 'DiskPath'],
  MSFT_Partition: ['OperationalStatus', 'AccessPaths', 'DiskPath'],
  MSFT_Volume: [],
};
