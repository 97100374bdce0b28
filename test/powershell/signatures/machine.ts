import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CmdletView, Parameter, ParameterSet, SetParameter } from './catalogue.ts';

/**
 * The second catalogue (catalogue/machine.json): the parameter sets that a real Windows of build 14393 printed, from another
 * source than Microsoft's pages. It knows the parameters of each set, which are mandatory and which go by position; it knows
 * neither aliases nor the default set nor what the pipeline binds, so nothing is said about those.
 */
export interface Machine {
  /** Null: this machine did not have the command. */
  view(name: string): CmdletView | null;
  readonly commands: readonly string[];
}

/** The build of that machine is the one of Windows Server 2016. */
export const machineOs = '2016';

const typeNames: Readonly<Record<string, string>> = {
  bool: 'Boolean',
  byte: 'Byte',
  char: 'Char',
  guid: 'Guid',
  int: 'Int32',
  int16: 'Int16',
  long: 'Int64',
  string: 'String',
  switch: 'SwitchParameter',
  uint16: 'UInt16',
  uint32: 'UInt32',
  uint64: 'UInt64',
};

interface Printed {
  readonly name: string;
  readonly parameter: Parameter;
  readonly mandatory: boolean;
  readonly positional: boolean;
}

/** `[[-Name] <type>]`, `[-Name <type>]`, `[-Name] <type>`, `-Name <type>`, each with `{a | b}` for a type, and switches. */
const parameterPattern = /(\[)?(\[)?-(\w+)(\])?(?: (?:<([^>]+)>|\{([^}]*)\}))?(\])?/g;

/** One set as Get-Command -Syntax prints it. Throws at text that it does not know. */
export const readPrintedSet = (text: string): Printed[] => {
  const rest = text.replace(parameterPattern, '').trim();
  if (rest !== '') throw new Error(`not a printed parameter set: ${rest}`);
  return [...text.matchAll(parameterPattern)].map(([, first, second, name, closed, type, choice]) => {
    const plain = type?.replace(/\[\]$/, '');
    const list = type?.endsWith('[]') ? '[]' : '';
    const accepted = choice?.split('|').map((one) => one.trim());
    return {
      name: name!,
      parameter: {
        type:
          choice !== undefined
            ? 'String'
            : plain === undefined
              ? 'SwitchParameter'
              : (typeNames[plain] ?? plain) + list,
        ...(accepted ? { accepted } : {}),
      },
      // A bracket that closes right after the name is about the name alone: the value may go by position.
      positional: closed !== undefined && type !== undefined,
      mandatory: first === undefined || (second === undefined && closed !== undefined && type !== undefined),
    };
  });
};

const toSet = (printed: readonly Printed[], index: number): ParameterSet => ({
  name: `${index + 1} of the machine`,
  // Which one is the default is not printed, so no call is called ambiguous.
  default: true,
  parameters: Object.fromEntries(
    printed.map(({ name, mandatory, positional }, at): [string, SetParameter] => [
      name,
      {
        pipeline: ['not printed'],
        ...(mandatory ? { mandatory: true as const } : {}),
        ...(positional ? { position: at } : {}),
      },
    ]),
  ),
});

export const loadMachine = (): Machine => {
  const { commands } = JSON.parse(readFileSync(join(import.meta.dirname, '../catalogue/machine.json'), 'utf8')) as {
    commands: Record<string, { readonly sets: readonly string[] }>;
  };
  const views = new Map(
    Object.entries(commands).map(([name, { sets }]): [string, CmdletView] => {
      const printed = sets.map(readPrintedSet);
      const parameters = Object.fromEntries(printed.flat().map((one) => [one.name, one.parameter]));
      return [name.toLowerCase(), { name, parameters, parameterSets: printed.map(toSet), liveOnly: new Set() }];
    }),
  );
  return { view: (name) => views.get(name.toLowerCase()) ?? null, commands: Object.keys(commands) };
};
