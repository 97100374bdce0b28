/** NetBIOS over TCP/IP of an adapter (`Win32_NetworkAdapterConfiguration.TcpipNetbiosOptions` 0, 1, 2). */
export const netbiosSettings = ['default', 'enabled', 'disabled'] as const;
export type NetbiosSetting = (typeof netbiosSettings)[number];
