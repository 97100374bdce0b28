import type { Behaviour, WindowsError } from './behaviour.ts';
import { behaviours, type BehaviourId } from './behaviours/index.ts';

/** Windows says no, in a way that the table of behaviours lists. */
export class Refusal extends Error {
  /** The row of the table of behaviours, by its id. */
  readonly behaviourId: string;
  readonly behaviour: Behaviour;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
  /** True when what was changed before the refusal stays changed. */
  readonly keepsChanges: boolean;

  constructor(behaviourId: string, behaviour: Behaviour, detail: Refusal['detail'], keepsChanges = false) {
    super(behaviourId);
    this.name = 'Refusal';
    this.behaviourId = behaviourId;
    this.behaviour = behaviour;
    this.detail = detail;
    this.keepsChanges = keepsChanges;
  }

  /** The error record's fields for a cmdlet. */
  get windowsError(): WindowsError {
    return this.behaviour.error ?? { id: 'Modelled', category: 'NotSpecified', message: this.behaviour.what };
  }
}

/** Makes a refusal of the table; `detail` fills the port's failure. */
export const refuse = (
  behaviourId: BehaviourId,
  detail: Refusal['detail'] = {},
  options: { readonly keepsChanges?: boolean } = {},
): Refusal => new Refusal(behaviourId, behaviours[behaviourId], detail, options.keepsChanges);

/** The call itself is wrong: a cmdlet, parameter or value that the model does not know. It throws loudly in tests. */
export class NotModelled extends Error {
  constructor(what: string) {
    super(`Not modelled: ${what}`);
    this.name = 'NotModelled';
  }
}

/** The server loses its power in the middle of a change; what was done so far stays. */
export class PowerLost extends Error {
  constructor() {
    super('power lost');
    this.name = 'PowerLost';
  }
}
