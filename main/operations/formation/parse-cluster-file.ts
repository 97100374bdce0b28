import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import * as z from 'zod';
import { nearestName } from '../../../shared/availability/nearest-name.ts';
import type { OutputOf } from '../../../shared/contract/define.ts';
import type { formationCheckFile } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { clusterFileSchema, clusterFileVersion, type ClusterFile } from '../../../shared/model/cluster-file.ts';
import { withStorageHost } from '../../../shared/model/cluster-file-storage-host.ts';
import type { FormationDecision } from '../../../shared/model/formation.ts';
import { decisionsOf } from '../../../shared/plan/formation/decisions.ts';
import { findFileProblems } from '../../../shared/model/cluster-file-problems.ts';
import { problemOf } from '../../../shared/model/issue-words.ts';

/** A problem of a cluster file with its place: line and column begin with 1. */
export interface PlacedProblem {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

type Path = readonly (string | number)[];

const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
};

/** The offset of a value, or of the nearest thing around it that is there. */
const offsetOf = (tree: Node, path: Path): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = findNodeAtLocation(tree, path.slice(0, length));
    if (found) return found.offset;
  }
  return tree.offset;
};

/** The offset of a property's name. */
const offsetOfName = (tree: Node, path: Path, name: string): number => {
  const object = findNodeAtLocation(tree, [...path]);
  const property = object?.children?.find((child) => child.children?.[0]?.value === name);
  return property?.offset ?? offsetOf(tree, path);
};

/** The path of a JSON pointer (RFC 6901) without escapes: no name of the form needs one. */
const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const pathText = (path: Path): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('') ||
  'the file';

/** Words for what the parser of the kept library found. */
const syntaxWords: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that JSON does not know; texts stand in double quotes',
  InvalidNumberFormat: 'a number that JSON does not know',
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is expected',
  CloseBracketExpected: 'a closing bracket is expected',
  EndOfFileExpected: 'something follows the end of the document',
  InvalidCommentToken: 'a comment that is not closed',
  UnexpectedEndOfComment: 'a comment that is not closed',
  UnexpectedEndOfString: 'a text that is not closed',
  UnexpectedEndOfNumber: 'a number that is not complete',
  InvalidUnicode: 'an escape of a character that is not complete',
  InvalidEscapeCharacter: 'an escape that JSON does not know; a backslash is written twice',
  InvalidCharacter: 'a character that may not stand here',
};

/** Names under which people write secrets. None of them belongs into this file, wherever it stands. */
const secretNames = /password|passwd|secret|passphrase|private.?key|credential|token|^(pwd|pass)$/i;

/** Names that are written twice in one object, and names of secrets: JSON itself lets both pass. */
const findNameProblems = (tree: Node, text: string): PlacedProblem[] => {
  const problems: PlacedProblem[] = [];
  const walk = (node: Node): void => {
    if (node.type === 'object') {
      const seen = new Set<string>();
      for (const property of node.children ?? []) {
        const name = String(property.children?.[0]?.value ?? '');
        if (seen.has(name))
          problems.push({ ...placeOf(text, property.offset), text: `"${name}" is written twice in one object` });
        seen.add(name);
        if (secretNames.test(name))
          problems.push({
            ...placeOf(text, property.offset),
            text: `"${name}" looks like a secret; a cluster file never holds one. Take it out: Quorate asks for it when it is needed`,
          });
      }
    }
    for (const child of node.children ?? []) walk(child);
  };
  walk(tree);
  return problems;
};

/** The names that the form knows at a place, for "did you mean". */
const namesAt = (path: Path): readonly string[] => {
  const walk = (at: unknown, rest: Path): readonly string[] => {
    if (at === null || typeof at !== 'object') return [];
    const one = at as { properties?: Record<string, unknown>; items?: unknown; anyOf?: unknown[]; oneOf?: unknown[] };
    const choices = one.anyOf ?? one.oneOf;
    if (choices) return [...new Set(choices.flatMap((choice) => walk(choice, rest)))];
    const [next, ...more] = rest;
    if (next === undefined) return Object.keys(one.properties ?? {});
    return walk(typeof next === 'number' ? one.items : one.properties?.[next], more);
  };
  return walk(z.toJSONSchema(clusterFileSchema, { io: 'input', unrepresentable: 'any' }), path);
};

const plainPath = (path: readonly PropertyKey[]): Path =>
  path.map((part) => (typeof part === 'symbol' ? String(part) : part));

