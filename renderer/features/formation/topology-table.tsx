import type { JSX } from 'react';
import { topologyRows } from '../../../shared/model/topology.ts';
import { topologyOf, type Shown } from './picture.tsx';

const rowsOf = (run: Shown) => {
  const topology = topologyOf(run);
  return topology ? topologyRows(topology) : [];
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
