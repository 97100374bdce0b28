import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { ChangeName } from '../../../shared/changes/index.ts';
import { cancelled, Failure, failure } from '../../../shared/errors/failure.ts';
import { classesOfCollected } from '../../../shared/model/collected.ts';
import { clusterEventSchema } from '../../../shared/model/cluster-events.ts';
import { clusterStateSchema } from '../../../shared/model/cluster.ts';
import { storageHostStateSchema } from '../../../shared/model/storage-host.ts';
import { machinesStateSchema } from '../../../shared/model/virtual-machines.ts';
import { rolesStateSchema } from '../../../shared/model/roles.ts';
import { diskPolicySchema, diskSchema, letterUseSchema } from '../../../shared/model/disk.ts';
import { hostStateSchema, pendingRestartSchema, resumeSchema, timeSourceSchema } from '../../../shared/model/host.ts';
import { lastStopSchema } from '../../../shared/model/last-stop.ts';
import { nameLookupSchema } from '../../../shared/model/name-lookup.ts';
import { linkStateSchema, nicSchema, remoteSessionSchema, type LinkState } from '../../../shared/model/nic.ts';
import {
  echoAnswerSchema,
  heardSchema,
  portStateSchema,
  transferSchema,
} from '../../../shared/model/network-measure.ts';
import { endsOfNics, portalsOf } from '../../../shared/rules/peers/ends-of-nics.ts';
import { sessionDisksSchema } from '../../../shared/model/lun-map.ts';
import { initiatorStateSchema, mpioStateSchema } from '../../../shared/model/windows-iscsi.ts';
import { factsFromWmi } from '../../../shared/model/wmi-facts.ts';
import { rightsSchema } from '../../../shared/model/rights.ts';
import type { ServerRef } from '../../../shared/model/server-ref.ts';
import type { CallOptions } from '../../ports/call.ts';
import type {
  ClusterPort,
  MachinesPort,
  RolesPort,
  ValidationOptions,
  ValidationOrder,
  ValidationOutcome,
} from '../../ports/cluster-port.ts';
import type { DiskPort } from '../../ports/disk-port.ts';
import type { FactsFrame, FactsPort, GatherOptions } from '../../ports/facts-port.ts';
import type { HostPort } from '../../ports/host-port.ts';
import type { InitiatorPort } from '../../ports/initiator-port.ts';
import type { MeasurePort } from '../../ports/measure-port.ts';
import type { MpioPort } from '../../ports/mpio-port.ts';
import type { NicPort } from '../../ports/nic-port.ts';
import type { Ports } from '../../ports/ports.ts';
import { pause } from '../../system/pause.ts';
import type { HostFacts } from '../../../shared/model/facts.ts';
import { problemOf } from '../../../shared/model/issue-words.ts';
import type { WorldClient } from '../world/client.ts';
import type { SimulatedFacts } from '../world/ports/facts.ts';
import type { PortMethodName } from '../world/ports/index.ts';
import { startWorld, type WorldStart } from './start-world.ts';

const echoSchema = z.discriminatedUnion('answered', [
  z.object({ answered: z.literal(true), roundTripMs: z.number() }),
  z.object({ answered: z.literal(false), because: z.enum(['timeout', 'tooBig', 'unreachable', 'other']) }),
]);

const validationProgressSchema = z
  .object({
    doing: z.string(),
    done: z.number().int(),
    total: z.number().int(),
    ended: z.object({ html: z.string(), warnings: z.array(z.string()) }).nullable(),
  })
  .nullable();

/** Where a simulated server takes data, if it had sockets: the first dynamic port (RFC 6335). */
const simulatedSinkPort = 49_152;

type RehearsalRef = Extract<ServerRef, { kind: 'rehearsal' }>;

/** What the Windows adapter gives a call, too, unless the caller says otherwise. */
const answerWithinMs = 60_000;

/** How often links are asked for while somebody watches them, in milliseconds. */
const watchEveryMs = 200;

