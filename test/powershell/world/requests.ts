import * as z from 'zod';
import { toJson } from '../../../shared/model/quantity.ts';
import type { WindowsError } from '../../../main/rehearsal/world/behaviour.ts';
import type { WorldClient } from '../../../main/rehearsal/world/client.ts';
import type { Refusal } from '../../../main/rehearsal/world/refusal.ts';
import { answer, withoutSecrets, type Answer } from '../../../main/rehearsal/world/requests.ts';
import { cmdlets, type CimValue } from './index.ts';

/** A line of a simulated cmdlet: what it is called, and what was bound. */
const cmdletRequest = z.object({
  id: z.union([z.string(), z.number()]),
  who: z.string().default('somebody'),
  server: z.string(),
  cmdlet: z.string(),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

export interface CmdletError extends WindowsError {
  /** FullyQualifiedErrorId. */
  readonly id: string;
}

export type CmdletAnswer =
  | { readonly ok: true; readonly objects: readonly CimValue[]; readonly warnings?: readonly string[] }
  | { readonly ok: false; readonly error: CmdletError; readonly gone?: true; readonly warnings?: readonly string[] };

/** Runs a cmdlet of a simulated server without PowerShell; a refusal is an answer here. */
export const runCmdlet = async (
  client: WorldClient,
  server: string,
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<CmdletAnswer> => (await client.ask({ server, cmdlet, parameters })) as unknown as CmdletAnswer;

/** Hyper-V's own words for it. */
const hyperVCmdlet = /-VM/;
const storageCmdlet = /-(Disk|Partition|PartitionAccessPath|Volume|StorageSetting|HostStorageCache|InitiatorPort)$/;

/** PowerShell's error record for a refusal. */
const recordOf = (refusal: Refusal, cmdlet: string): CmdletError => {
  const error =
    refusal.behaviourId === 'access.denied' && storageCmdlet.test(cmdlet)
      ? { id: 'StorageWMI 40001', category: 'PermissionDenied', message: 'Access denied' }
      : refusal.behaviourId === 'access.denied' && hyperVCmdlet.test(cmdlet)
        ? {
            id: 'AccessDenied',
            command: `Microsoft.HyperV.PowerShell.Commands.${cmdlet.replace('-', '')}`,
            category: 'PermissionDenied',
            message: 'You do not have the required permission to complete this task.',
          }
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

/** A creation that fails names its report on the warning stream first. */
const reportWarnings = ({ detail: { report } }: Refusal): readonly string[] =>
  typeof report === 'string'
    ? [
        'The clustered role was not successfully created. For more information view the report file below.',
        `Report file location: ${report}`,
      ]
    : [];

const partsOf = (values: readonly CimValue[]): { objects: unknown; warnings: readonly string[] } => ({
  objects: toJson(values.filter((value) => !(typeof value === 'object' && '$warning' in value))),
  warnings: values.flatMap((value) => (typeof value === 'object' && '$warning' in value ? [value.$warning] : [])),
});

/** Answers what a simulated cmdlet asks, and everything else as the world that ships does. */
export const answerCmdlets: Answer = async (world, targets, raw) => {
  const parsed = cmdletRequest.safeParse(raw);
  if (!parsed.success || !(parsed.data.server in world.state.servers)) return answer(world, targets, raw);
  const { id, who, server, cmdlet: what, parameters } = parsed.data;
  const cmdlet = cmdlets.get(what.toLowerCase());
  if (!cmdlet) {
    const error = { id: `NotModelled,${what}`, category: 'NotImplemented', message: `${what} is not modelled.` };
    return { id, ok: false, error };
  }
  const line = { who, server, what: cmdlet.name, input: withoutSecrets(parameters) };
  const outcome =
    cmdlet.kind === 'read'
      ? world.read(line, (state, one, used) =>
          cmdlet.run({ world: state, server: one, used, nowMs: world.nowMs }, cmdlet.parameters(parameters)),
        )
      : world.change(line, (change) => cmdlet.run(change, cmdlet.parameters(parameters)));
  switch (outcome.kind) {
    case 'done':
      return { id, ok: true, ...partsOf(outcome.value) };
    case 'refused':
      return {
        id,
        ok: false,
        error: recordOf(outcome.refusal, cmdlet.name),
        warnings: reportWarnings(outcome.refusal),
      };
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
