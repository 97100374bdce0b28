import type { Credential } from '../../ports/secret.ts';
import type { ErrorRow } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * Win32 codes that the methods of Win32_ComputerSystem return: their pages, and "System Error Codes".
 * https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes
 */
const accessDenied = 5;
/** ERROR_INVALID_PASSWORD, ERROR_LOGON_FAILURE, restrictions of the account, ERROR_ACCOUNT_LOCKED_OUT, and the quota of joins. */
const credentialRefused = [86, 1326, 1327, 1328, 1330, 1331, 1909, 8557];
/** ERROR_NO_SUCH_DOMAIN, ERROR_INVALID_DOMAINNAME, ERROR_NO_LOGON_SERVERS, ERROR_BAD_NETPATH, ERROR_NETNAME_DELETED. */
const domainNotFound = [1355, 1212, 1311, 53, 64];
/** NERR_SetupAlreadyJoined. */
const alreadyJoined = 2691;

const nameReasons: Readonly<Record<number, string>> = {
  87: 'it is not a valid computer name',
  123: 'it is not a valid computer name',
  1210: 'it is not a valid computer name',
  2224: 'the domain has an account of that name already',
};

const credentialRows = (credential: Credential | null, what: string, ids: readonly string[]): ErrorRow[] =>
  credential === null
    ? []
    : [
        {
          code: 'HOST_CREDENTIAL_REFUSED',
          win32: credentialRefused,
          detail: () => ({ account: credential.userName, what }),
          effect: 'none',
        },
        // The method itself was allowed and the domain said no: the account may not, not this session.
        {
          code: 'HOST_CREDENTIAL_REFUSED',
          id: ids,
          win32: accessDenied,
          detail: () => ({ account: credential.userName, what }),
          effect: 'none',
        },
      ];

export const renameErrors = (credential: Credential | null): readonly ErrorRow[] => [
  ...credentialRows(credential, 'renaming this server', ['Quorate.RenameRefused']),
  {
    code: 'HOST_NAME_REFUSED',
    id: 'Quorate.NameUnchanged',
    detail: (_error, { input }) => ({ name: inputText(input, 'newName'), reason: 'the server has that name already' }),
    effect: 'none',
  },
  {
    code: 'HOST_NAME_REFUSED',
    id: 'Quorate.RenameRefused',
    win32: Object.keys(nameReasons).map(Number),
    detail: (error, { input }) => ({ name: inputText(input, 'newName'), reason: nameReasons[error.win32 ?? 0] ?? '' }),
    effect: 'none',
  },
  {
    code: 'HOST_DOMAIN_NOT_FOUND',
    win32: domainNotFound,
    detail: () => ({ domain: 'the domain of this server' }),
    effect: 'none',
  },
];

export const joinErrors = (credential: Credential | null): readonly ErrorRow[] => [
  ...credentialRows(credential, 'joining the domain', ['Quorate.JoinRefused', 'Quorate.UnjoinRefused']),
  {
    code: 'HOST_DOMAIN_NOT_FOUND',
    win32: domainNotFound,
    detail: (_error, { input }) => ({ domain: inputText(input, 'domain') || 'the domain of this server' }),
    effect: 'none',
  },
  {
    code: 'HOST_ALREADY_MEMBER',
    win32: alreadyJoined,
    detail: (error, { input }) => ({
      server: error.at.target ?? 'this one',
      domain: inputText(input, 'domain') || 'a domain',
    }),
    effect: 'none',
  },
  ...deniedAtOnce,
];

export const restartErrors: readonly ErrorRow[] = [
  ...deniedAtOnce,
  {
    // Restart-Computer has one id for every refusal; the code is in the message alone.
    code: 'HOST_RESTART_REFUSED',
    id: 'RestartcomputerFailed',
    detail: (error) => ({ server: 'this one', reason: error.message }),
    effect: 'none',
  },
];

export const resumeErrors: readonly ErrorRow[] = [
  {
    code: 'HOST_RESUME_NOT_KEPT',
    id: 'Quorate.TaskNotKept',
    detail: (error) => ({ reason: error.message }),
    effect: 'partial',
  },
];

export const timeErrors: readonly ErrorRow[] = [
  {
    code: 'WINDOWS_REFUSED',
    id: 'Quorate.TriggerRefused',
    detail: (error) => ({
      what: 'to replace the trigger of W32Time',
      id: 'sc triggerinfo',
      code: error.at.target ?? '',
    }),
    effect: 'partial',
  },
  {
    code: 'HOST_NOT_IN_DOMAIN',
    id: 'Quorate.HostNotInDomain',
    detail: (error) => ({ server: error.at.target ?? 'this one' }),
    effect: 'none',
  },
  ...deniedAtOnce,
];
