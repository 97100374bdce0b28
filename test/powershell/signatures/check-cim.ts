import type { Catalogue, CimClass } from './catalogue.ts';
import { splatKeys, type Finding } from './check-call.ts';
import { ownMethods } from './own-list.ts';
import type { Command, Syntax, Value } from './syntax.ts';

/** CIM calls: class, namespace, properties and methods have to be known, and literal. */

const cimCommands = [
  'get-ciminstance',
  'invoke-cimmethod',
  'new-ciminstance',
  'set-ciminstance',
  'remove-ciminstance',
  'get-cimclass',
];

const sameNamespace = (left: string, right: string): boolean => {
  const plain = (text: string) => text.replaceAll('/', '\\').toLowerCase().replace(/^\\+/, '');
  return plain(left) === plain(right);
};

/** The properties that a WQL condition names. */
const wqlProperties = (condition: string): string[] =>
  [...condition.replace(/'[^']*'|"[^"]*"/g, "''").matchAll(/([A-Za-z_]\w*)\s*(?:=|<|>|!|\bLIKE\b|\bIS\b)/gi)]
    .map((match) => match[1]!)
    .filter((word) => !/^(and|or|not|where)$/i.test(word));

const readTable = (value: Value | null, syntax: Syntax): readonly string[] | null => {
  if (!value) return null;
  if (value.kind === 'table') return (value.keys ?? []).map((key) => key.name);
  if (value.kind !== 'variable') return null;
  const tables = syntax.tables.filter((one) => one.variable.toLowerCase() === value.variable!.toLowerCase());
  const first = tables.find((one) => one.key === null);
  if (first?.value?.kind !== 'table') return null;
  return [
    ...(first.value.keys ?? []).map((key) => key.name),
    ...tables.flatMap((one) => (one.key === null ? [] : [one.key])),
  ];
};

/** Class, namespace, properties and condition of one reading, all constants. */
interface Wanted {
  readonly className: string;
  readonly namespace: string | null;
  readonly properties: readonly string[];
  readonly conditions: readonly string[];
}

const judgeWanted = (wanted: Wanted, catalogue: Catalogue, add: (text: string) => void): void => {
  const known: CimClass | undefined = catalogue.classes.get(wanted.className.toLowerCase());
  if (!known) {
    add(`the class ${wanted.className} is not known; add it with its page to own-list.ts or run build/catalogue.mjs`);
    return;
  }
  const given = wanted.namespace ?? 'root\\cimv2';
  if (![known.namespace, ...(known.alsoIn ?? [])].some((one) => sameNamespace(given, one)))
    add(`${wanted.className} is in ${known.namespace}, not in ${given}`);
  const names = Object.keys(known.properties).map((name) => name.toLowerCase());
  for (const property of [...wanted.properties, ...wanted.conditions.flatMap(wqlProperties)]) {
    if (!names.includes(property.toLowerCase())) add(`${wanted.className} has no property ${property}`);
  }
};

const constants = (value: Value | null): string[] =>
  value?.kind === 'array'
    ? (value.items ?? []).flatMap((item) => constants(item))
    : value?.kind === 'constant' && value.constant !== null
      ? [value.constant]
      : [];

/** The tables with a key `class` that a script writes to say what it reads; each is checked like a call. */
export const checkWantedTables = (syntax: Syntax, catalogue: Catalogue): Finding[] =>
  syntax.wanted.flatMap(({ line, value }) => {
    const findings: Finding[] = [];
    const entry = (name: string): Value | null =>
      value.keys?.find((key) => key.name.toLowerCase() === name)?.value ?? null;
    const add = (text: string): void => void findings.push({ line, rule: 'cim', text });
    const className = constants(entry('class'))[0];
    if (className === undefined) add('the class in the table is not a constant');
    else {
      judgeWanted(
        {
          className,
          namespace: constants(entry('namespace'))[0] ?? null,
          properties: constants(entry('properties')),
          conditions: constants(entry('filter')),
        },
        catalogue,
        add,
      );
    }
    return findings;
  });

export const checkCim = (command: Command, syntax: Syntax, catalogue: Catalogue): Finding[] => {
  if (!cimCommands.includes(command.name?.toLowerCase() ?? '')) return [];
  const findings: Finding[] = [];
  const add = (text: string): void =>
    void findings.push({ line: command.line, rule: 'cim', text: `${command.name}: ${text}` });
  const splatted = command.arguments.flatMap((one) =>
    one.kind === 'splat' ? (splatKeys(syntax, one.name!) ?? []) : [],
  );
  const has = (name: string): boolean =>
    command.arguments.some((one) => one.kind === 'parameter' && one.name?.toLowerCase() === name.toLowerCase()) ||
    splatted.some((one) => one.name?.toLowerCase() === name.toLowerCase());
  const argument = (name: string): Value | null => {
    const at = command.arguments.findIndex(
      (one) => one.kind === 'parameter' && one.name?.toLowerCase() === name.toLowerCase(),
    );
    if (at < 0) return splatted.find((one) => one.name?.toLowerCase() === name.toLowerCase())?.value ?? null;
    const found = command.arguments[at]!;
    const next = command.arguments[at + 1];
    return found.attached ? found.value : next?.kind === 'value' ? next.value : null;
  };

  let className: string | null = null;
  const conditions: string[] = [];
  const query = argument('Query');
  if (has('Query')) {
    const match =
      query?.kind === 'constant'
        ? /^\s*select\s+(.+?)\s+from\s+(\w+)(?:\s+where\s+(.+))?$/i.exec(query.constant ?? '')
        : null;
    if (!match) add('-Query is not a constant that is understood');
    else {
      className = match[2]!;
      if (match[3]) conditions.push(match[3]);
    }
  } else if (has('ClassName')) {
    const value = argument('ClassName');
    if (value?.kind === 'constant') className = value.constant;
    else if (syntax.wanted.length === 0 || !/\[['"]class['"]\]$|\.class$/i.test(value?.text ?? '')) {
      add("-ClassName is neither a constant nor ['class'] of a table that the script writes");
    } else return findings;
  } else if (!has('InputObject') && !has('CimInstance') && !command.fed) {
    add('the class is not named by -ClassName');
  }

  if (className) {
    const namespace = argument('Namespace');
    const filter = argument('Filter');
    if (has('Namespace') && namespace?.kind !== 'constant') add('-Namespace is not a constant');
    else {
      if (filter) conditions.push(filter.text.replace(/^["']|["']$/g, ''));
      judgeWanted(
        { className, namespace: namespace?.constant ?? null, properties: constants(argument('Property')), conditions },
        catalogue,
        add,
      );
    }
  }
  if (command.name!.toLowerCase() === 'invoke-cimmethod')
    judgeMethod(className, argument('MethodName'), has('Arguments') ? argument('Arguments') : null, syntax, add);
  return findings;
};

const judgeMethod = (
  className: string | null,
  method: Value | null,
  given: Value | null,
  syntax: Syntax,
  add: (text: string) => void,
): void => {
  if (method?.kind !== 'constant') {
    add('-MethodName is not a constant');
    return;
  }
  const same = ownMethods.filter((one) => one.method.toLowerCase() === method.constant!.toLowerCase());
  const entry = className ? same.find((one) => one.className.toLowerCase() === className.toLowerCase()) : same[0];
  if (!entry) {
    add(`the method ${method.constant} of ${className ?? 'that class'} is not in own-list.ts`);
    return;
  }
  if (!given) return;
  const keys = readTable(given, syntax);
  if (!keys) add('-Arguments is not a table that the script itself writes');
  for (const key of keys ?? []) {
    if (!entry.arguments.some((one) => one.toLowerCase() === key.toLowerCase()))
      add(`${entry.method} has no argument ${key}`);
  }
};
