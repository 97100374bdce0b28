import * as z from 'zod';
import { changeKinds, type ServerChange, type ServerChangeName } from '../../../../shared/changes/index.ts';
import type { ResumeCommand } from '../../../../shared/changes/kind.ts';
import { failure } from '../../../../shared/errors/failure.ts';
import type { Change } from '../change.ts';
import { Refusal } from '../refusal.ts';
import { changes, type PortMethod } from '../ports/method.ts';
import { clusterEffects, rolesEffects } from './cluster.ts';
import { diskEffects } from './disk.ts';
import type { Effect } from './effect.ts';
import { hostEffects } from './host.ts';
import { initiatorEffects, mpioEffects } from './initiator.ts';
import { machineEffects } from './machines.ts';
import { storageHostEffects } from './storage-host.ts';
import { nicEffects } from '../changes/nics.ts';

const effects: { readonly [Name in ServerChangeName]: Effect<Name> } = {
  ...hostEffects,
  ...nicEffects,
  ...initiatorEffects,
  ...mpioEffects,
  ...diskEffects,
  ...rolesEffects,
  ...clusterEffects,
  ...machineEffects,
  ...storageHostEffects,
};

const given = {
  secrets: z.record(z.string(), z.string()).default({}),
  resumeCommand: z
    .object({ program: z.string(), arguments: z.array(z.string()), line: z.string().optional() })
    .transform(({ line, ...rest }): ResumeCommand => (line === undefined ? rest : { ...rest, line }))
    .optional(),
};

/** Makes changes that a task carries, as Windows runs it: one that is refused does not keep the next from being made. */
export const makeGuarded = (change: Change, list: readonly ServerChange[]): void => {
  for (const one of list) {
    try {
      (effects[one.do] as Effect<ServerChangeName>)(change, one, {
        secret: (name) => {
          throw failure('PLAN_SECRET_MISSING', { name });
        },
        resumeCommand: { program: 'quorate', arguments: [] },
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
};

/** Every kind of change as a request that the world answers: the change as it is planned, and the secrets that it names. */
export const changeMethods: ReadonlyMap<string, PortMethod> = new Map(
  Object.entries(effects).map(([name, effect]) => [
    name,
    changes(
      z.object({ change: changeKinds[name as ServerChangeName].schema, ...given }),
      (change, { change: input, secrets, resumeCommand = { program: 'quorate', arguments: [] } }) =>
        (effect as Effect<ServerChangeName>)(change, input as never, {
          secret: (secretName) => {
            const secret = secrets[secretName];
            if (secret === undefined) throw failure('PLAN_SECRET_MISSING', { name: secretName });
            return secret;
          },
          resumeCommand,
        }),
    ),
  ]),
);
