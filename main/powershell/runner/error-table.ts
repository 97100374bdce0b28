import { failure, Failure, type Detail, type Effect } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { ScriptError } from './wire.ts';

/** What a script may have changed before it failed, from its header. See docs/scripts.md. */
export type ScriptChanges = 'nothing' | 'one' | 'something';

export interface ErrorContext {
  readonly script: string;
  readonly path: string;
  readonly changes: ScriptChanges;
  /** The script's input, for the names in a message. */
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * One row of an error table. Every condition that is given has to hold; messages are never looked at.
 * `id` is the FullyQualifiedErrorId up to its first comma (what follows names the command).
 */
export interface ErrorRow<Code extends FailureCode = FailureCode> {
  readonly code: Code;
  readonly id?: string | readonly string[];
  readonly command?: string | readonly string[];
  readonly category?: string;
  /** Signed or unsigned. */
  readonly hresult?: number | readonly number[];
  readonly win32?: number | readonly number[];
  /** What the error was about, such as the command or the module that is not there. */
  readonly target?: RegExp;
  /** The details that the code's texts name; `script`, `id`, `message`, `number` and `what` are there already. */
  readonly detail?: (error: ScriptError, context: ErrorContext) => Detail;
  /** What such a failure changed, where it is known better than from the script's header. */
  readonly effect?: Effect;
}

const holds = <Value>(wanted: Value | readonly Value[] | undefined, same: (one: Value) => boolean): boolean =>
  wanted === undefined || (Array.isArray(wanted) ? (wanted as readonly Value[]) : [wanted as Value]).some(same);

/** The FullyQualifiedErrorId without the command's name. */
export const shortErrorId = (id: string): string => id.split(',', 1)[0] ?? id;

/** The one number that names an error best: 0x HRESULT, else Win32. */
export const errorNumber = (error: ScriptError): string =>
  error.hresult !== null
    ? `0x${(error.hresult >>> 0).toString(16).padStart(8, '0')}`
    : error.win32 !== null
      ? `Win32 ${error.win32}`
      : 'no number';

/** Whether a row speaks of this error. */
export const matchesRow = (row: ErrorRow, error: ScriptError): boolean =>
  holds(row.id, (id) => id.toLowerCase() === shortErrorId(error.id).toLowerCase()) &&
  holds(row.command, (command) => command.toLowerCase() === error.at.command?.toLowerCase()) &&
  holds(row.category, (category) => category === error.category) &&
  holds(row.hresult, (hresult) => error.hresult !== null && hresult >>> 0 === error.hresult >>> 0) &&
  holds(row.win32, (win32) => win32 === error.win32) &&
  (row.target === undefined || row.target.test(error.at.target ?? ''));

/** Ids of our own and of the engine that say that a script of ours is wrong. */
const faults: readonly string[] = [
  'Quorate.NoResult',
  'Quorate.ScriptExited',
  'Quorate.ProjectionMissing',
  'Quorate.ProjectionTooDeep',
  'Quorate.NumberTooLarge',
  'Quorate.ScriptUnreadable',
  'Quorate.JsonInvalid',
  'PropertyNotFoundStrict',
  'VariableIsUndefined',
  'NamedParameterNotFound',
  'AmbiguousParameter',
  'AmbiguousParameterSet',
  'MissingArgument',
  'MissingMandatoryParameter',
  'ParameterAlreadyBound',
  'PositionalParameterNotFound',
  'ParameterArgumentValidationError',
  'ParameterArgumentTransformationError',
  'CannotConvertArgument',
  'CannotConvertArgumentNoMessage',
  'MethodArgumentConversionInvalidCastArgument',
  'InvokeMethodOnNull',
  'MethodNotFound',
  'MethodCountCouldNotFindBest',
  'TypeNotFound',
  'CallDepthOverflow',
];

const modulesMissing = [
  'Modules_ModuleNotFound',
  'Modules_ModuleNotFoundForGetModule',
  'CouldNotAutoloadMatchingModule',
  'CouldNotAutoLoadModule',
  'ScriptRequiresMissingModules',
];

/**
 * Commands that come with a role or feature, known by their nouns: those of the modules FailoverClusters, Hyper-V, MPIO and IscsiTarget. They are
 * missing on this server, whatever other server the script was about.
 */
const featureRow = (code: FailureCode, target: RegExp, state: string): ErrorRow => ({
  code,
  id: ['CommandNotFoundException', ...modulesMissing],
  target,
  detail: () => ({ node: 'this server', state }),
  effect: 'none',
});

const featureErrors: readonly ErrorRow[] = [
  featureRow('CLUSTER_FEATURE_MISSING', /^(?:[a-z]+-(?:Workgroup)?Cluster|FailoverClusters$)/i, ''),
  featureRow(
    'HYPERV_MISSING',
    /^(?:[a-z]+-(?:VM|VHD|VFD)|Hyper-V$)/i,
    'not installed, or its PowerShell module is not',
  ),
  featureRow(
    'MPIO_NOT_INSTALLED',
    /^(?:[a-z]+-(?:MSDSM|MPIO|MPClaim)|MPIO$)/i,
    'not installed, or waits for a restart',
  ),
  featureRow(
    'STORAGE_HOST_ROLE_MISSING',
    /^(?:[a-z]+-(?:IscsiVirtualDisk|IscsiServerTarget|IscsiTargetServer)|IscsiTarget$)/i,
    'is not installed',
  ),
];

/**
 * What every script may meet. The caller's own rows come before these.
 * Win32 and HRESULT numbers: [MS-ERREF] 2.1.1 and 2.2; WBEM numbers: [MS-WMI] 2.2.11; MI results: MI_Result.
 */
export const generalErrors: readonly ErrorRow[] = [
  ...featureErrors,
  {
    code: 'POWERSHELL_COMMAND_MISSING',
    id: 'CommandNotFoundException',
    detail: (error) => ({ command: error.at.target ?? error.at.command ?? 'unknown' }),
    effect: 'none',
  },
  {
    code: 'POWERSHELL_MODULE_MISSING',
    id: [
      'Modules_ModuleNotFound',
      'Modules_ModuleNotFoundForGetModule',
      'CouldNotAutoloadMatchingModule',
      'CouldNotAutoLoadModule',
      'ScriptRequiresMissingModules',
    ],
    detail: (error) => ({ module: error.at.target ?? 'unknown' }),
    effect: 'none',
  },
  { code: 'POWERSHELL_SCRIPT_ALTERED', id: 'Quorate.ScriptAltered', effect: 'none' },
  { code: 'POWERSHELL_SCRIPT_FAULT', id: faults, effect: 'unknown' },
  { code: 'ACCESS_DENIED', win32: 5 },
  { code: 'ACCESS_DENIED', hresult: [0x80070005, 0x80041003] },
  { code: 'ACCESS_DENIED', id: 'MI RESULT 2' },
  { code: 'ACCESS_DENIED', category: 'PermissionDenied' },
  // 1722 RPC_S_SERVER_UNAVAILABLE, 1753 EPT_S_NOT_REGISTERED: the call was never taken.
  { code: 'WINDOWS_RPC_UNAVAILABLE', win32: [1722, 1753] },
  { code: 'WINDOWS_RPC_UNAVAILABLE', hresult: [0x800706ba, 0x800706d9] },
  // 1726 RPC_S_CALL_FAILED, 1727 RPC_S_CALL_FAILED_DNE: 1726 may have been carried out.
  { code: 'WINDOWS_RPC_UNAVAILABLE', win32: 1727 },
  { code: 'WINDOWS_RPC_UNAVAILABLE', win32: 1726, effect: 'unknown' },
];

const rowEffect = (row: ErrorRow, context: ErrorContext): Effect => {
  if (context.changes === 'nothing') return 'none';
  if (row.effect) return row.effect;
  // A script that makes one change makes it by its last call: a refusal that the table knows left nothing changed.
  return context.changes === 'something' ? 'unknown' : 'none';
};

/** Finds the failure for a script's error: the caller's rows, then the general ones, else the error as it is. */
export const mapScriptError = (error: ScriptError, rows: readonly ErrorRow[], context: ErrorContext): Failure => {
  const detail: Detail = {
    script: context.script,
    path: context.path,
    id: shortErrorId(error.id),
    fullId: error.id,
    message: error.message,
    number: errorNumber(error),
    what: error.at.command ?? context.script,
    command: error.at.command,
    category: error.category,
    hresult: error.hresult,
    win32: error.win32,
    line: error.at.line,
  };
  for (const row of [...rows, ...generalErrors]) {
    if (matchesRow(row, error)) {
      return new Failure(row.code, { ...detail, ...row.detail?.(error, context) }, { effect: rowEffect(row, context) });
    }
  }
  return failure(
    'POWERSHELL_ERROR_UNKNOWN',
    {
      ...detail,
      script: context.script,
      message: error.message,
      id: shortErrorId(error.id),
      number: errorNumber(error),
    },
    { effect: context.changes === 'nothing' ? 'none' : 'unknown' },
  );
};
