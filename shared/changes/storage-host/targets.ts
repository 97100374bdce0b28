import * as z from 'zod';
import { initiatorNameSchema } from '../../model/initiator-name.ts';
import { isSameSet } from '../../model/names.ts';
import { admittedNames, storageTargetNamed, type StorageTarget } from '../../model/storage-host.ts';
import type { StorageHostObserved } from '../../plan/observed.ts';
import { judge, no, noTrace, yes, type Done } from '../done.ts';
import type { ChangeKind, NamedChange } from '../kind.ts';
import {
  judgeStorageHost,
  refuseWhileConnected,
  refuseWithoutRole,
  storageHostLock,
  storageHostTool,
  targetNameSchema,
} from './storage-host.ts';

export const judgeTarget = (
  observed: StorageHostObserved,
  name: string,
  judgeIt: (target: StorageTarget) => Done,
): Done =>
  judgeStorageHost(observed, () => {
    const target = storageTargetNamed(observed.state, name);
    return target ? judgeIt(target) : no(`there is no target ${name}`);
  });

const createSchema = z.object({
  do: z.literal('storageHost.createTarget'),
  name: targetNameSchema,
  initiators: z.array(initiatorNameSchema).min(1).max(64),
});

const judgeAdmission = (target: StorageTarget, initiators: readonly string[]): Done => {
  const admitted = admittedNames(target);
  const found = target.initiators.map(({ method, value }) => (method === 'iqn' ? value : `${method}:${value}`));
  return judge(
    admitted !== null && isSameSet(admitted, initiators),
    `${target.name} admits ${found.join(', ') || 'nobody'}`,
  );
};

/** New-IscsiServerTarget with exactly the initiator names of the nodes. Throws `STORAGE_HOST_TARGET_FAILED`. */
export const createStorageTarget: ChangeKind<typeof createSchema, 'storageHost'> = {
  schema: createSchema,
  area: 'storageHost',
  script: 'New-StorageHostTarget',
  subject: ({ name }) => [name],
  locks: storageHostLock,
  words: ({ name, initiators }, { node }) => ({
    title: `Create the target ${name} on ${node}`,
    why: `No target has this name. It admits only ${initiators.join(' and ')}: any other server that writes to a disk of a cluster would destroy it.`,
    manual: `${storageHostTool}: Tasks, New iSCSI Target; add each initiator by its IQN.`,
  }),
  refusal: ({ name }, observed) => {
    const found = storageTargetNamed(observed.state, name);
    const initiators = found?.initiators.map(({ value }) => value).join(', ') || 'nobody';
    return (
      refuseWithoutRole(observed) ??
      (found ? { code: 'STORAGE_HOST_TARGET_EXISTS', detail: { name: found.name, initiators } } : null)
    );
  },
  undo: ({ name }) => ({ text: 'Removes the target.', changes: [{ do: 'storageHost.removeTarget', name }] }),
  done: ({ name, initiators }, observed) => judgeTarget(observed, name, (target) => judgeAdmission(target, initiators)),
};

const admitSchema = z.object({
  do: z.literal('storageHost.setInitiators'),
  name: targetNameSchema,
  initiators: z.array(initiatorNameSchema).max(64),
});

/** Set-IscsiServerTarget -InitiatorIds: the whole list, so that nobody stays in it by chance. Throws `STORAGE_HOST_TARGET_NOT_FOUND`, `STORAGE_HOST_TARGET_FAILED`. */
export const setInitiators: ChangeKind<typeof admitSchema, 'storageHost'> = {
  schema: admitSchema,
  area: 'storageHost',
  script: 'Set-StorageHostInitiator',
  subject: ({ name }) => [name],
  locks: storageHostLock,
  words: ({ name, initiators }, { state }) => {
    const before = storageTargetNamed(state, name)?.initiators.map(({ value }) => value) ?? [];
    return {
      title: `Let ${initiators.join(', ') || 'nobody'} log on to ${name}`,
      why: `It admits ${before.join(', ') || 'nobody'}. Initiators that are not named can no longer log on.`,
      manual: `${storageHostTool}: the target, Properties, Initiators.`,
    };
  },
  refusal: ({ name, initiators }, observed) => {
    const without = refuseWithoutRole(observed);
    if (without) return without;
    const target = storageTargetNamed(observed.state, name);
    if (!target) return null;
    const lost = target.connected.filter((one) => !initiators.some((kept) => kept.toLowerCase() === one.toLowerCase()));
    return lost.length > 0 ? refuseWhileConnected([{ ...target, connected: lost }]) : null;
  },
  undo: ({ name }, { state }) => {
    const target = storageTargetNamed(state, name);
    const before = target && admittedNames(target);
    return before
      ? { text: 'Sets them back.', changes: [{ do: 'storageHost.setInitiators', name, initiators: [...before] }] }
      : null;
  },
  done: ({ name, initiators }, observed) => judgeTarget(observed, name, (target) => judgeAdmission(target, initiators)),
};

const chapSchema = z.object({
  do: z.literal('storageHost.setChap'),
  name: targetNameSchema,
  /** Null: no CHAP. */
  chap: z.object({ userName: z.string().min(1).max(255), secretName: z.string() }).nullable(),
  /** What the target proves itself with to the initiators (mutual CHAP); null: it does not. */
  reverse: z
    .object({ userName: z.string().min(1).max(255), secretName: z.string() })
    .nullable()
    .default(null),
  /** The secrets are set where the names are the same already, too: Windows does not tell whether they differ. */
  renews: z.boolean().optional(),
});

