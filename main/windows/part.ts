import * as z from 'zod';
import type { Unread } from '../../shared/model/observed.ts';
import { mapScriptError, type ErrorRow } from '../powershell/runner/error-table.ts';
import { scriptErrorSchema, type ScriptError } from '../powershell/runner/wire.ts';

/** What a script's Read-Part sends: a value, or why there is none. */
export type Part<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: ScriptError };

export const partOf = <Schema extends z.ZodType>(data: Schema) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), data }),
    z.object({ ok: z.literal(false), error: scriptErrorSchema }),
  ]);

/** The feature, as Get-WindowsFeature names it, that brings the commands of a family. */
const moduleNames = {
  CLUSTER_FEATURE_MISSING: 'RSAT-Clustering-PowerShell',
  HYPERV_MISSING: 'Hyper-V-PowerShell',
  MPIO_NOT_INSTALLED: 'Multipath-IO',
  STORAGE_HOST_ROLE_MISSING: 'FS-iSCSITarget-Server',
} as const;

const reasonFor = (error: ScriptError, rows: readonly ErrorRow[]): string => {
  const failure = mapScriptError(error, rows, { script: '', path: '', changes: 'nothing', input: {} });
  switch (failure.code) {
    case 'POWERSHELL_COMMAND_MISSING':
    case 'POWERSHELL_MODULE_MISSING':
      // The name of what is missing says more than the code.
      return error.at.target ?? failure.code;
    case 'CLUSTER_FEATURE_MISSING':
    case 'HYPERV_MISSING':
    case 'MPIO_NOT_INSTALLED':
    case 'STORAGE_HOST_ROLE_MISSING':
      return `${error.at.target ?? 'a command'} is missing; install ${moduleNames[failure.code]}`;
    case 'POWERSHELL_ERROR_UNKNOWN':
      return error.id.split(',', 1)[0] ?? error.id;
    default:
      return failure.code;
  }
};

/** Collects what could not be read: the value or null, and a line in `unread`. */
export class Gathering {
  readonly unread: Unread[] = [];
  readonly #rows: readonly ErrorRow[];

  constructor(rows: readonly ErrorRow[] = []) {
    this.#rows = rows;
  }

  read<Data>(property: string, part: Part<Data>): Data | null {
    if (part.ok) return part.data;
    this.note(property, reasonFor(part.error, this.#rows));
    return null;
  }

  note(property: string, because: string): null {
    if (!this.unread.some((entry) => entry.property === property)) this.unread.push({ property, because });
    return null;
  }
}
