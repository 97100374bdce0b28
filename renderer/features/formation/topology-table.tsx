import type { JSX } from 'react';
import { normaliseAddress } from '../../../shared/model/address.ts';
import { roleLabels } from '../../../shared/model/cluster-file.ts';
import { shownAddresses, type SeenServer } from '../../../shared/model/formation.ts';
import type { Shown } from './picture.tsx';
import { allSteps, machinesOf } from './run.ts';
import { isClusterThere, isSwitchThere, machineNode } from './standing.ts';

type Row = readonly [what: string, name: string, state: string];

const labelOf = (role: string): string => (roleLabels as Readonly<Record<string, string>>)[role] ?? role;

const serverState = (seen: SeenServer | undefined): string =>
  seen ? `${seen.windows}${seen.account === null ? '' : `, Quorate runs as ${seen.account}`}` : 'Not read yet';

const nicState = (seen: SeenServer | undefined, mac: string): string => {
  const nic = seen?.nics.find((one) => one.mac === mac);
  if (!nic) return 'Not read yet';
  return nic.isConnected === false ? 'No link' : shownAddresses(nic.addresses).join(', ') || 'No address yet';
};

const portalState = (servers: readonly SeenServer[], address: string): string => {
  const from = servers.filter(({ sessions }) =>
    sessions?.some(
      ({ portal, isConnected }) =>
        isConnected && normaliseAddress(portal.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === address,
    ),
  );
  return from.length === 0 ? 'No server is logged on yet' : `Logged on: ${from.map(({ server }) => server).join(', ')}`;
};

const lunState = (servers: readonly SeenServer[], serial: string, isFormed: boolean): string => {
  const by = servers.filter(({ disks }) => disks?.some((disk) => disk.serial === serial));
  if (isFormed || by.some(({ disks }) => disks?.some((disk) => disk.serial === serial && disk.isClustered)))
    return 'In the cluster';
  return by.length === 0 ? 'Not seen yet' : `Seen by ${by.map(({ server }) => server).join(', ')}`;
};

const rowsOf = (run: Shown): readonly Row[] => {
  const { wanted, servers, machines } = run;
  if (!wanted) return [];
  const steps = allSteps(run);
  const isFormed = isClusterThere({ ...run, steps });
  return [
    ['Cluster', wanted.cluster, isFormed ? 'Formed' : 'Not formed yet'],
    ...machinesOf(wanted).flatMap((server): Row[] => {
      const seen = servers.find((one) => one.server === server.name);
      return [
        [server === wanted.storageHost ? 'Storage host' : 'Server', server.name, serverState(seen)],
        ...server.nics
          .filter(({ role }) => role !== 'unused')
          .map(({ mac, role, name }): Row => [labelOf(role), `${server.name}: ${name}`, nicState(seen, mac)]),
      ];
    }),
    ...wanted.portals.map(({ address, port, role }): Row => [
      `Portal, ${labelOf(role)}`,
      `${address}:${port}`,
      portalState(servers, normaliseAddress(address) ?? address),
    ]),
    ...wanted.luns.map(({ serial, purpose, letter }): Row => [
      purpose === 'witness' ? 'Witness disk' : 'Data disk',
      `${serial}, ${letter}:`,
      lunState(servers, serial, isFormed),
    ]),
    ...wanted.switches.map(({ name, role }): Row => [
      'Virtual switch',
      `${name}, ${labelOf(role)}`,
      isSwitchThere(name, steps) ? 'On every node' : 'Not there yet',
    ]),
    ...wanted.machines.map(({ name }): Row => {
      const node = machineNode(name, steps, machines);
      return ['Virtual machine', name, node === null ? 'Not there yet' : `On ${node}`];
    }),
  ];
};

/** The picture in words, for those who do not see it, and for a search. Made when it is opened: 64 servers are hundreds of rows. */
export const TopologyTable = ({ run }: { run: Shown }): JSX.Element => (
  <details className="g-topology">
    <summary>The same as a table</summary>
    <table className="t-table">
      <caption>Servers, networks, storage and virtual machines</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Name</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {rowsOf(run).map(([what, name, state]) => (
          <tr key={`${what} ${name}`}>
            <td>{what}</td>
            <th scope="row">
              <bdi>{name}</bdi>
            </th>
            <td>
              <bdi>{state}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </details>
);
