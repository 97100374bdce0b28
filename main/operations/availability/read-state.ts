import type { FileInput } from '../../../shared/contract/readiness.ts';
import type { AvailabilitySource } from '../../../shared/contract/availability.ts';
import type { DrillRecord } from '../../../shared/contract/drill.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { mergeStates } from '../../../shared/availability/merge-states.ts';
import { keyOf, parseState } from '../../../shared/availability/parse-state.ts';
import {
  availabilityReportId,
  availabilityReportVersion,
  type AvailabilityReport,
} from '../../../shared/availability/report.ts';
import { stateSchemaId, stateSchemaVersion, type AvailabilityState } from '../../../shared/availability/state.ts';
import { stateFromFacts, type FactsFile } from '../../../shared/availability/state-from-facts.ts';
import { printServerRef, type ServerRef } from '../../../shared/model/server-ref.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodeText } from '../readiness/decode-text.ts';
import { importFacts, readInput } from '../readiness/import-facts.ts';
import { cleanDocument, describeDocument, parseJson, schemaOf } from '../readiness/parse-json.ts';
import { clusterKey, withAnswers } from './answers.ts';
import { availabilityDigestOf } from './availability-digest.ts';
import { stateOfServers, type ObservedServer, type ReadServer, type ReadState } from './observed-state.ts';

export interface StatePorts {
  readonly files: FilePort;
  readonly version: string;
  readonly now: () => Date;
  /** Reads one server; it is told how far the reading is. */
  readonly readServer: ReadServer;
  /** The servers around one, by their names in lower case: those of its rehearsal, or this server and its peers. */
  readonly serversAround: (server: ServerRef) => Promise<ReadonlyMap<string, ServerRef>>;
  /** Drills that were carried out, for how long a restart takes. */
  readonly drills: () => readonly DrillRecord[];
  /** What a person answered about a cluster, by its `clusterKey`: switches by the ids of NICs and portals in lower case. */
  readonly answers: (cluster: string) => Readonly<Record<string, string>>;
}

const supported: Readonly<Record<string, number>> = {
  [stateSchemaId]: stateSchemaVersion,
  [availabilityReportId]: availabilityReportVersion,
};

/** Does it look like a state that carries no schema of its own? */
const looksLikeState = (document: unknown): boolean =>
  typeof document === 'object' &&
  document !== null &&
  !Array.isArray(document) &&
  !Object.hasOwn(document, 'schema') &&
  ['nodes', 'vms', 'targets', 'witness'].some((field) => Object.hasOwn(document, field));

const stateOfDocument = (document: unknown, path: string): { state: AvailabilityState; notes: string[] } => {
  const schema = schemaOf(document);
  const version = schema ? supported[schema.id] : undefined;
  if (schema && version !== undefined && schema.version > version)
    throw failure('IMPORT_NEWER_VERSION', {
      path,
      found: `${schema.id}/${schema.version}`,
      supported: `${schema.id}/${version}`,
    });
  if (schema?.id === availabilityReportId) {
    const report = document as AvailabilityReport;
    if (report.digest?.value !== availabilityDigestOf(report).value) throw failure('REPORT_ALTERED', { path });
    const { state, notes } = parseState(cleanDocument(report.state), path);
    return { state, notes: [...notes, `The configuration of the report of ${report.at.slice(0, 10)}.`] };
  }
  if (version === undefined && !looksLikeState(document))
    throw failure('AVAILABILITY_STATE_OF_ANOTHER_KIND', { path, found: describeDocument(document) });
  return parseState(cleanDocument(document), path);
};

const readStateFile = async (file: FileInput, files: FilePort): Promise<ReadState> => {
  const { name, bytes } = await readInput(file, files);
  const { state, notes } = stateOfDocument(parseJson(decodeText(bytes, name), name), name);
  return { state, notes, source: { kind: 'state', names: [name] } };
};

/** A document of JSON where the file is one; the words of wmic are none. */
const jsonOf = async (input: FileInput, files: FilePort): Promise<{ document: unknown; name: string } | null> => {
  const { name, bytes } = await readInput(input, files);
  const isJson = /^\ufeff?\s*[{[]/.test(new TextDecoder().decode(bytes.subarray(0, 64)));
  return isJson ? { document: parseJson(decodeText(bytes, name), name), name } : null;
};

const isStateDocument = (document: unknown): boolean =>
  looksLikeState(document) || supported[schemaOf(document)?.id ?? ''] !== undefined;

/** One file for each server: its facts, or the state that was exported there. Several become one. */
const readFacts = async (inputs: readonly FileInput[], ports: StatePorts): Promise<ReadState> => {
  const facts: FactsFile[] = [];
  const states: AvailabilityState[] = [];
  const notes: string[] = [];
  for (const input of inputs) {
    const json = await jsonOf(input, ports.files);
    if (json && isStateDocument(json.document)) {
      const read = stateOfDocument(json.document, json.name);
      states.push(read.state);
      notes.push(...read.notes);
    } else
      facts.push({
        path: input.kind === 'path' ? input.path : input.name,
        // Each file is one server: several texts of one server belong to "quorate readiness --facts".
        facts: await importFacts([input], ports),
      });
  }
  if (facts.length > 0) {
    const read = stateFromFacts(facts);
    states.push(read.state);
    notes.push(...(states.length > 1 ? read.notes.slice(1) : read.notes));
  }
  const names = inputs.map((input) => (input.kind === 'path' ? input.path : input.name));
  const [only] = states;
  const state = states.length === 1 && only ? only : parseState(mergeStates(states), names.join(', ')).state;
  return { state, notes, source: { kind: 'facts', names } };
};

/**
 * The named servers, and with them the other nodes of their cluster that can be reached from here: who names one node means the cluster. One that
 * cannot be read stays a node of which nothing is known.
 */
const readCluster = async (named: readonly ServerRef[], ports: StatePorts): Promise<ReadState> => {
  const seen = new Map<string, ObservedServer>();
  const readOnce: ReadServer = async (ref) => {
    const key = printServerRef(ref);
    const found = seen.get(key) ?? (await ports.readServer(ref));
    seen.set(key, found);
    return found;
  };
  const read = await stateOfServers(named, readOnce);
  const missing = read.state.nodes.filter(({ isMemoryKnown, nics }) => isMemoryKnown === false && nics === undefined);
  const [first] = named;
  if (missing.length === 0 || first === undefined) return read;
  const around = await ports.serversAround(first);
  const found: ServerRef[] = [];
  for (const { name } of missing) {
    const ref = around.get(keyOf(name));
    if (ref === undefined) continue;
    try {
      await readOnce(ref);
      found.push(ref);
    } catch (error) {
      if (error instanceof Failure && error.code === 'CANCELLED') throw error;
    }
  }
  return found.length === 0 ? read : stateOfServers([...named, ...found], readOnce);
};

/**
 * The configuration that a source describes.
 * @throws Failure AVAILABILITY_*, IMPORT_*, FACTS_*, FILE_*, and those of reading a server
 */
export const readState = async (source: AvailabilitySource, ports: StatePorts): Promise<ReadState> => {
  switch (source.kind) {
    case 'state':
      return readStateFile(source.file, ports.files);
    case 'facts':
      return readFacts(source.files, ports);
    case 'servers': {
      const read = await readCluster(source.servers, ports);
      const { state, used } = withAnswers(read.state, ports.answers(clusterKey(read)));
      if (used === 0) return read;
      const said = `The switches of ${used} network adapters and portals are as a person answered here; Windows does not show them.`;
      return { ...read, state, notes: [...read.notes, said] };
    }
  }
};
