import * as z from 'zod';
import { cancelled } from '../../shared/errors/failure.ts';
import { linkStateSchema, normaliseGuid, type LinkState } from '../../shared/model/nic.ts';
import type { CallOptions } from '../ports/call.ts';
import { pause } from '../system/pause.ts';
import type { ArmedRevert, NicPort } from '../ports/nic-port.ts';
import type { ErrorRow, Runner } from '../powershell/index.ts';
import { change, readWith, type ScriptCall } from './call.ts';
import { revertCalls } from './revert-calls.ts';
import { textForTask } from './task-text.ts';
import { sendEchoes } from './echoes.ts';
import { nicErrors } from './errors/nic-errors.ts';
import { nameOr } from './names.ts';
import { adminStatus, mediaState, nicAnswerSchema, toNics } from './nic-list.ts';

const linksSchema = z.object({
  links: z.array(z.object({ interfaceGuid: z.string(), name: z.string(), adminStatus, mediaState })),
});

/** Milliseconds between two looks at the links: with the call itself well under the two seconds that are promised. */
const lookEveryMs = 500;

const sessionsSchema = z.object({
  sessions: z.array(
    z.object({
      service: nameOr(['rdp', 'winrm', 'ssh', 'other'], 'other'),
      localAddress: z.string(),
      localPort: z.number().int(),
      remoteAddress: z.string(),
    }),
  ),
});

const probeSchema = z.object({
  onLink: z.boolean(),
  statusCode: z.number().int().nullable(),
  neighbour: nameOr(['unreachable', 'incomplete', 'probe', 'delay', 'stale', 'reachable', 'permanent'], null),
});

const judgeProbe = (probe: z.output<typeof probeSchema>): 'free' | 'answered' | 'unknown' => {
  if (!probe.onLink) return 'unknown';
  if (probe.statusCode === 0) return 'answered';
  switch (probe.neighbour) {
    case 'reachable':
    case 'permanent':
      return 'answered';
    case 'probe':
    case 'delay':
    case 'stale':
      // Windows has not finished asking.
      return 'unknown';
    default:
      return probe.statusCode === null ? 'unknown' : 'free';
  }
};

const tasksSchema = z.object({ tasks: z.array(z.object({ name: z.string(), description: z.string() })) });

const toRevert = (task: { readonly name: string; readonly description: string }): ArmedRevert | null => {
  const [mark, format, dueAt] = task.description.split(';');
  return mark === 'quorate-revert' && format === '1' && z.iso.datetime().safeParse(dueAt).success
    ? { token: task.name.slice('Revert-'.length), dueAt: dueAt! }
    : null;
};

/** The NIC port over scripts. */
export const createNicPort = (runner: Runner): NicPort => {
  const set = (call: ScriptCall, errors: readonly ErrorRow[], options?: CallOptions): Promise<void> =>
    change(runner, call, { call: options, errors });

  const readLinks = async (options: CallOptions): Promise<LinkState[]> => {
    const call = { script: 'Get-LinkState', input: {} };
    const { links } = await readWith(runner, call, linksSchema, { call: options, errors: [] });
    return links.map((link) =>
      linkStateSchema.parse({ ...link, interfaceGuid: normaliseGuid(link.interfaceGuid) ?? link.interfaceGuid }),
    );
  };

  return {
    async list(options) {
      const call = { script: 'Get-Nic', input: {}, timeoutMs: 120_000 };
      return toNics(await readWith(runner, call, nicAnswerSchema, { call: options, errors: [] }));
    },
    async watchLinks(listener, options) {
      let seen = '';
      while (!options.signal.aborted) {
        let links: LinkState[];
        try {
          links = await readLinks(options);
        } catch (error) {
          if (options.signal.aborted) return;
          throw error;
        }
        const now = JSON.stringify(links);
        if (now !== seen) {
          seen = now;
          listener(links);
        }
        await pause(lookEveryMs, options.signal);
      }
    },
    async readRemoteSessions(options) {
      const call = { script: 'Get-RemoteSession', input: {} };
      return (await readWith(runner, call, sessionsSchema, { call: options, errors: [] })).sessions;
    },
    async probeAddress(nic, address, options) {
      const call = { script: 'Test-NicAddress', input: { nic, address } };
      return judgeProbe(await readWith(runner, call, probeSchema, { call: options, errors: nicErrors.read }));
    },
    async sendEcho(request, options) {
      const [answer] = await sendEchoes(runner, request, options);
      return typeof answer === 'number'
        ? { answered: true, roundTripMs: answer }
        : { answered: false, because: answer ?? 'other' };
    },
    async armRevert(request, options) {
      if (options?.signal?.aborted) throw cancelled('Register-NicRevert');
      const { script, input } = revertCalls.restore(request.token, request.restore);
      const command = textForTask(await runner.render(script, input));
      await set(revertCalls.armRevert(request.token, request.afterSeconds, command), nicErrors.change, options);
    },
    disarmRevert: (token, options) => set(revertCalls.disarmRevert(token), nicErrors.change, options),
    async readReverts(options) {
      const call = { script: 'Get-NicRevert', input: {} };
      const { tasks } = await readWith(runner, call, tasksSchema, { call: options, errors: [] });
      return tasks.map(toRevert).filter((revert) => revert !== null);
    },
  };
};
