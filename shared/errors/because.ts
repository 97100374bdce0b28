import { asClause } from '../model/sentence.ts';
import type { StepResult } from '../contract/apply.ts';
import { messages, type FailureCode } from '../messages/index.ts';
import type { MessageRow } from '../messages/define.ts';
import { explain } from './failure.ts';

const isCode = (text: string): boolean => Object.hasOwn(messages, text) || /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text);

/** Codes with which something is not read, whose own sentences name details that were not kept: the same without them. */
const withoutDetails: Readonly<Partial<Record<FailureCode, string>>> = {
  ACCESS_DENIED: 'Windows denied it to this account.',
  WINDOWS_REFUSED: 'Windows refused it.',
  WINDOWS_RPC_UNAVAILABLE: 'A service of Windows that it needs does not answer (RPC).',
  HOST_UNREACHABLE: 'The server does not answer.',
  HOST_RESTARTING: 'The server is restarting.',
  HOST_NOT_ELEVATED: 'Quorate is not elevated on this server.',
  HOST_DOMAIN_NOT_FOUND: 'No domain controller can be found from this server.',
  HOST_NOT_IN_DOMAIN: 'The server is in a workgroup.',
  HYPERV_MISSING: 'Hyper-V is not installed, or its PowerShell module is not.',
  MPIO_NOT_INSTALLED: 'Multipath I/O is not installed, or waits for a restart.',
  STORAGE_HOST_ROLE_MISSING: 'The role iSCSI Target Server is not installed.',
  CLUSTER_FEATURE_MISSING: 'Failover Clustering is not installed.',
  CLUSTER_SERVICE_STOPPED:
    'The cluster service is not running: the server is not in a cluster, or the service has stopped.',
  CLUSTER_RIGHTS_MISSING: 'This account may not read the cluster.',
  CLUSTER_NODE_UNREACHABLE: 'A node of the cluster does not answer.',
  NIC_NOT_FOUND: 'The network adapter is not there.',
  DISK_NOT_FOUND: 'The disk is not there.',
  POWERSHELL_COMMAND_MISSING: 'A command of Windows that it needs is missing.',
  POWERSHELL_MODULE_MISSING: 'A PowerShell module that it needs is missing.',
  POWERSHELL_SCRIPT_ALTERED: 'A script is not the one that Quorate was built with.',
  POWERSHELL_SCRIPT_FAULT: 'A script of Quorate has a defect; the log has its message.',
  POWERSHELL_ANSWER_INVALID: 'The answer of Windows does not have the expected form; the log has it.',
  POWERSHELL_SESSION_DIED: 'PowerShell ended while it was read.',
  POWERSHELL_DEADLINE_PASSED: 'Windows took too long to answer.',
  POWERSHELL_ERROR_UNKNOWN: 'Windows reported something that Quorate does not know; the log has it.',
};

/**
 * Why something is not known, in words: the sentence of a failure's code, without the details where they were not kept; otherwise the text as it is.
 * A code is never all that is said.
 */
export const becauseText = (because: string): string => {
  if (!isCode(because)) return because;
  const what = (messages as Readonly<Record<string, MessageRow>>)[because]?.what;
  if (what !== undefined && !what.includes('{')) return what;
  return withoutDetails[because as FailureCode] ?? `Reading it failed (${because}); the log of this server says more.`;
};

/** The same as a part of a sentence: without its full stop, and without the capital letter of its beginning. */
export const becausePhrase = (because: string): string => asClause(becauseText(because).replace(/\.$/, ''));

/** Why a step of a change did not come to its end, with the details that the journal has; null where it did, or where nobody wrote why. */
export const reasonOfStep = ({ state, error }: Pick<StepResult, 'state' | 'error'>): string | null =>
  error === null || (state !== 'failed' && state !== 'unknown') ? null : `${explain(error).what} [${error.code}]`;
