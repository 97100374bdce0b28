/**
 * What Windows can refuse a change of a cluster with, as a rehearsal is told to: by name, in words, with the number that Windows gives.
 * Numbers: https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--4000-5999- and its sister pages; of moves:
 * https://learn.microsoft.com/en-us/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues
 */
export const clusterRefusals = {
  rpcUnavailable: 'the RPC server is unavailable (1722)',
  networkPathNotFound: 'the remote registry is not reached: the network path was not found (53)',
  noDomainController: 'no domain controller sets the password of the computer object (0xC000005E)',
  resourceNotFound: 'the resource is not there any more (5007)',
  groupNotFound: 'the group is not there any more (5013)',
  networkNotFound: 'the network is not there any more (5045)',
  notAnOwner: 'the node is no possible owner (5016)',
  resourceOnline: 'the resource is online (5019)',
  notQuorumCapable: 'the resource can be no quorum resource (5021)',
  coreResource: 'the resource is a core resource (5026)',
  noMigrationNetwork: 'no cluster network carries the move (5035)',
  nodeNotAvailable: 'the node is not available (5036)',
  noNodeAvailable: 'no node is available (5037)',
  resourceFailed: 'a resource failed when it was brought online (5038)',
  nodeExists: 'the node exists already (5040)',
  nodeUnreachable: 'the node is unreachable (5051)',
  nodeNotMember: 'the node is no active member (5052)',
  addressInUse: 'the address is in use (5057)',
  alreadyMember: 'the node is a member already (5065)',
  cannotHost: 'the node cannot host the resource (5071)',
  joinAborted: 'the join was aborted (5074)',
  incompatibleVersions: 'the versions of the nodes are incompatible (5075)',
  quorumDiskNotFound: 'the quorum disk was not found (5086)',
  membershipHalt: 'the cluster halted its membership (5892)',
  evictedUncleaned: 'the node was evicted and not cleaned up (5896)',
  cannotBeClustered: 'the computer cannot be a node (5898)',
  wrongVersion: 'the computer has the wrong version of Windows (5899)',
  systemDriveConflict: 'the letter of a system drive is that of a disk elsewhere (5903)',
  accountMismatch: 'the computer account has another name (5905)',
  portRefused: 'the connection to port 6600 is refused (0x8007274D)',
  portTimedOut: 'the connection to port 6600 times out (0x8007274C)',
  noMemory: 'the other node has not enough memory (0x8007000E)',
  noResources: 'the other node has not enough resources (0x800705AA)',
  fileNotOpened: 'a file cannot be opened on the other node (0xC03A0014)',
  noCredentials: 'the nodes do not trust each other: no credentials (0x8009030E)',
  logonNotGranted: 'the logon type is not granted on the other node (0x80070569)',
} as const;
export type ClusterRefusal = keyof typeof clusterRefusals;
export const clusterRefusalNames = Object.keys(clusterRefusals) as [ClusterRefusal, ...ClusterRefusal[]];
