import type { JSX } from 'react';
import { OutcomeMark } from '../../ui/outcome.tsx';
import type { Cluster } from './store.ts';
import { diskMarks, networkMarks, networkUse, nodeMarks, rolesOn, votesOf, witnessWords } from './words.ts';

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The cluster in one picture: nodes above, the networks between them as lanes, quorum and storage below. The tables say the same in full. */
export const ClusterPicture = ({ cluster }: { cluster: Cluster }): JSX.Element => {
  const votes = votesOf(cluster);
  const { witness } = cluster;
  return (
    <div className="c-picture" role="group" aria-label={`The cluster ${cluster.name}`}>
      <ul className="c-nodes" aria-label="Nodes">
        {cluster.nodes.map((node) => (
          <li key={node.id} className="c-node" data-state={node.state}>
            <bdi className="q-strong">{node.name}</bdi>
            <OutcomeMark {...nodeMarks[node.state]} />
            <span className="q-quiet">
              {node.currentVote === 1 ? 'Votes' : 'No vote now'}, {counted(rolesOn(cluster, node.name), 'role')}
            </span>
          </li>
        ))}
      </ul>
      <ul className="c-lanes" aria-label="Networks">
        {cluster.networks.map(({ id, name, role, state, address, prefixLength }) => (
          <li key={id} className="c-lane" data-state={state} data-role={role}>
            <bdi className="q-strong">{name}</bdi>
            <span className="q-mono">
              {address}/{prefixLength}
            </span>
            <span>{networkUse[role]}</span>
            <OutcomeMark {...networkMarks[state]} />
          </li>
        ))}
      </ul>
      <ul className="c-stores" aria-label="Quorum and storage">
        <li className="c-store">
          <span className="q-strong">
            Quorum: {votes.present} of {votes.all} votes
          </span>
          <span className="q-quiet">Votes needed: {votes.needed}.</span>
        </li>
        <li className="c-store">
          <span className="q-strong">{witnessWords[witness.kind]}</span>
          {witness.kind === 'none' ? null : (
            <>
              <bdi>{witness.resource ?? ''}</bdi>
              <span className="q-quiet">{witness.currentVote === 1 ? 'Votes' : 'Does not vote now'}</span>
            </>
          )}
        </li>
        {cluster.disks
          .filter(({ use }) => use !== 'witness')
          .slice(0, 12)
          .map(({ name, state, path, driveLetter, ownerNode }) => (
            <li key={name} className="c-store">
              <bdi className="q-strong">{name}</bdi>
              <OutcomeMark {...diskMarks[state]} />
              <span className="q-quiet">
                <bdi className="q-mono">{path ?? (driveLetter === null ? '' : `${driveLetter}:`)}</bdi> on {ownerNode}
              </span>
            </li>
          ))}
      </ul>
    </div>
  );
};
