import { clusterNodeNamed } from './cluster-view.ts';
import { refuse } from './refusal.ts';
import type { ServerState, WorldState } from './state.ts';

/** Where Windows writes what a creation went through. */
export const creationReport = (name: string): string =>
  `C:\\Windows\\cluster\\Reports\\Create Cluster Wizard ${name} on 2026.01.05 At 08.00.00.htm`;

/** The text of a report on a server: that of the creation of its cluster. The layout is that of validation reports, the words are the model's own. */
export const readClusterReport = (world: WorldState, server: ServerState, path: string): string => {
  const { cluster } = world;
  const isThere =
    cluster &&
    clusterNodeNamed(cluster, server.computerName) !== undefined &&
    creationReport(cluster.name).toLowerCase() === path.toLowerCase();
  if (!isThere) throw refuse('cluster.report.missing', { path });
  const { name, creationWarning } = cluster;
  const line = (level: 'info' | 'warn', text: string): string => `<div class="${level}">${text}</div>`;
  return [
    '<html lang="en-US" dir="LTR"><head><title>Create Cluster</title></head><body>',
    line('info', `Beginning to configure the cluster ${name}.`),
    line('info', `Configuring node ${cluster.nodes[0]?.name ?? server.computerName}.`),
    creationWarning === undefined ? '' : line('warn', `The cluster ${name} was created, but ${creationWarning}.`),
    line('info', 'The cluster was successfully created.'),
    '</body></html>',
  ].join('\r\n');
};
