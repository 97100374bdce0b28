/** The Windows Server releases that readiness judges for, oldest first. */
export const windowsServers = ['2008', '2008R2', '2012', '2012R2', '2016', '2019', '2022', '2025'] as const;
export type WindowsServer = (typeof windowsServers)[number];

export const windowsServerTitle = (server: WindowsServer): string =>
  `Windows Server ${server.endsWith('R2') ? `${server.slice(0, 4)} R2` : server}`;
