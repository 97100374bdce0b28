import type { FileInput } from '../../../shared/contract/readiness.ts';
import { failure } from '../../../shared/errors/failure.ts';
import {
  classesOfCollected,
  collectedSchema,
  collectedSchemaId,
  collectedSchemaVersion,
} from '../../../shared/model/collected.ts';
import { cleanText } from '../../../shared/model/fact.ts';
import { hostFactsSchema, type HostFacts } from '../../../shared/model/facts.ts';
import { factsSchemaId, factsSchemaVersion } from '../../../shared/model/facts-vocabulary.ts';
import { reportSchemaId } from '../../../shared/model/readiness-report.ts';
import { factsFromWmi } from '../../../shared/model/wmi-facts.ts';
import type { WmiClass } from '../../../shared/model/wmi-source.ts';
import {
  parseWmicCsv,
  parseWmicMof,
  parseWmicTable,
  parseWmicXml,
  type ReadInstances,
} from '../../../shared/model/wmic-tables.ts';
import { inferClass, parseWmicText, type WmiInstance } from '../../../shared/model/wmic-text.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { parseReport } from '../reports/parse-report.ts';
import { decodeAnyText, encodingUnknown, writeAgain, type DecodedText } from './decode-text.ts';
import { mergeFacts } from './merge-facts.ts';
import { cleanDocument, describeDocument, parseJson, schemaOf } from './parse-json.ts';

/** A list of all network adapters or updates has some hundred kilobytes; more than this is not what a collector writes. */
export const longestImportBytes = 32 * 1024 * 1024;

