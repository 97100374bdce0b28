import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import { purposes as allPurposes, type Purpose } from '../../shared/model/qualification.ts';
import { nicRoleSchema } from '../../shared/model/nic.ts';
import { iscsiPathSchema, type IscsiPath } from '../../shared/model/windows-iscsi.ts';
import { isSamePath } from '../../shared/plan/initiator/paths.ts';
import type { RememberedRole } from '../../shared/plan/nic/roles.ts';
import { reasonOfParsing } from '../../shared/model/issue-words.ts';
import { keepJson, readFileIfThere } from '../system/durable-file.ts';
import type { Durability } from './journal-file.ts';

const settingsSchema = z.object({
  version: z.literal(1),
  host: z.string(),
  roles: z.array(z.object({ interfaceGuid: z.string(), permanentAddress: z.string().nullable(), role: nicRoleSchema })),
  paths: z.array(iscsiPathSchema),
  /** What logical units are for, by what they are known by; earlier versions kept that in the page. */
  purposes: z.record(z.string(), z.enum(allPurposes)).default({}),
});
type Settings = z.output<typeof settingsSchema>;

/** More units than anybody looks at from one server; the oldest go first. */
const mostPurposes = 200;

/** What Quorate itself keeps about a server, because Windows has no place for it: roles of NICs, wanted paths, purposes of units. */
export class ServerSettings {
  readonly #path: string;
  readonly #host: string;

  readonly #isFlushed: boolean;

  constructor(dataFolder: string, host: string, durability: Durability = 'power') {
    this.#host = host;
    this.#isFlushed = durability === 'power';
    const plain = host.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
    const digest = createHash('sha256').update(host.toLowerCase()).digest('hex').slice(0, 8);
    this.#path = join(dataFolder, 'servers', `${plain}-${digest}.json`);
  }

  /** Throws SETTINGS_DAMAGED: a damaged file never counts as "nothing was set". */
  read(): Pick<Settings, 'roles' | 'paths'> {
    const { roles, paths } = this.#read();
    return { roles, paths };
  }

  /** By what a unit is known by. Throws SETTINGS_DAMAGED. */
  purposes(): Settings['purposes'] {
    return this.#read().purposes;
  }

  setPurpose(unit: string, purpose: Purpose): void {
    const { [unit]: _before, ...others } = this.purposes();
    const newest = Object.entries({ ...others, [unit]: purpose }).slice(-mostPurposes);
    this.#write({ purposes: Object.fromEntries(newest) });
  }

  setRole(nic: Pick<RememberedRole, 'interfaceGuid' | 'permanentAddress'>, role: RememberedRole['role'] | null): void {
    const { roles } = this.#read();
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
    });
  }

  setPathWanted(path: IscsiPath, isWanted: boolean): void {
    const { paths } = this.#read();
    const others = paths.filter((entry) => !isSamePath(entry, path));
    this.#write({ paths: isWanted ? [...others, path] : others });
  }

  #read(): Omit<Settings, 'version' | 'host'> {
    const text = readFileIfThere(this.#path);
    if (text === null) return { roles: [], paths: [], purposes: {} };
    try {
      const { roles, paths, purposes } = settingsSchema.parse(JSON.parse(text));
      return { roles, paths, purposes };
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  #write(changed: Partial<Omit<Settings, 'version' | 'host'>>): void {
    const settings: Settings = { version: 1, host: this.#host, ...this.#read(), ...changed };
    keepJson(this.#path, settings, { isFlushed: this.#isFlushed });
  }
}
