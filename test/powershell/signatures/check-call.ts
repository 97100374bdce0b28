import type { CmdletView, Parameter, ParameterSet } from './catalogue.ts';
import type { Command, Syntax, Value } from './syntax.ts';

export interface Finding {
  readonly line: number;
  readonly rule: string;
  readonly text: string;
}

/** One bound argument: by name, or by position (name null). */
export interface Given {
  readonly name: string | null;
  readonly value: Value | null;
  /** Given only on some path through the script: a key that is set by a later statement. */
  readonly maybe: boolean;
}

const commonParameters: Readonly<Record<string, Parameter>> = Object.fromEntries([
  ...['Verbose', 'Debug'].map((name) => [name, { type: 'SwitchParameter' }]),
  ...['ErrorAction', 'WarningAction', 'InformationAction'].map((name) => [
    name,
    { type: 'ActionPreference', accepted: ['SilentlyContinue', 'Stop', 'Continue', 'Inquire', 'Ignore', 'Suspend'] },
  ]),
  ...['ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'PipelineVariable'].map((name) => [
    name,
    { type: 'String' },
  ]),
  ['OutBuffer', { type: 'Int32' }],
]) as Record<string, Parameter>;

/** A parameter's name as the command knows it: by name, alias or unambiguous start; only the first is full. */
const resolveName = (
  parameters: Readonly<Record<string, Parameter>>,
  written: string,
): { name: string; full: boolean } | 'unknown' | 'ambiguous' => {
  const wanted = written.toLowerCase();
  const names = Object.keys(parameters);
  const exact = names.find((name) => name.toLowerCase() === wanted);
  if (exact) return { name: exact, full: true };
  const alias = names.find((name) => parameters[name]!.aliases?.some((one) => one.toLowerCase() === wanted));
  if (alias) return { name: alias, full: false };
  const starts = names.filter(
    (name) =>
      name.toLowerCase().startsWith(wanted) ||
      parameters[name]!.aliases?.some((one) => one.toLowerCase().startsWith(wanted)),
  );
  return starts.length === 1 ? { name: starts[0]!, full: false } : starts.length === 0 ? 'unknown' : 'ambiguous';
};

const integerRanges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  Byte: [0n, 255n],
  SByte: [-128n, 127n],
  UInt16: [0n, 65_535n],
  Int16: [-32_768n, 32_767n],
  UInt32: [0n, 4_294_967_295n],
  Int32: [-2_147_483_648n, 2_147_483_647n],
  UInt64: [0n, 18_446_744_073_709_551_615n],
  Int64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

/** What is wrong with a literal for this parameter, or null. */
const judgeLiteral = (parameter: Parameter, value: Value): string | null => {
  if (value.kind === 'array') {
    if (
      !parameter.type.endsWith('[]') &&
      !['Object', 'PSObject', 'StringCollection', 'String'].includes(parameter.type)
    ) {
      return `takes one ${parameter.type}, not a list`;
    }
    for (const item of value.items ?? []) {
      const wrong = item ? judgeLiteral(parameter, item) : null;
      if (wrong) return wrong;
    }
    return null;
  }
  if ((value.kind !== 'constant' && value.kind !== 'number') || value.constant === null) return null;
  const type = parameter.type.replace(/\[\]$/, '');
  const text = value.constant;
  if (parameter.accepted) {
    if (type !== 'String' && /^-?\d+$/.test(text)) return null;
    const parts = type === 'String' ? [text] : text.split(',').map((part) => part.trim());
    const known = parameter.accepted.map((one) => one.toLowerCase());
    const wrong = parts.find((part) => !known.includes(part.replace(/^\$/, '').toLowerCase()));
    return wrong === undefined ? null : `does not accept ${wrong} (${parameter.accepted.join(', ')})`;
  }
  const range = integerRanges[type];
  if (range) {
    if (/^\$(true|false)$/i.test(text)) return `takes a ${type}, not ${text}`;
    if (!/^-?\d+$/.test(text))
      return /^-?\d+(\.\d+)?(e[-+]?\d+)?$|^0x|^\$null$/i.test(text) ? null : `takes a ${type}, not '${text}'`;
    const number = BigInt(text);
    return number < range[0] || number > range[1] ? `takes a ${type}; ${text} does not fit` : null;
  }
  if (type === 'Boolean' && !/^\$(true|false)$/i.test(text) && value.kind === 'constant')
    return `takes $true or $false, not '${text}'`;
  if (type === 'Guid' && !/^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i.test(text))
    return `takes a Guid, not '${text}'`;
  if (type === 'SwitchParameter' && !/^\$(true|false)$/i.test(text)) return `is a switch, not a place for ${text}`;
  return null;
};