/** Too long, too many, too much and their opposites, in words; null for anything else. */
const boundText = (issue: z.core.$ZodIssue, node: Node | undefined): string | null => {
  if (!node || (issue.code !== 'too_big' && issue.code !== 'too_small')) return null;
  const bound = issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${issue.minimum}`;
  const value: unknown = node.value;
  if (value === '') return 'is empty';
  if (typeof value === 'string') return `has ${value.length} characters; it takes ${bound}`;
  if (typeof value === 'number') return `is ${value}; it takes ${bound}`;
  return node.type === 'array' ? `has ${node.children?.length ?? 0} of them; it takes ${bound}` : null;
};

const describeIssue = (tree: Node, text: string, issue: z.core.$ZodIssue): PlacedProblem[] => {
  const path = plainPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(path);
    return issue.keys.map((key) => {
      const near = nearestName(key, known);
      return {
        ...placeOf(text, offsetOfName(tree, path, key)),
        text: `"${key}" is not known in ${pathText(path)}${near === null ? '' : `; did you mean "${near}"?`}`,
      };
    });
  }
  const place = placeOf(text, offsetOf(tree, path));
  if (issue.code === 'invalid_value') {
    const given: unknown = findNodeAtLocation(tree, [...path])?.value;
    const allowed = issue.values.map(String);
    const near = typeof given === 'string' ? nearestName(given, allowed) : null;
    return [
      {
        ...place,
        text: `${pathText(path)} is ${given === undefined ? 'missing' : JSON.stringify(given)} and can be ${allowed.join(', ')}${near === null ? '' : `; did you mean "${near}"?`}`,
      },
    ];
  }
  const bound = boundText(issue, findNodeAtLocation(tree, [...path]));
  if (bound !== null) return [{ ...place, text: `${pathText(path)} ${bound}` }];
  if (issue.code === 'invalid_type' && findNodeAtLocation(tree, [...path]) === undefined)
    return [{ ...place, text: `${pathText(path)} is missing` }];
  return [{ ...place, text: problemOf([issue], () => pathText(path)) }];
};

export type ParsedClusterFile =
  | { readonly ok: true; readonly file: ClusterFile; readonly decisions: FormationDecision[] }
  | { readonly ok: false; readonly problems: readonly PlacedProblem[] }
  /** Written by a newer version of the product: nothing of it is judged. */
  | { readonly ok: 'newer'; readonly version: number };

/** The version of a tree; undefined where it names none that is a number. */
const versionOf = (tree: Node): number | undefined => {
  const value: unknown = findNodeAtLocation(tree, ['version'])?.value;
  return typeof value === 'number' ? value : undefined;
};

/** Reads the text of a cluster file: JSON with comments and trailing commas. Every problem is told, each with its place. */
export const readClusterFile = (content: string): ParsedClusterFile => {
  const text = content.replace(/^\ufeff/, '');
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || !tree)
    return {
      ok: false,
      problems:
        text.trim() === '' || errors.length === 0
          ? [{ line: 1, column: 1, text: 'the file is empty' }]
          : errors.slice(0, 1).map(({ error, offset }) => {
              const code = printParseErrorCode(error);
              return { ...placeOf(text, offset), text: syntaxWords[code] ?? code };
            }),
    };
  const version = versionOf(tree);
  if (version !== undefined && Number.isInteger(version) && version > clusterFileVersion)
    return { ok: 'newer', version };
  const problems = findNameProblems(tree, text);
  const parsed = clusterFileSchema.safeParse(valueOf(tree));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(...describeIssue(tree, text, issue));
    return { ok: false, problems: inOrder(problems) };
  }
  for (const { path, text: what } of findFileProblems(parsed.data))
    problems.push({ ...placeOf(text, offsetOf(tree, path)), text: what });
  return problems.length > 0
    ? { ok: false, problems: inOrder(problems) }
    : {
        ok: true,
        file: withStorageHost(parsed.data),
        decisions: decisionsOf(parsed.data, (pointer) => placeOf(text, offsetOf(tree, pathOf(pointer)))),
      };
};

/** Secrets are told once, as secrets, and not as unknown names as well. */
const inOrder = (problems: readonly PlacedProblem[]): PlacedProblem[] =>
  problems
    .filter(
      (one, index) => problems.findIndex((other) => other.line === one.line && other.column === one.column) === index,
    )
    .toSorted((one, other) => one.line - other.line || one.column - other.column);

const valueOf = (node: Node): unknown => {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type === 'object')
    return Object.fromEntries(
      (node.children ?? []).flatMap(({ children }) =>
        children?.[0] && children[1] ? [[String(children[0].value), valueOf(children[1])]] : [],
      ),
    );
  return node.value as unknown;
};

/**
 * Reads a cluster file. `path` is what to call it.
 * @throws Failure CLUSTER_FILE_INVALID naming line and column of the first problem and holding all of them, CLUSTER_FILE_NEWER
 */
export const parseClusterFile = (content: string, path: string): ClusterFile => {
  const parsed = readClusterFile(content);
  if (parsed.ok === true) return parsed.file;
  if (parsed.ok === 'newer')
    throw failure('CLUSTER_FILE_NEWER', { path, version: parsed.version, known: clusterFileVersion });
  const [first] = parsed.problems;
  const list = parsed.problems
    .slice(0, 12)
    .map(({ line, column, text }) => `line ${line}, column ${column}: ${text}`)
    .join('; ');
  const more = parsed.problems.length > 12 ? `; and ${parsed.problems.length - 12} more` : '';
  throw failure('CLUSTER_FILE_INVALID', {
    path,
    problems: `${list}${more}`,
    line: first?.line ?? 1,
    column: first?.column ?? 1,
    count: parsed.problems.length,
  });
};

/** What the text of a draft decides; nothing where a person has to mend it first. */
export const decisionsIn = (content: string): FormationDecision[] => {
  const read = readClusterFile(content);
  return read.ok === true ? read.decisions : [];
};

/** The same as an answer: its problems are what was asked for. */
export const checkClusterFile = (content: string): OutputOf<typeof formationCheckFile> => {
  const read = readClusterFile(content);
  if (read.ok === 'newer') return { outcome: 'newer', version: read.version, problems: [], guessed: [], decisions: [] };
  return read.ok
    ? {
        outcome: 'right',
        version: read.file.version,
        problems: [],
        guessed: read.file.guessed,
        decisions: read.decisions,
      }
    : { outcome: 'wrong', version: null, problems: [...read.problems], guessed: [], decisions: [] };
};