/**
 * Set-IscsiServerTarget -Chap, -ReverseChap. The name is what can be read back; the secret never is. Throws `STORAGE_HOST_SECRET_LENGTH`,
 * `STORAGE_HOST_TARGET_NOT_FOUND`, `STORAGE_HOST_TARGET_FAILED`.
 */
export const setTargetChap: ChangeKind<typeof chapSchema, 'storageHost'> = {
  schema: chapSchema,
  area: 'storageHost',
  script: 'Set-StorageHostChap',
  parameters: ({ name, chap, reverse }, { secret }) => ({
    name,
    chapUserName: chap?.userName ?? '',
    chapSecret: chap ? secret(chap.secretName) : null,
    reverseUserName: reverse?.userName ?? '',
    reverseSecret: reverse ? secret(reverse.secretName) : null,
  }),
  secrets: ({ chap, reverse }) => [chap, reverse].flatMap((one) => (one ? [one.secretName] : [])),
  subject: ({ name }) => [name],
  locks: storageHostLock,
  words: ({ name, chap, reverse }) => ({
    title: chap ? `Require CHAP at the target ${name}` : `Stop requiring CHAP at the target ${name}`,
    why: chap
      ? `Initiators log on with the CHAP user ${chap.userName}${reverse ? `, and the target proves itself as ${reverse.userName}` : ''}. Sessions that are connected now stay connected.`
      : 'Initiators then need no secret: only the list of initiators decides who may log on.',
    manual: `${storageHostTool}: the target, Properties, Authentication.`,
  }),
  refusal: (_change, observed) => refuseWithoutRole(observed),
  undo: ({ name }, { state }) => {
    // A secret that was there cannot be read, so that nothing could set it back.
    const target = storageTargetNamed(state, name);
    return target && target.chap === null && target.reverseChap === null
      ? {
          text: 'Stops requiring CHAP, as before.',
          changes: [{ do: 'storageHost.setChap', name, chap: null, reverse: null }],
        }
      : null;
  },
  done: ({ name, chap, reverse, renews }, observed) =>
    judgeTarget(observed, name, (target) => {
      const isNamed =
        (target.chap?.userName ?? null) === (chap?.userName ?? null) &&
        (target.reverseChap?.userName ?? null) === (reverse?.userName ?? null);
      const found = target.chap
        ? `${target.name} requires CHAP with the user ${target.chap.userName}`
        : `${target.name} requires no CHAP`;
      const text = `${found}${target.reverseChap ? `, and proves itself as ${target.reverseChap.userName}` : ''}`;
      return isNamed && renews === true && chap
        ? noTrace(`${text}; its secret cannot be read back`)
        : judge(isNamed, text);
    }),
};

const removeSchema = z.object({ do: z.literal('storageHost.removeTarget'), name: targetNameSchema });

/** What a target is made again by; null where a secret would be missing. */
const rebuild = (target: StorageTarget): NamedChange[] | null => {
  const initiators = admittedNames(target);
  if (!initiators || initiators.length === 0 || target.chap || target.reverseChap) return null;
  return [
    { do: 'storageHost.createTarget', name: target.name, initiators: [...initiators] },
    ...target.mappings.map(({ lun, path }) => ({ do: 'storageHost.mapDisk', name: target.name, path, lun })),
  ];
};

/** Remove-IscsiServerTarget. Its virtual disks stay. Throws `STORAGE_HOST_CONNECTED`, `STORAGE_HOST_TARGET_FAILED`. */
export const removeStorageTarget: ChangeKind<typeof removeSchema, 'storageHost'> = {
  schema: removeSchema,
  area: 'storageHost',
  script: 'Remove-StorageHostTarget',
  subject: ({ name }) => [name],
  locks: storageHostLock,
  words: ({ name }, { state }) => {
    const target = storageTargetNamed(state, name);
    return {
      title: `Remove the target ${name}`,
      why: `It shows ${target?.mappings.map(({ lun, path }) => `${path} as LUN ${lun}`).join(', ') || 'no disk'}. The virtual disks stay.`,
      manual: `${storageHostTool}: the target, Remove Target.`,
    };
  },
  refusal: ({ name }, observed) => {
    const target = storageTargetNamed(observed.state, name);
    return refuseWithoutRole(observed) ?? (target ? refuseWhileConnected([target]) : null);
  },
  confirmation: ({ name }, { state }) => {
    const target = storageTargetNamed(state, name);
    const shown = target?.mappings.map(({ path }) => path).join(', ') || 'no disk';
    return {
      subject: name,
      text: `Remove the target ${name}? ${target?.initiators.map(({ value }) => value).join(', ') || 'Nobody'} can no longer reach ${shown}.${target?.chap ? ' Its CHAP secret is lost.' : ''}`,
    };
  },
  undo: ({ name }, { state }) => {
    const target = storageTargetNamed(state, name);
    const changes = target && rebuild(target);
    return changes ? { text: 'Creates it again, with its disks and initiators.', changes } : null;
  },
  done: ({ name }, observed) =>
    judgeStorageHost(
      observed,
      () => {
        const target = storageTargetNamed(observed.state, name);
        return target ? no(`${target.name} is there`) : yes(`there is no target ${name}`);
      },
      yes,
    ),
};