/** The keys of a splatted variable as far as the script shows them; null when they cannot be known. */
export const splatKeys = (syntax: Syntax, variable: string): Given[] | null => {
  const same = (name: string) => name.toLowerCase() === variable.toLowerCase();
  const tables = syntax.tables.filter((one) => one.key === null && same(one.variable));
  if (
    variable.toLowerCase() === 'psboundparameters' ||
    tables.length === 0 ||
    tables.some((one) => one.value?.kind !== 'table')
  )
    return null;
  const given: Given[] = [];
  for (const table of tables) {
    for (const key of table.value!.keys ?? []) {
      if (!key.constant) return null;
      given.push({ name: key.name, value: key.value, maybe: tables.length > 1 });
    }
  }
  for (const one of syntax.tables) {
    if (one.key !== null && same(one.variable)) given.push({ name: one.key, value: one.value, maybe: true });
  }
  return given;
};

/** Sorts the arguments of a call: a value after a parameter that takes one is its value. */
const sortArguments = (
  command: Command,
  syntax: Syntax,
  parameters: Readonly<Record<string, Parameter>>,
  add: (rule: string, text: string) => void,
): Given[] => {
  const given: Given[] = [];
  for (let at = 0; at < command.arguments.length; at++) {
    const argument = command.arguments[at]!;
    if (argument.kind === 'splat') {
      const keys = splatKeys(syntax, argument.name!);
      if (keys) given.push(...keys);
      else add('splat', `@${argument.name} is not a table that the script itself writes, so its keys are not known`);
      continue;
    }
    if (argument.kind === 'value') {
      given.push({ name: null, value: argument.value, maybe: false });
      continue;
    }
    const found = resolveName(parameters, argument.name!);
    const type = typeof found === 'string' ? null : parameters[found.name]!.type;
    let value = argument.value;
    if (!argument.attached && type !== 'SwitchParameter') {
      const next = command.arguments[at + 1];
      if (next?.kind === 'value') {
        value = next.value;
        at++;
      } else if (type !== null) {
        add('argument', `-${argument.name} has no value`);
      }
    }
    given.push({ name: argument.name, value, maybe: false });
  }
  return given;
};

interface Trial {
  readonly set: ParameterSet;
  readonly missing: readonly string[];
}

/** Tries one parameter set with these arguments; null when an argument does not belong to it. */
const trySet = (set: ParameterSet, names: readonly string[], positional: number, fed: boolean): Trial | null => {
  if (names.some((name) => !(name in set.parameters))) return null;
  const free = Object.entries(set.parameters)
    .filter(([name, one]) => one.position !== undefined && !names.includes(name))
    .sort(([, left], [, right]) => left.position! - right.position!)
    .map(([name]) => name);
  if (positional > free.length) return null;
  const bound = new Set([...names, ...free.slice(0, positional)]);
  const missing = Object.entries(set.parameters)
    .filter(([name, one]) => one.mandatory && !bound.has(name) && !(fed && one.pipeline))
    .map(([name]) => name);
  return { set, missing };
};

