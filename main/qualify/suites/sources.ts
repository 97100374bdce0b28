/** The public documents behind the cases. */
export const sources = {
  spc4: (clause: string): string => `SPC-4 (T10/BSR INCITS 513), clause ${clause}`,
  sbc3: (clause: string): string => `SBC-3 (T10/BSR INCITS 514), clause ${clause}`,
  csvp: 'MS-CSVP, Failover Cluster: Setup and Validation Protocol (learn.microsoft.com/openspecs/windows_protocols/ms-csvp)',
  requirements: 'learn.microsoft.com/windows-server/failover-clustering/clustering-requirements',
  witness: 'learn.microsoft.com/windows-server/failover-clustering/manage-cluster-quorum',
  registrations: 'support.microsoft.com KB2822335',
  msdsm:
    'SPC-4 (T10/BSR INCITS 513), clause 5.13.7; support.microsoft.com KB978562 (arbitration over several paths of a node)',
  vpd83: 'support.microsoft.com KB2914974',
  holdTime:
    'MaxRequestHoldTime of the Microsoft iSCSI initiator, 60 seconds unless changed (NetApp Knowledge Base, "parameters that control how MS iSCSI survives lost TCP connections")',
  own: 'a limit of Quorate; Microsoft publishes none',
} as const;
