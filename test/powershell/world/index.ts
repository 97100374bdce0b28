import { cimCmdlets } from './cim-instances.ts';
import type { Cmdlet } from './cim.ts';
import { clusterCmdlets } from './cluster.ts';
import { computerCmdlets } from './computer.ts';
import { dnsClientCmdlets } from './dns-client.ts';
import { featureCmdlets } from './features.ts';
import { fileSecurityCmdlets } from './file-security.ts';
import { firewallCmdlets } from './firewall.ts';
import { hyperVCmdlets } from './hyper-v.ts';
import { iscsiCmdlets } from './iscsi.ts';
import { iscsiTargetCmdlets } from './iscsi-target.ts';
import { netAdapterCmdlets } from './net-adapter.ts';
import { netTcpipCmdlets } from './net-tcpip.ts';
import { programs } from './programs.ts';
import { registryCmdlets } from './registry.ts';
import { storageCmdlets } from './storage.ts';
import { validationCmdlets } from './validation.ts';

export type { CimObject, CimValue, Cmdlet } from './cim.ts';

/** Every modelled cmdlet, by its name in lower case. */
export const cmdlets: ReadonlyMap<string, Cmdlet> = new Map(
  [
    ...netAdapterCmdlets,
    ...netTcpipCmdlets,
    ...dnsClientCmdlets,
    ...firewallCmdlets,
    ...iscsiCmdlets,
    ...iscsiTargetCmdlets,
    ...featureCmdlets,
    ...storageCmdlets,
    ...computerCmdlets,
    ...registryCmdlets,
    ...fileSecurityCmdlets,
    ...cimCmdlets,
    ...clusterCmdlets,
    ...validationCmdlets,
    ...hyperVCmdlets,
    ...programs,
  ].map((cmdlet) => [cmdlet.name.toLowerCase(), cmdlet]),
);