/** Answers the ports from a world's state, by port-shaped requests. */
class RehearsalHost implements Ports {
  readonly ref: RehearsalRef;
  readonly facts: FactsPort;
  readonly host: HostPort;
  readonly nics: NicPort;
  readonly measure: MeasurePort;
  readonly guard: Ports['guard'];
  readonly firewall: Ports['firewall'];
  readonly initiator: InitiatorPort;
  readonly mpio: MpioPort;
  readonly disks: DiskPort;
  readonly roles: RolesPort;
  readonly cluster: ClusterPort;
  readonly machines: MachinesPort;
  readonly storageHost: Ports['storageHost'];
  readonly #client: WorldClient;
  readonly #server: string;

  constructor(client: WorldClient, ref: RehearsalRef & { readonly server: string }, frame: FactsFrame) {
    this.ref = ref;
    this.#client = client;
    this.#server = ref.server;
    this.facts = { gather: (options) => this.#gather(options, frame) };
    this.host = this.#makeHost();
    this.nics = this.#makeNics();
    this.measure = this.#makeMeasure();
    this.guard = {
      arm: (request, options) => this.#tell('guard.arm', request, options),
      disarm: (token, options) => this.nics.disarmRevert(token, options),
      list: (options) => this.nics.readReverts(options),
    };
    this.firewall = {
      setPeerOpenings: (request, options) => this.#tell('firewall.setPeerOpenings', request, options),
    };
    this.initiator = this.#makeInitiator();
    this.mpio = this.#makeMpio();
    this.disks = this.#makeDisks();
    this.roles = { readState: (call) => this.#ask(rolesStateSchema, 'roles.readState', {}, call) };
    this.machines = { readState: (call) => this.#ask(machinesStateSchema, 'machines.readState', {}, call) };
    this.storageHost = { readState: (call) => this.#ask(storageHostStateSchema, 'storageHost.readState', {}, call) };
    this.cluster = {
      readState: (call) => this.#ask(clusterStateSchema, 'cluster.readState', {}, call),
      readEvents: (minutes, call) => this.#ask(z.array(clusterEventSchema), 'cluster.readEvents', { minutes }, call),
      readReport: (path, call) => this.#ask(z.string(), 'cluster.readReport', { path }, call),
      lookUpName: (name, call) => this.#ask(nameLookupSchema, 'cluster.lookUpName', { name }, call),
      listTests: (call) =>
        this.#ask(z.array(z.object({ category: z.string(), name: z.string() })), 'cluster.listTests', {}, call),
      validate: (order, options) => this.#validate(order, options),
    };
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  readonly apply: Ports['apply'] = async (change, { secrets = {}, resumeCommand, ...options } = {}) => {
    const revealed = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
    await this.#send(change.do, { change, secrets: revealed, resumeCommand }, options);
  };

  async #ask<Schema extends z.ZodType>(
    schema: Schema,
    method: PortMethodName,
    input: unknown,
    options?: CallOptions,
  ): Promise<z.output<Schema>> {
    const answer = await this.#send(method, input, options);
    const parsed = schema.safeDecode(answer as z.input<Schema>);
    if (parsed.success) return parsed.data;
    throw failure('CALL_OUTPUT_INVALID', { method, problem: problemOf(parsed.error.issues) });
  }

  async #tell(method: PortMethodName, input: unknown, options?: CallOptions): Promise<void> {
    await this.#send(method, input, options);
  }

  #send(method: PortMethodName | ChangeName, input: unknown, options: CallOptions = {}): Promise<unknown> {
    return this.#client.port(this.#server, method, input, options.signal, options.timeoutMs ?? answerWithinMs);
  }

  async #gather({ signal }: GatherOptions, frame: FactsFrame): Promise<HostFacts> {
    const collected = (await this.#send('facts.read', {}, signal ? { signal } : {})) as SimulatedFacts;
    return factsFromWmi(classesOfCollected(collected, 'the rehearsal'), {
      collectedAt: frame.now().toISOString(),
      collectedBy: { tool: 'quorate', version: frame.version },
      source: { kind: 'rehearsal', names: [this.#server] },
      notes: ['These are facts of a simulated server of a rehearsal.'],
    });
  }

  #makeHost(): HostPort {
    return {
      readState: (options) => this.#ask(hostStateSchema, 'host.readState', {}, options),
      readPendingRestart: (options) => this.#ask(pendingRestartSchema, 'host.readPendingRestart', {}, options),
      readResumes: (options) => this.#ask(z.array(resumeSchema), 'host.readResumes', {}, options),
      readTimeSource: (options) => this.#ask(timeSourceSchema, 'host.readTimeSource', {}, options),
      readLastStop: (options) => this.#ask(lastStopSchema, 'host.readLastStop', {}, options),
      readMachineSid: async (options) =>
        (await this.#ask(z.object({ machineSid: z.string() }), 'host.readMachineSid', {}, options)).machineSid,
      readRights: (servers, options) => this.#ask(rightsSchema, 'host.readRights', { servers }, options),
    };
  }

  #makeNics(): NicPort {
    return {
      list: (options) => this.#ask(z.array(nicSchema), 'nics.list', {}, options),
      watchLinks: (listener, options) => this.#watchLinks(listener, options.signal),
      readRemoteSessions: (options) => this.#ask(z.array(remoteSessionSchema), 'nics.readRemoteSessions', {}, options),
      probeAddress: (nic, address, options) =>
        this.#ask(z.enum(['free', 'answered', 'unknown']), 'nics.probeAddress', { nic, address }, options),
      sendEcho: (request, options) => this.#ask(echoSchema, 'nics.sendEcho', request, options),
      armRevert: (request, options) => this.#tell('nics.armRevert', request, options),
      disarmRevert: (token, options) => this.#tell('nics.disarmRevert', { token }, options),
      readReverts: (options) =>
        this.#ask(z.array(z.object({ token: z.string(), dueAt: z.string() })), 'nics.readReverts', {}, options),
    };
  }

  #makeMeasure(): MeasurePort {
    return {
      ends: async (options) => ({
        ends: endsOfNics(await this.nics.list(options)),
        portals: portalsOf(await this.initiator.readState(options)),
      }),
      echo: (train, options) => this.#ask(z.array(echoAnswerSchema), 'measure.echo', train, options),
      // A simulated server answers whoever asks the world; nothing is opened for it.
      answer: ({ addresses, ports }) =>
        Promise.resolve({
          token: 'simulated',
          addresses: addresses.map((address) => ({
            address,
            sinkPort: simulatedSinkPort,
            because: null,
            ports: ports.map((port) => ({ ...port, state: 'held' as const })),
          })),
        }),
      endAnswer: () => Promise.resolve(),
      knock: (request, options) => this.#ask(z.array(portStateSchema), 'measure.knock', request, options),
      push: async (request, options) => {
        const transfer = await this.#ask(transferSchema.nullable(), 'measure.push', request, options);
        if (transfer) return transfer;
        throw failure('MEASURE_STREAM_BROKEN', { destination: request.destination, reason: 'nothing answers there' });
      },
      hear: (request, options) => this.#ask(z.array(heardSchema), 'measure.hear', request, options),
      tell: () => Promise.resolve(),
    };
  }

  async #validate(order: ValidationOrder, options: ValidationOptions = {}): Promise<ValidationOutcome> {
    const { signal, progress } = options;
    const call = signal ? { signal } : {};
    const { id } = await this.#ask(z.object({ id: z.string() }), 'cluster.beginValidation', order, call);
    try {
      for (;;) {
        const state = await this.#ask(validationProgressSchema, 'cluster.readValidation', { id }, call);
        if (!state) throw failure('VALIDATION_NO_REPORT', { server: this.#server });
        progress?.({ doing: state.doing, done: state.done, total: state.total, leftMs: null });
        if (state.ended) return { bytes: new TextEncoder().encode(state.ended.html), warnings: state.ended.warnings };
        await pause(watchEveryMs, signal);
        if (signal?.aborted === true) return await this.#cancelValidation(id);
      }
    } catch (error) {
      // A question that was under way is cancelled with the run.
      if (signal?.aborted === true && error instanceof Failure && error.code === 'CANCELLED')
        return await this.#cancelValidation(id);
      throw error;
    } finally {
      await this.#tell('cluster.endValidation', { id }).catch(() => undefined);
    }
  }

  /** What was tested until then, as Test-Cluster is taken to tell it. */
  async #cancelValidation(id: string): Promise<ValidationOutcome> {
    const left = await this.#ask(z.object({ html: z.string() }).nullable(), 'cluster.cancelValidation', { id });
    if (!left) throw cancelled('The validation', 'none');
    return { bytes: new TextEncoder().encode(left.html), warnings: [], isCancelled: true };
  }

  async #watchLinks(listener: (links: readonly LinkState[]) => void, signal: AbortSignal): Promise<void> {
    let last = '';
    while (!signal.aborted) {
      const links = await this.#ask(z.array(linkStateSchema), 'nics.links', {});
      const text = JSON.stringify(links);
      if (text !== last) listener(links);
      last = text;
      await pause(watchEveryMs, signal);
    }
  }

  #makeInitiator(): InitiatorPort {
    return {
      readState: (options) => this.#ask(initiatorStateSchema, 'initiator.readState', {}, options),
      listSessionDisks: (options) => this.#ask(z.array(sessionDisksSchema), 'initiator.listSessionDisks', {}, options),
    };
  }

