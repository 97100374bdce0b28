import * as z from 'zod';
import { failure, toEnvelope, type DetailValue, type Envelope } from '../../../shared/errors/failure.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import { cmdlets, type CimValue } from './windows/index.ts';
import type { WindowsError } from './behaviour.ts';
import { portMethods } from './ports/index.ts';
import type { Refusal } from './refusal.ts';
import { runControl } from './control.ts';
import type { ServedTargets } from './serve.ts';
import type { World } from './world.ts';

/** One line of a client. Exactly one of `cmdlet`, `port` and `control` says what it wants. */
export const requestSchema = z.object({
  id: z.union([z.string(), z.number()]),
  /** The client's name for itself, for the log. */
  who: z.string().optional(),
  server: z.string().optional(),
  cmdlet: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  port: z.string().optional(),
  control: z.string().optional(),
  input: z.unknown().optional(),
});
export type WorldRequest = z.output<typeof requestSchema>;

export interface CmdletError extends WindowsError {
  /** FullyQualifiedErrorId. */
  readonly id: string;
}

export type WorldReply =
  | { readonly id: string | number; readonly ok: true; readonly objects: readonly CimValue[] }
  | { readonly id: string | number; readonly ok: true; readonly result: unknown }
  | { readonly id: string | number; readonly ok: false; readonly error: unknown; readonly gone?: true }
  | { readonly id: string | number; readonly ok: false; readonly failure: Envelope };

const secretName = /secret|password|credential/i;

/** A copy of an input for the log: what a secret's name stands before is left out. */
export const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretName.test(key) && typeof item === 'string' ? '[secret]' : withoutSecrets(item),
    ]),
  );
};

/** The failure of the port for a refusal of the table. */
export const failureOf = (refusal: Refusal, what: string): Envelope => {
  const { behaviour, windowsError } = refusal;
  const code = behaviour.failure ?? 'WINDOWS_REFUSED';
  const detail: Record<string, DetailValue> = {
    what,
    id: windowsError.id,
    code: windowsError.hresult ?? windowsError.win32 ?? windowsError.category,
    reason: windowsError.message,
    problem: windowsError.message,
    ...refusal.detail,
  };
  const effect = refusal.keepsChanges ? ('partial' as const) : ('none' as const);
  return toEnvelope(new Failure(code, detail, { effect }));
};

const storageCmdlet = /-(Disk|Partition|PartitionAccessPath|Volume|StorageSetting|HostStorageCache|InitiatorPort)$/;

/** PowerShell's error record for a refusal. */
const recordOf = (refusal: Refusal, cmdlet: string): CmdletError => {
  const error =
    refusal.behaviourId === 'access.denied' && storageCmdlet.test(cmdlet)
      ? { id: 'StorageWMI 40001', category: 'PermissionDenied', message: 'Access denied' }
      : refusal.windowsError;
  const renamed =
    cmdlet === 'Rename-Computer' && error.id === 'FailToJoinDomainFromWorkgroup'
      ? { ...error, id: 'FailToRenameComputer', command: 'Microsoft.PowerShell.Commands.RenameComputerCommand' }
      : error;
  const command = renamed.command ?? cmdlet;
  return {
    ...renamed,
    id: command === '' ? renamed.id : `${renamed.id},${command}`,
    hresult: renamed.hresult ?? 0,
    ...(renamed.win32 === undefined ? {} : { win32: renamed.win32 }),
  };
};

/** Answers one request. It never throws for what a client may do wrong. */
export const answer = async (world: World, targets: ServedTargets, request: WorldRequest): Promise<WorldReply> => {
  const { id } = request;
  const who = request.who ?? 'somebody';
  if (request.control !== undefined) {
    try {
      return {
        id,
        ok: true,
        result: toJson(await runControl(world, targets, who, request.control, request.input ?? {})),
      };
    } catch (error) {
      return { id, ok: false, failure: bug(error) };
    }
  }
  const server = request.server ?? '';
  if (!(server in world.state.servers)) {
    return {
      id,
      ok: false,
      failure: toEnvelope(failure('HOST_UNREACHABLE', { server, reason: 'there is no such server' })),
    };
  }
  return request.port === undefined
    ? answerCmdlet(world, request, server, who)
    : answerPort(world, request, server, who, request.port);
};

const bug = (error: unknown): Envelope =>
  toEnvelope(error instanceof Error ? failure('INTERNAL_BUG', { message: error.message }) : error);

const answerPort = (world: World, request: WorldRequest, server: string, who: string, what: string): WorldReply => {
  const { id } = request;
  const method = portMethods.get(what);
  if (!method) return { id, ok: false, failure: toEnvelope(failure('CALL_UNKNOWN_METHOD', { method: what })) };
  const parsed = method.input.safeParse(request.input ?? {});
  if (!parsed.success) {
    const problem = z.prettifyError(parsed.error);
    return { id, ok: false, failure: toEnvelope(failure('CALL_INPUT_INVALID', { method: what, problem })) };
  }
  const line = { who, server, what, input: withoutSecrets(parsed.data) };
  const outcome =
    method.kind === 'read'
      ? world.read(line, (state, one, used) =>
          method.run({ world: state, server: one, used, nowMs: world.nowMs }, parsed.data as never),
        )
      : world.change(line, (change) => method.run(change, parsed.data as never));
  switch (outcome.kind) {
    case 'done':
      return { id, ok: true, result: toJson(outcome.value ?? null) };
    case 'refused':
      return { id, ok: false, failure: failureOf(outcome.refusal, what) };
    case 'gone':
      return { id, ok: false, failure: outcome.envelope };
    case 'bug':
      return { id, ok: false, failure: toEnvelope(failure('INTERNAL_BUG', { message: outcome.message })) };
  }
};

const answerCmdlet = (world: World, request: WorldRequest, server: string, who: string): WorldReply => {
  const { id } = request;
  const what = request.cmdlet ?? '';
  const cmdlet = cmdlets.get(what.toLowerCase());
  if (!cmdlet) {
    const error = { id: `NotModelled,${what}`, category: 'NotImplemented', message: `${what} is not modelled.` };
    return { id, ok: false, error };
  }
  const parameters = request.parameters ?? {};
  const line = { who, server, what: cmdlet.name, input: withoutSecrets(parameters) };
  const outcome =
    cmdlet.kind === 'read'
      ? world.read(line, (state, one, used) =>
          cmdlet.run({ world: state, server: one, used, nowMs: world.nowMs }, cmdlet.parameters(parameters)),
        )
      : world.change(line, (change) => cmdlet.run(change, cmdlet.parameters(parameters)));
  switch (outcome.kind) {
    case 'done':
      return { id, ok: true, objects: toJson(outcome.value) };
    case 'refused':
      return { id, ok: false, error: recordOf(outcome.refusal, cmdlet.name) };
    case 'gone':
      return {
        id,
        ok: false,
        gone: true,
        error: { id: 'ServerIsGone', category: 'ConnectionError', message: 'The simulated server does not run.' },
      };
    case 'bug':
      return {
        id,
        ok: false,
        error: { id: `NotModelled,${cmdlet.name}`, category: 'NotImplemented', message: outcome.message },
      };
  }
};
