import { changeMethods } from '../effects/index.ts';
import { clusterMethods, machineMethods, rolesMethods } from './cluster.ts';
import { diskMethods } from './disks.ts';
import { factsMethods } from './facts.ts';
import { firewallMethods } from './firewall.ts';
import { guardMethods } from './guard.ts';
import { hostMethods } from './host.ts';
import { initiatorMethods, mpioMethods } from './initiator.ts';
import { measureMethods } from './measure.ts';
import type { PortMethod } from './method.ts';
import { storageHostMethods } from './storage-host.ts';
import { nicMethods } from './nics.ts';

const methods = {
  ...factsMethods,
  ...hostMethods,
  ...nicMethods,
  ...measureMethods,
  ...guardMethods,
  ...firewallMethods,
  ...initiatorMethods,
  ...mpioMethods,
  ...diskMethods,
  ...rolesMethods,
  ...clusterMethods,
  ...machineMethods,
  ...storageHostMethods,
};

/** Names of the port-shaped requests that the world answers. */
export type PortMethodName = keyof typeof methods;

export const portMethods: ReadonlyMap<string, PortMethod> = new Map([...Object.entries(methods), ...changeMethods]);