  #makeMpio(): MpioPort {
    return {
      readState: (options) => this.#ask(mpioStateSchema, 'mpio.readState', {}, options),
    };
  }

  #makeDisks(): DiskPort {
    return {
      list: (options) => this.#ask(z.array(diskSchema), 'disks.list', {}, options),
      listLetters: (options) => this.#ask(z.array(letterUseSchema), 'disks.listLetters', {}, options),
      rescan: (options) => this.#tell('disks.rescan', {}, options),
      readPolicy: (options) => this.#ask(diskPolicySchema, 'disks.readPolicy', {}, options),
    };
  }
}

/** The ports of one server of a world that a client is connected to. Closing them closes the client. */
export const rehearsalPorts = (
  client: WorldClient,
  world: string,
  server: string,
  frame: FactsFrame = { version: 'rehearsal', now: () => new Date() },
): Ports => new RehearsalHost(client, { kind: 'rehearsal', world, server }, frame);

export type RehearsalOptions = Omit<WorldStart, 'folder' | 'who'> & {
  /** The client's name in the world's log. */
  readonly who?: string;
  /** Who says of facts that it collected them. */
  readonly frame?: FactsFrame;
};

/**
 * Opens a simulated server. Its world is kept in `rehearsal/WORLD` of the data folder and started when it does not run; none
 * is made by asking for it. Throws REHEARSAL_NOT_FOUND, REHEARSAL_SERVER_NOT_FOUND, HOST_UNREACHABLE.
 */
export const openRehearsal = async (
  dataFolder: string,
  { world, server: wanted }: RehearsalRef,
  options: RehearsalOptions = {},
): Promise<Ports> => {
  const folder = join(dataFolder, 'rehearsal', world);
  if (!existsSync(folder)) throw failure('REHEARSAL_NOT_FOUND', { name: world });
  const client = await startWorld({ ...options, folder, who: options.who ?? `quorate ${process.pid}` });
  try {
    const described = (await client.control('describe')) as { servers: readonly { name: string }[] };
    const names = described.servers.map((server) => server.name);
    const server = wanted === null ? names[0] : names.find((one) => one.toLowerCase() === wanted.toLowerCase());
    if (server === undefined)
      throw failure('REHEARSAL_SERVER_NOT_FOUND', { name: world, server: wanted ?? '', servers: names.join(', ') });
    return rehearsalPorts(client, world, server, options.frame);
  } catch (error) {
    client.close();
    throw error;
  }
};
