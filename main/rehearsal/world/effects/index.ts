import * as z from 'zod';
import { changeKinds, type ChangeName } from '../../../../shared/changes/index.ts';
import { failure } from '../../../../shared/errors/failure.ts';
import { changes, type PortMethod } from '../ports/method.ts';
import type { Effect } from './effect.ts';
import { nicEffects } from './nic.ts';

const effects: { readonly [Name in ChangeName]: Effect<Name> } = { ...nicEffects };

/** Every kind of change as a request that the world answers: the change as it is planned, and the secrets that it names. */
export const changeMethods: ReadonlyMap<string, PortMethod> = new Map(
  Object.entries(effects).map(([name, effect]) => [
    name,
    changes(
      z.object({
        change: changeKinds[name as ChangeName].schema,
        secrets: z.record(z.string(), z.string()).default({}),
      }),
      (change, input) =>
        (effect as Effect<ChangeName>)(change, input.change as never, (secretName) => {
          const secret = input.secrets[secretName];
          if (secret === undefined) throw failure('PLAN_SECRET_MISSING', { name: secretName });
          return secret;
        }),
    ),
  ]),
);
