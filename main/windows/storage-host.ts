import * as z from 'zod';
import {
  initiatorIdMethods,
  storageHostStateSchema,
  virtualDiskKinds,
  type StorageHostState,
} from '../../shared/model/storage-host.ts';
import type { StorageHostPort } from '../ports/storage-host-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { nameOr } from './names.ts';
import { Gathering, partOf, type Part } from './part.ts';
import { isSameName } from '../../shared/model/names.ts';

const list = <Schema extends z.ZodType>(schema: Schema) => partOf(z.array(schema)).nullable();

const answerSchema = z.object({
  service: storageHostStateSchema.shape.service,
  portals: list(z.object({ address: z.string(), port: z.number(), isEnabled: z.boolean() })),
  disks: list(
    z.object({
      path: z.string(),
      size: z.string(),
      kind: nameOr(virtualDiskKinds, 'other'),
      isEnabled: z.boolean().nullable(),
      description: z.string(),
      serialNumber: z.string().nullable(),
    }),
  ),
  targets: list(
    z.object({
      name: z.string(),
      iqn: z.string(),
      isEnabled: z.boolean().nullable(),
      isConnected: z.boolean(),
      /** `METHOD:VALUE`. */
      initiators: z.array(z.string()),
      chapUserName: z.string().nullable(),
      reverseChapUserName: z.string().nullable(),
      mappings: z.array(z.object({ lun: z.number(), path: z.string() })),
      sessions: z.array(z.string()),
    }),
  ),
  volumes: list(
    z.object({ letter: z.string(), label: z.string(), fileSystem: z.string(), size: z.string(), free: z.string() }),
  ),
  files: list(z.object({ path: z.string(), size: z.string() })),
});

const methodOf = nameOr(initiatorIdMethods, 'other');

const toInitiator = (text: string): StorageHostState['targets'][number]['initiators'][number] => {
  const colon = text.indexOf(':');
  return { method: methodOf.parse(text.slice(0, colon)), value: text.slice(colon + 1) };
};

const toState = (answer: z.output<typeof answerSchema>): StorageHostState => {
  const gathering = new Gathering();
  const read = <T>(name: string, part: Part<T[]> | null): readonly T[] =>
    part ? (gathering.read(name, part) ?? []) : [];
  const disks = read('disks', answer.disks);
  return {
    service: answer.service,
    portals: [...read('portals', answer.portals)],
    disks: disks.map(({ size, ...disk }) => ({ ...disk, sizeBytes: size })),
    targets: read('targets', answer.targets).map(
      ({ initiators, chapUserName, reverseChapUserName, sessions, isConnected, ...target }) => ({
        ...target,
        initiators: initiators.map(toInitiator),
        chap: chapUserName === null ? null : { userName: chapUserName },
        reverseChap: reverseChapUserName === null ? null : { userName: reverseChapUserName },
        // A session that does not tell its initiator is one all the same.
        connected: sessions.length === 0 && isConnected ? ['an initiator that is not named'] : sessions,
      }),
    ),
    volumes: read('volumes', answer.volumes).map(({ size, free, ...volume }) => ({
      ...volume,
      sizeBytes: size,
      freeBytes: free,
    })),
    files: read('files', answer.files)
      .filter(({ path }) => !disks.some((disk) => isSameName(disk.path, path)))
      .map(({ path, size }) => ({ path, sizeBytes: size })),
    unread: gathering.unread,
  };
};

/** The port of iSCSI Target Server over scripts. */
export const createStorageHostPort = (runner: Runner): StorageHostPort => ({
  async readState(options) {
    const call = { script: 'Get-StorageHostState', input: {}, timeoutMs: 180_000 };
    return toState(await readWith(runner, call, answerSchema, { call: options, errors: [] }));
  },
});
