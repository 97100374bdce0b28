import type { HostDesireInput } from '../../../shared/plan/host/desire.ts';

/** A change that was put together in a form: what is wanted, and the secrets for it, which only live here. */
export interface ServerChange {
  readonly title: string;
  readonly desire: HostDesireInput;
  readonly secrets: Readonly<Record<string, string>>;
}
