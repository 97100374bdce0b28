import { refuse } from './refusal.ts';
import type { ServerState } from './state.ts';

/** Where Windows writes what a creation went through. */
export const creationReport = (name: string): string =>
  `C:\\Windows\\cluster\\Reports\\Create Cluster Wizard ${name} on 2026.01.05 At 08.00.00.htm`;

/** Whether a server has a report. */
export const hasReport = ({ creation }: ServerState, path: string): boolean =>
  creation !== undefined && creationReport(creation.cluster).toLowerCase() === path.toLowerCase();

/** The text of a report on a server: that of the last creation. The layout is that of validation reports, the words are the model's own. */
export const readClusterReport = (server: ServerState, path: string): string => {
  const { creation } = server;
  if (!creation || !hasReport(server, path)) throw refuse('cluster.report.missing', { path });
  const { cluster, level, trouble } = creation;
  const line = (kind: typeof level, text: string): string => `<div class="${kind}">${text}</div>`;
  return [
    '<html lang="en-US" dir="LTR"><head><title>Create Cluster</title></head><body>',
    line('info', `Beginning to configure the cluster ${cluster}.`),
    line('info', `Configuring node ${server.computerName}.`),
    level === 'warn' ? line('warn', `The cluster ${cluster} was created, but ${trouble}.`) : '',
    level === 'error'
      ? line('error', `The cluster ${cluster} was not created: ${trouble}.`)
      : line('info', 'The cluster was successfully created.'),
    '</body></html>',
  ].join('\r\n');
};