export interface ImportedFile {
  /** The name to show: the path as it was given. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads the bytes of a file that the caller named or handed over. */
export const readInput = async (input: FileInput, files: FilePort): Promise<ImportedFile> => {
  if (input.kind === 'path') return { name: input.path, bytes: await files.read(input.path, longestImportBytes) };
  const sizeBytes = Math.floor((input.base64.length * 3) / 4);
  if (sizeBytes > longestImportBytes)
    throw failure('IMPORT_FILE_TOO_LARGE', { path: input.name, sizeBytes, limitBytes: longestImportBytes });
  return { name: cleanText(input.name), bytes: Buffer.from(input.base64, 'base64') };
};

type Part =
  | {
      readonly kind: 'classes';
      readonly classes: WmiClass[];
      readonly collectedAt: string | null;
      readonly notes: string[];
    }
  | { readonly kind: 'facts'; readonly facts: HostFacts };

const partOfJson = (text: string, path: string): Part => {
  const document = parseJson(text, path);
  const schema = schemaOf(document);
  if (schema?.id === reportSchemaId) return { kind: 'facts', facts: parseReport(text, path).facts };
  const supported = { [factsSchemaId]: factsSchemaVersion, [collectedSchemaId]: collectedSchemaVersion }[
    schema?.id ?? ''
  ];
  if (!schema || supported === undefined)
    throw failure('FACTS_OF_ANOTHER_TOOL', { path, found: describeDocument(document) });
  if (schema.version > supported)
    throw failure('IMPORT_NEWER_VERSION', {
      path,
      found: `${schema.id}/${schema.version}`,
      supported: `${schema.id}/${supported}`,
    });
  const cleaned = cleanDocument(document);
  if (schema.id === factsSchemaId) {
    const parsed = hostFactsSchema.safeParse(cleaned);
    if (!parsed.success) throw failure('FACTS_INVALID', { path, problem: problemInFile(parsed.error.issues) });
    return { kind: 'facts', facts: parsed.data };
  }
  const parsed = collectedSchema.safeParse(cleaned);
  if (!parsed.success) throw failure('FACTS_INVALID', { path, problem: problemInFile(parsed.error.issues) });
  return {
    kind: 'classes',
    classes: classesOfCollected(parsed.data, path),
    collectedAt: parsed.data.collectedAt,
    notes: [],
  };
};

/** The forms of text in which management classes are printed; the strictest first. */
const readInstances = (text: string): ReadInstances | null => {
  const byForm = parseWmicXml(text) ?? parseWmicMof(text) ?? parseWmicCsv(text);
  if (byForm) return byForm;
  const instances = parseWmicText(text);
  return instances ? { instances, unread: 0 } : parseWmicTable(text);
};

/** What one command printed has the same properties in every instance: another set of them is the output of another one. */
const groupByCommand = (instances: readonly WmiInstance[], path: string) => {
  const groups = new Map<string, { readonly className: string; readonly members: WmiInstance[] }>();
  let unnamed = 0;
  for (const instance of instances) {
    const className = inferClass(instance, path);
    if (className === null) {
      unnamed += 1;
      continue;
    }
    const key = [className, ...Object.keys(instance).sort()].join('\n');
    const group = groups.get(key) ?? { className, members: [] };
    group.members.push(instance);
    groups.set(key, group);
  }
  return { groups: [...groups.values()], unnamed };
};

const partOfText = ({ text, isLossy }: DecodedText, path: string): Part => {
  const read = readInstances(text);
  const { groups, unnamed } = groupByCommand(read?.instances ?? [], path);
  if (groups.length === 0)
    throw isLossy ? encodingUnknown(path, writeAgain) : failure('FACTS_NOT_RECOGNISED', { path });
  return {
    kind: 'classes',
    classes: groups.map(({ className, members }) => ({
      className,
      from: `${className} in ${path}`,
      instances: members,
      // wmic may have been asked with a condition: what is not listed may still exist.
      isComplete: false,
    })),
    collectedAt: null,
    notes: [
      ...(isLossy ? [`${path} is in an unknown code page: names with other than English letters may look wrong.`] : []),
      ...(unnamed === 0 ? [] : [`${path} holds ${unnamed} instances of which the class cannot be told.`]),
      ...(read === null || read.unread === 0 ? [] : [`${path} holds ${read.unread} lines that cannot be read.`]),
    ],
  };
};

export interface ImportSettings {
  readonly files: FilePort;
  readonly version: string;
  readonly now: () => Date;
}

/**
 * Reads facts that were collected elsewhere: our own JSON (facts, collector or report), or the text of wmic in any of its forms and of
 * PowerShell's Format-List. Several files are merged in their order; the first that knows a fact wins.
 * @throws Failure IMPORT_*, FACTS_*, REPORT_*, FILE_*
 */
export const importFacts = async (inputs: readonly FileInput[], settings: ImportSettings): Promise<HostFacts> => {
  const parts: Part[] = [];
  const names: string[] = [];
  for (const input of inputs) {
    const { name, bytes } = await readInput(input, settings.files);
    const decoded = decodeAnyText(bytes, name, writeAgain);
    const isJson = /^\ufeff?\s*[{[]/.test(decoded.text);
    if (isJson && decoded.isLossy) throw encodingUnknown(name);
    names.push(name);
    parts.push(isJson ? partOfJson(decoded.text, name) : partOfText(decoded, name));
  }
  const now = settings.now().toISOString();
  const classParts = parts.filter((part) => part.kind === 'classes');
  const documents: HostFacts[] = parts.filter((part) => part.kind === 'facts').map((part) => part.facts);
  if (classParts.length > 0)
    documents.push(
      factsFromWmi(
        classParts.flatMap((part) => part.classes),
        {
          // wmic writes no time: then the time of reading is the only one there is.
          collectedAt: classParts.map((part) => part.collectedAt).find((at) => at !== null) ?? now,
          collectedBy: { tool: 'quorate', version: settings.version },
          source: { kind: 'files', names },
          notes: classParts.flatMap((part) => part.notes),
        },
      ),
    );
  const merged = documents.reduce(mergeFacts);
  return { ...merged, source: { kind: 'files', names } };
};
