import { describe } from 'vitest';
import { clusterContract } from './cluster.ts';
import { rehearsalHost } from './hosts.ts';
import { machineContract } from './machines.ts';
import { storageHostContract } from './storage-host.ts';
import { rolesContract } from './roles.ts';

describe('the contract of a host with roles, a cluster and machines, held by the rehearsal host', () => {
  rolesContract(rehearsalHost);
  clusterContract(rehearsalHost);
  machineContract(rehearsalHost);
  storageHostContract(rehearsalHost);
});
