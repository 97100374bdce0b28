import type { StorageDesireInput } from '../../../shared/plan/disk/desire.ts';
import type { initiatorDesireSchema } from '../../../shared/plan/initiator/desire.ts';
import type * as z from 'zod';
import { call, envelopeOf } from '../../api/core.ts';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';

export type InitiatorDesireInput = z.input<typeof initiatorDesireSchema>;

/** A change that was put together in a form. Secrets live here and in the call, nowhere else. */
export type StorageChange =
  | {
      readonly kind: 'initiator';
      readonly title: string;
      readonly desire: InitiatorDesireInput;
      readonly secrets: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'disk'; readonly title: string; readonly desire: StorageDesireInput };

export const callsOf = (host: string, change: StorageChange, onChanged: () => void): PlanCalls =>
  change.kind === 'initiator'
    ? {
        plan: (answers) =>
          call('initiator.plan', { server: host, desire: change.desire, answers, secrets: { ...change.secrets } }),
        apply: (plan, answers, onProgress) =>
          call(
            'initiator.apply',
            { server: host, desire: change.desire, plan, answers, secrets: { ...change.secrets } },
            { onProgress },
          ),
        envelopeOf,
        onChanged,
      }
    : {
        plan: (answers) => call('disk.plan', { server: host, desire: change.desire, answers }),
        apply: (plan, answers, onProgress) =>
          call('disk.apply', { server: host, desire: change.desire, plan, answers }, { onProgress }),
        envelopeOf,
        onChanged,
      };
