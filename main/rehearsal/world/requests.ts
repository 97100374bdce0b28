import * as z from 'zod';
import { failure, toEnvelope, type DetailValue, type Envelope } from '../../../shared/errors/failure.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import { problemOf } from '../../../shared/model/issue-words.ts';
import { portMethods } from './ports/index.ts';
import type { Refusal } from './refusal.ts';
import { runControl } from './control.ts';
import type { ServedTargets } from './serve.ts';
import type { World } from './world.ts';

/** One line of a client. One of `port` and `control` says what it wants. */
const requestSchema = z.object({
  id: z.union([z.string(), z.number()]),
  /** The client's name for itself, for the log. */
  who: z.string().optional(),
  server: z.string().optional(),
  port: z.string().optional(),
  control: z.string().optional(),
  input: z.unknown().optional(),
});
type WorldRequest = z.output<typeof requestSchema>;

export type WorldReply =
  | { readonly id: string | number; readonly ok: true; readonly result: unknown }
  | { readonly id: null; readonly ok: false; readonly error: object }
  | { readonly id: string | number; readonly ok: false; readonly failure: Envelope };

const secretName = /secret|password|credential/i;

/** A copy of an input for the log: what a secret's name stands before is left out, and everything below `secrets`. */
export const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      if (key === 'secrets') return [key, Object.keys(item as object)];
      return [key, secretName.test(key) && typeof item === 'string' ? '[secret]' : withoutSecrets(item)];
    }),
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

/** Answers one line of a client, as it was parsed. It never throws for what a client may do wrong. */
export type Answer = (world: World, targets: ServedTargets, line: unknown) => Promise<object>;

export const answer = async (world: World, targets: ServedTargets, line: unknown): Promise<WorldReply> => {
  const parsed = requestSchema.safeParse(line);
  if (!parsed.success)
    return {
      id: null,
      ok: false,
      error: { id: 'MalformedRequest', category: 'InvalidData', message: 'not a request' },
    };
  const request = parsed.data;
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
  return answerPort(world, request, server, who, request.port ?? '');
};

const bug = (error: unknown): Envelope =>
  toEnvelope(error instanceof Error ? failure('INTERNAL_BUG', { message: error.message }) : error);

const answerPort = (world: World, request: WorldRequest, server: string, who: string, what: string): WorldReply => {
  const { id } = request;
  const method = portMethods.get(what);
  if (!method) return { id, ok: false, failure: toEnvelope(failure('CALL_UNKNOWN_METHOD', { method: what })) };
  const parsed = method.input.safeParse(request.input ?? {});
  if (!parsed.success) {
    const problem = problemOf(parsed.error.issues);
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