const judgeSets = (view: CmdletView, names: readonly string[], positional: number, fed: boolean): string | null => {
  // A parameter that the page lists in no set is checked by its name alone.
  const inSets = names.filter((name) => view.parameterSets.some((set) => name in set.parameters));
  const trials = view.parameterSets
    .map((set) => trySet(set, inSets, positional, fed))
    .filter((trial) => trial !== null);
  if (trials.length === 0) {
    return positional > 0
      ? `no parameter set takes ${[...inSets.map((name) => `-${name}`), `${positional} by position`].join(', ')}`
      : `no parameter set takes ${inSets.map((name) => `-${name}`).join(' and ')} together`;
  }
  const complete = trials.filter((trial) => trial.missing.length === 0);
  if (complete.length === 0) {
    const nearest = [...trials].sort((left, right) => left.missing.length - right.missing.length)[0]!;
    return `-${nearest.missing.join(' and -')} is mandatory (parameter set ${nearest.set.name ?? 'only one'})`;
  }
  if (fed && !complete.some((trial) => Object.values(trial.set.parameters).some((one) => one.pipeline))) {
    return 'takes nothing from the pipeline';
  }
  if (complete.length === 1 || complete.some((trial) => trial.set.default)) return null;
  // A provider adds parameters to a set while the command runs: the pages show each as a set of its own ("LiteralPath - FileSystem provider").
  if (new Set(complete.map(({ set }) => set.name?.replace(/ - .*provider(?:s)?$/, ''))).size === 1) return null;
  // What the pipeline brings decides between sets that differ by it.
  if (fed) return null;
  // Sets without any mandatory parameter that differ only by what was not given: Windows takes the one that all share.
  return `the parameter set is ambiguous: ${complete.map((trial) => trial.set.name ?? '?').join(', ')}`;
};

/** Checks one call against a cmdlet. */
export const checkCall = (command: Command, syntax: Syntax, view: CmdletView): Finding[] => {
  const findings: Finding[] = [];
  const add = (rule: string, text: string): void => {
    findings.push({ line: command.line, rule, text: `${view.name}: ${text}` });
  };
  const parameters = { ...commonParameters, ...view.parameters };
  const given = sortArguments(command, syntax, parameters, add);
  const names: { name: string; maybe: boolean }[] = [];
  for (const one of given) {
    if (one.name === null) continue;
    const found = resolveName(parameters, one.name);
    if (found === 'unknown') {
      add('parameter', `there is no parameter -${one.name}`);
      continue;
    }
    if (found === 'ambiguous') {
      add('parameter', `-${one.name} fits several parameters`);
      continue;
    }
    if (!found.full) add('parameter', `-${one.name} is short for -${found.name}; write it in full`);
    if (names.some((known) => known.name === found.name && !known.maybe && !one.maybe))
      add('parameter', `-${found.name} is given twice`);
    if (found.name in view.parameters) names.push({ name: found.name, maybe: one.maybe });
    const wrong = one.value ? judgeLiteral(parameters[found.name]!, one.value) : null;
    if (wrong) add('value', `-${found.name} ${wrong}`);
  }
  if (findings.some((finding) => finding.rule === 'parameter' || finding.rule === 'splat')) return findings;
  const positional = given.filter((one) => one.name === null).length;
  const sure = [...new Set(names.filter((one) => !one.maybe).map((one) => one.name))];
  const every = [...new Set(names.map((one) => one.name))];
  const wrong = judgeSets(view, sure, positional, command.fed);
  const wrongWithAll = every.length > sure.length ? judgeSets(view, every, positional, command.fed) : null;
  // Keys that are set on some path only may be what makes the call whole; each alone must fit as well.
  if (wrong && (every.length === sure.length || wrongWithAll)) add('set', wrong);
  for (const one of names.filter((name) => name.maybe)) {
    const alone = judgeSets(view, [...new Set([...sure, one.name])], positional, command.fed);
    if (alone && wrongWithAll && !wrong) add('set', `with -${one.name}: ${alone}`);
  }
  return findings;
};
