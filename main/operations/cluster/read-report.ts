import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../../shared/contract/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { replaceFile } from '../../system/durable-file.ts';
import { viewOf } from '../host/read-host.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import { readReportLines } from './validation-html.ts';

/** Reads a report that Windows wrote of a change of the cluster, and keeps a copy of it in the data folder. */
export const readReport = async (
  server: Server,
  path: string,
  dataFolder: string,
  signal?: AbortSignal,
): Promise<Output<'cluster.readReport'>> => {
  const [node, html] = await Promise.all([
    readNode(server, signal),
    server.ports.cluster.readReport(path, signal ? { signal } : {}),
  ]);
  const report = readReportLines(html);
  if (report.lines.length === 0) throw failure('VALIDATION_REPORT_NOT_RECOGNISED', { path });
  const folder = join(dataFolder, 'cluster-reports');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `${node} ${path.slice(path.lastIndexOf('\\') + 1)}`.replace(/[^\p{L}\p{N} ._-]/gu, '_');
  const kept = join(folder, name);
  replaceFile(kept, Buffer.from(html, 'utf8'));
  return { server: viewOf(server, node), path, kept, ...report };
};
