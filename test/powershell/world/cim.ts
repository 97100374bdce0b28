import type { Change } from '../../../main/rehearsal/world/change.ts';
import { NotModelled } from '../../../main/rehearsal/world/refusal.ts';
import type { ServerState, WorldState } from '../../../main/rehearsal/world/state.ts';
import { cimProperties } from './cim-properties.ts';

/** What a simulated cmdlet returns: an object, or a plain text, number or truth value. */
export type CimValue = CimObject | Warning | string | number | boolean;

/** A line of the warning stream, beside what a cmdlet returns. */
interface Warning {
  readonly $warning: string;
}
export const warning = (text: string): Warning => ({ $warning: text });

/** An object that a simulated cmdlet returns. */
export interface CimObject {
  readonly $type: string;
  /** True property names; numbers where the CIM class has numbers. */
  readonly props: Readonly<Record<string, unknown>>;
  /** What the module's type file shows instead of the number, for the properties that it replaces. */
  readonly shown?: Readonly<Record<string, unknown>>;
  /** Properties that take effect when they are set: each is asked for as `of.name`, with the key. */
  readonly settable?: { readonly of: string; readonly key: string; readonly names: readonly string[] };
}

/** An instance of a CIM class: every property of the class is there, null when the model does not set it. */
export const cim = (
  namespace: string,
  className: string,
  values: Readonly<Record<string, unknown>>,
  shown?: Readonly<Record<string, unknown>>,
): CimObject => ({
  $type: `Microsoft.Management.Infrastructure.CimInstance#${namespace}/${className}`,
  props: {
    ...Object.fromEntries((cimProperties[className] ?? '').split(' ').flatMap((name) => (name ? [[name, null]] : []))),
    ...values,
  },
  ...(shown ? { shown } : {}),
});

/** An object of a .NET type. */
export const net = (type: string, props: Readonly<Record<string, unknown>>): CimObject => ({ $type: type, props });

/** A string, number or boolean as text; null for anything else. */
export const scalar = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;

/** `*` and `?` as PowerShell's wildcards, case-insensitive. */
export const matches = (pattern: string, text: string): boolean => {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 'i').test(text);
};

export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/** The parameters of one call, by name without regard to case. */
export class Parameters {
  readonly #values = new Map<string, unknown>();
  readonly cmdlet: string;

  constructor(cmdlet: string, known: readonly string[], given: Readonly<Record<string, unknown>>) {
    this.cmdlet = cmdlet;
    const allowed = new Set([...known, ...common].map((name) => name.toLowerCase()));
    for (const [name, value] of Object.entries(given)) {
      if (!allowed.has(name.toLowerCase())) throw new NotModelled(`${cmdlet} -${name}`);
      if (value !== null && value !== undefined) this.#values.set(name.toLowerCase(), value);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Names in lower case that were given and are not common parameters. */
  get given(): string[] {
    const plain = new Set(common.map((name) => name.toLowerCase()));
    return [...this.#values.keys()].filter((name) => !plain.has(name));
  }

  list(name: string): unknown[] {
    const value = this.#values.get(name.toLowerCase());
    if (value === undefined) return [];
    return Array.isArray(value) ? (value as unknown[]) : [value];
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      const text = scalar(value);
      if (text === null) throw new NotModelled(`${this.cmdlet} -${name} with ${typeof value}`);
      return text;
    });
  }

  text(name: string): string | null {
    return this.texts(name)[0] ?? null;
  }

  number(name: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = Number(text);
    if (Number.isNaN(value)) throw new NotModelled(`${this.cmdlet} -${name} ${text}`);
    return value;
  }

  boolean(name: string): boolean | null {
    const text = this.text(name);
    if (text === null) return null;
    return ['true', '1', '$true'].includes(text.toLowerCase());
  }

  /** The properties of the objects that were passed in. */
  objects(name: string): Readonly<Record<string, unknown>>[] {
    return this.list(name).map((value) => {
      if (value === null || typeof value !== 'object')
        throw new NotModelled(`${this.cmdlet} -${name} without an object`);
      const { props } = value as { props?: Record<string, unknown> };
      return props ?? (value as Record<string, unknown>);
    });
  }
}

/** Parameters that every cmdlet has and that the model leaves to the simulated module. */
const common = [
  'AsJob',
  'CimSession',
  'ThrottleLimit',
  'Confirm',
  'WhatIf',
  'PassThru',
  'Force',
  'Verbose',
  'Debug',
  'ErrorAction',
  'WarningAction',
  'InformationAction',
  'ErrorVariable',
  'WarningVariable',
  'InformationVariable',
  'OutVariable',
  'OutBuffer',
  'PipelineVariable',
  'IncludeHidden',
  'IncludeAllCompartments',
];

export interface Look {
  readonly world: WorldState;
  readonly server: ServerState;
  readonly used: Set<string>;
  readonly nowMs: number;
}

interface Common {
  readonly name: string;
  readonly parameters: (given: Readonly<Record<string, unknown>>) => Parameters;
}

export type Cmdlet = Common &
  (
    | { readonly kind: 'read'; readonly run: (look: Look, parameters: Parameters) => readonly CimValue[] }
    | { readonly kind: 'change'; readonly run: (change: Change, parameters: Parameters) => readonly CimValue[] }
  );

const known = (name: string, parameters: string): Common => ({
  name,
  parameters: (given) => new Parameters(name, parameters.split(' ').filter(Boolean), given),
});

/** A cmdlet that reads. `parameters` are the modelled ones, separated by spaces. */
export const reader = (
  name: string,
  parameters: string,
  run: (look: Look, parameters: Parameters) => readonly CimValue[],
): Cmdlet => ({ ...known(name, parameters), kind: 'read', run });

/** A cmdlet that changes. What it returns is returned whether or not -PassThru was given: the module decides. */
export const changer = (
  name: string,
  parameters: string,
  run: (change: Change, parameters: Parameters) => readonly CimValue[] | void,
): Cmdlet => ({
  ...known(name, parameters),
  kind: 'change',
  run: (change, given) => run(change, given) ?? [],
});

/** A CIM datetime on the wire: ISO 8601, which the simulated module turns into a date. */
export const dateTime = (ms: number): string => new Date(ms).toISOString();

/** A value of a .NET enumeration: its text is the name, its number the value. */
export const enumeration = (type: string, name: string, value: number) => ({ $enum: type, name, value });
