import * as z from 'zod';
import type { Change } from '../change.ts';
import type { ServerState, WorldState } from '../state.ts';

/** What a reading method looks at. */
export interface Look {
  readonly world: WorldState;
  readonly server: ServerState;
  readonly used: Set<string>;
  readonly nowMs: number;
}

/** A port-shaped request: it reads, or it changes through the same transitions that the cmdlets use. */
export type PortMethod =
  | { readonly kind: 'read'; readonly input: z.ZodType; readonly run: (look: Look, input: never) => unknown }
  | { readonly kind: 'change'; readonly input: z.ZodType; readonly run: (change: Change, input: never) => unknown };

export const reads = <Input extends z.ZodType>(
  input: Input,
  run: (look: Look, input: z.output<Input>) => unknown,
): PortMethod => ({ kind: 'read', input, run: run });

export const changes = <Input extends z.ZodType>(
  input: Input,
  run: (change: Change, input: z.output<Input>) => unknown,
): PortMethod => ({ kind: 'change', input, run: run });

export const nothing = z.object({});
export const family = z.enum(['ipv4', 'ipv6']);
