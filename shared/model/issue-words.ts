import * as z from 'zod';

type $ZodIssue = z.core.$ZodIssue;

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const things: Readonly<Record<string, string>> = { string: 'character', array: 'entry', set: 'entry' };

const counted = (number: number | bigint, thing: string): string =>
  `${number} ${Number(number) === 1 ? thing : thing.replace(/y$/, 'ie') + 's'}`;

/** What is wrong, after the name of the value; null where the schema says it in words of its own. */
const wordsOf = (issue: $ZodIssue): string | null => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'too_small': {
      const thing = things[issue.origin];
      if (thing === undefined)
        return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
      return Number(issue.minimum) === 1 ? 'is empty' : `must have at least ${counted(issue.minimum, thing)}`;
    }
    case 'too_big': {
      const thing = things[issue.origin];
      return thing === undefined
        ? `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
        : `must have at most ${counted(issue.maximum, thing)}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has what is not known: ${issue.keys.join(', ')}`;
    case 'invalid_format':
    case 'invalid_union':
    case 'not_multiple_of':
      return 'does not have the form that is needed';
    default:
      return null;
  }
};

/** Words that are written as they are in a name, where the name is taken apart. */
const wholeWords: Readonly<Record<string, string>> = {
  ...{
    nic: 'network adapter',
    nics: 'network adapters',
    lun: 'LUN',
    luns: 'LUNs',
    ip: 'IP',
    mac: 'MAC',
    vlan: 'VLAN',
    dns: 'DNS',
    os: 'operating system',
  },
  ...{
    iqn: 'IQN',
    chap: 'CHAP',
    cpu: 'CPU',
    mtu: 'MTU',
    pem: 'PEM',
    id: 'ID',
    ids: 'IDs',
    vm: 'VM',
    vms: 'virtual machines',
  },
};

/** The unit that ends a name: `delaySeconds` is the delay in seconds. */
const units: Readonly<Record<string, string>> = {
  ...{ seconds: 'seconds', minutes: 'minutes', ms: 'milliseconds', bytes: 'bytes', mb: 'MB', gb: 'GB', gib: 'GiB' },
};

/** `delaySeconds` as `delay in seconds`, `macAddress` as `MAC address`. */
const wordsOfName = (name: string): string => {
  const words = name.split(/(?=[A-Z])|[-_ ]/).map((word) => word.toLowerCase());
  const unit = words.length > 1 ? units[words.at(-1) ?? ''] : undefined;
  const said = (unit === undefined ? words : words.slice(0, -1)).map((word) => wholeWords[word] ?? word).join(' ');
  return unit === undefined ? said : `${said} in ${unit}`;
};

const oneOf = (list: string): string =>
  list === 'virtual machines'
    ? 'virtual machine'
    : list
        .replace(/ies$/, 'y')
        .replace(/(ss|ch|sh|x)es$/, '$1')
        .replace(/([^s])s$/, '$1');

/** What only holds the values that a person gives: `desire`, and the first of its changes, which is mostly the only one. */
const bareOf = (path: readonly PropertyKey[]): readonly PropertyKey[] => {
  const inner = path[0] === 'desire' ? path.slice(1) : path;
  return inner[0] === 'changes' && inner[1] === 0 && inner.length > 2 ? inner.slice(2) : inner;
};

/** Where a value stands, in words: `the name`, `the address of NIC 2 of server 1`; empty for the whole. */
const placeOf = (path: readonly PropertyKey[]): string => {
  const parts: string[] = [];
  const bare = bareOf(path);
  for (let at = 0; at < bare.length; at += 1) {
    const part = bare[at];
    const next = bare[at + 1];
    if (typeof part === 'number') parts.unshift(`entry ${part + 1}`);
    else if (typeof next === 'number') {
      parts.unshift(`${oneOf(wordsOfName(String(part)))} ${next + 1}`);
      at += 1;
    } else parts.unshift(`the ${wordsOfName(String(part))}`);
  }
  return parts.join(' of ');
};

/** The first problems of what was parsed, each with its place, in words for a person. */
export const problemOf = (
  issues: readonly $ZodIssue[],
  placeInWords: (path: readonly PropertyKey[]) => string = placeOf,
): string =>
  issues
    .slice(0, 3)
    .map((issue) => {
      const place = placeInWords(issue.path);
      // Words that a schema gives are the better ones; zod's own begin like this.
      const own = /^(Invalid |Too |Unrecognized )/.test(issue.message) ? wordsOf(issue) : null;
      return own === null
        ? `${place === '' ? '' : `${place}: `}${issue.message}`
        : `${place === '' ? 'it' : place} ${own}`;
    })
    .join('; ');

/** The same of a file, where the path is what a person finds the place by: `nodes.0.name is empty`. */
export const problemInFile = (issues: readonly $ZodIssue[]): string =>
  problemOf(issues, (path) => path.map(String).join('.') || 'the document');

/** Why what was kept in a file cannot be used, whether it is no JSON or not of its schema. */
export const reasonOfParsing = (error: unknown): string =>
  error instanceof z.ZodError ? problemInFile(error.issues) : error instanceof Error ? error.message : String(error);
