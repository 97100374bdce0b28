import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import { nicRoleSchema } from '../../shared/model/nic.ts';
import { iscsiPathSchema, type IscsiPath } from '../../shared/model/windows-iscsi.ts';
import { isSamePath } from '../../shared/plan/initiator/paths.ts';
import type { RememberedRole } from '../../shared/plan/nic/roles.ts';
import { readFileIfThere, replaceFile } from '../system/durable-file.ts';

const settingsSchema = z.object({
  version: z.literal(1),
  host: z.string(),
  roles: z.array(z.object({ interfaceGuid: z.string(), permanentAddress: z.string().nullable(), role: nicRoleSchema })),
  paths: z.array(iscsiPathSchema),
});
type Settings = z.output<typeof settingsSchema>;

/** What Quorate itself keeps about a server, because Windows has no place for it: roles of NICs and wanted paths. */
export class ServerSettings {
  readonly #path: string;
  readonly #host: string;

  constructor(dataFolder: string, host: string) {
    this.#host = host;
    const plain = host.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
    const digest = createHash('sha256').update(host.toLowerCase()).digest('hex').slice(0, 8);
    this.#path = join(dataFolder, 'servers', `${plain}-${digest}.json`);
  }

  /** Throws SETTINGS_DAMAGED: a damaged file never counts as "nothing was set". */
  read(): Pick<Settings, 'roles' | 'paths'> {
    const text = readFileIfThere(this.#path);
    if (text === null) return { roles: [], paths: [] };
    try {
      return settingsSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  setRole(nic: Pick<RememberedRole, 'interfaceGuid' | 'permanentAddress'>, role: RememberedRole['role'] | null): void {
    const { roles, paths } = this.read();
    const others = roles.filter(
      (entry) =>
        entry.interfaceGuid !== nic.interfaceGuid &&
        (nic.permanentAddress === null || entry.permanentAddress !== nic.permanentAddress),
    );
    this.#write({
      roles:
        role === null
          ? others
          : [...others, { interfaceGuid: nic.interfaceGuid, permanentAddress: nic.permanentAddress, role }],
      paths,
    });
  }

  setPathWanted(path: IscsiPath, isWanted: boolean): void {
    const { roles, paths } = this.read();
    const others = paths.filter((entry) => !isSamePath(entry, path));
    this.#write({ roles, paths: isWanted ? [...others, path] : others });
  }

  #write(settings: Pick<Settings, 'roles' | 'paths'>): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    replaceFile(this.#path, `${JSON.stringify({ version: 1, host: this.#host, ...settings }, null, 2)}\n`);
  }
}
