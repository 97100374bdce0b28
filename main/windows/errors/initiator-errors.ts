import type { Detail } from '../../../shared/errors/failure.ts';
import type { ErrorContext, ErrorRow, ScriptError } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * The iSCSI initiator refuses with codes of its own, which the error id holds ("HRESULT 0xefff0003").
 * "iSCSI error codes and descriptions (from iscsierr.h)", Microsoft,
 * https://learn.microsoft.com/en-us/archive/blogs/storwdk/iscsi-error-codes-and-descriptions-from-iscsierr-h
 */
export const initiatorCodes = {
  connectionFailed: 0xefff0003,
  sessionFailed: 0xefff0004,
  authenticationFailure: 0xefff0009,
  authorizationFailure: 0xefff000a,
  notFound: 0xefff000b,
  invalidSessionId: 0xefff001c,
  targetNotFound: 0xefff0029,
  loginUserInfoBad: 0xefff002b,
  invalidPortNumber: 0xefff002d,
  targetAlreadyInstalled: 0xefff0034,
  serviceNotRunning: 0xefff003e,
  targetAlreadyLoggedIn: 0xefff003f,
  deviceBusyOnSession: 0xefff0040,
  invalidChapSecret: 0xefff004a,
  invalidIscsiName: 0xefff0051,
} as const;

type Detailer = (error: ScriptError, context: ErrorContext) => Detail;

const none = 'none' as const;

const serviceStopped: readonly ErrorRow[] = [
  { code: 'INITIATOR_SERVICE_STOPPED', id: 'Quorate.InitiatorServiceStopped', effect: none },
  { code: 'INITIATOR_SERVICE_STOPPED', hresult: initiatorCodes.serviceNotRunning, effect: none },
];

const portalDetail: Detailer = (error, { input }) => {
  // Discovery over the whole list names the portal itself: "address:port;source".
  const [portal, source] = (error.at.target ?? '').split(';');
  const given = inputText(input, 'targetPortalAddress');
  return given === ''
    ? { portal: portal || 'of the list', source: source || 'any address' }
    : {
        portal: `${given}:${inputText(input, 'targetPortalPort')}`,
        source: inputText(input, 'initiatorPortalAddress') || 'any address',
      };
};

const refused = (hresult: number, reason: string): ErrorRow => ({
  code: 'INITIATOR_LOGON_REFUSED',
  hresult,
  detail: (error, context) => ({
    target: inputText(context.input, 'targetNodeAddress') || String(portalDetail(error, context)['portal']),
    initiator: 'this initiator',
    reason,
  }),
  effect: none,
});

const logonRefusals: readonly ErrorRow[] = [
  refused(initiatorCodes.authorizationFailure, 'the target does not admit this name'),
  refused(initiatorCodes.authenticationFailure, 'the CHAP name or secret is not the one of the target'),
  refused(initiatorCodes.loginUserInfoBad, 'the CHAP name or secret is not the one of the target'),
];

const unreachable: readonly ErrorRow[] = [
  {
    code: 'INITIATOR_PORTAL_UNREACHABLE',
    hresult: [initiatorCodes.connectionFailed, initiatorCodes.sessionFailed],
    detail: portalDetail,
    effect: none,
  },
];

const secretInvalid: ErrorRow = {
  code: 'INITIATOR_SECRET_INVALID',
  hresult: initiatorCodes.invalidChapSecret,
  detail: () => ({ problem: 'does not have the form that Windows takes' }),
  effect: none,
};

const sessionNotFound: readonly ErrorRow[] = [
  {
    code: 'INITIATOR_SESSION_NOT_FOUND',
    id: ['Quorate.InitiatorSessionNotFound', 'CmdletizationQuery_NotFound_SessionIdentifier'],
    detail: (_error, { input }) => ({ session: inputText(input, 'sessionIdentifier') }),
    effect: none,
  },
  {
    code: 'INITIATOR_SESSION_NOT_FOUND',
    hresult: initiatorCodes.invalidSessionId,
    detail: (_error, { input }) => ({ session: inputText(input, 'sessionIdentifier') }),
    effect: none,
  },
];

const favouriteDetail: Detailer = (_error, { input }) => ({
  target: inputText(input, 'targetNodeAddress') || 'this session',
  source: inputText(input, 'initiatorPortalAddress') || 'any address',
  portal: inputText(input, 'targetPortalAddress') || 'any portal',
});

const favouriteNotFound: readonly ErrorRow[] = [
  {
    code: 'INITIATOR_FAVOURITE_NOT_FOUND',
    id: 'Quorate.InitiatorFavouriteNotFound',
    detail: favouriteDetail,
    effect: none,
  },
  {
    code: 'INITIATOR_FAVOURITE_NOT_FOUND',
    hresult: initiatorCodes.notFound,
    detail: favouriteDetail,
    effect: none,
  },
];

/** Rows for each method of the initiator port. */
export const initiatorErrors = {
  read: serviceStopped,
  setService: deniedAtOnce,
  setName: [
    ...serviceStopped,
    // Set-InitiatorPort needs the port that the running service shows.
    { code: 'INITIATOR_SERVICE_STOPPED', id: 'Quorate.InitiatorPortNotFound', effect: none },
    {
      code: 'INITIATOR_NAME_REFUSED',
      hresult: initiatorCodes.invalidIscsiName,
      detail: (_error, { input }) => ({ name: inputText(input, 'name') }),
      effect: none,
    },
  ],
  setMutualSecret: [...serviceStopped, secretInvalid],
  addPortal: [...serviceStopped, secretInvalid, ...unreachable, ...logonRefusals],
  removePortal: [
    ...serviceStopped,
    {
      code: 'INITIATOR_PORTAL_NOT_FOUND',
      id: ['Quorate.InitiatorPortalNotFound', 'CmdletizationQuery_NotFound_TargetPortalAddress'],
      detail: portalDetail,
      effect: none,
    },
  ],
  discover: [
    ...serviceStopped,
    // The other portals were asked before it is reported.
    ...unreachable.map((row) => ({ ...row, effect: 'partial' as const })),
    ...logonRefusals.map((row) => ({ ...row, effect: 'partial' as const })),
    ...deniedAtOnce,
  ],
  logOn: [
    ...serviceStopped,
    secretInvalid,
    {
      code: 'INITIATOR_TARGET_NOT_FOUND',
      hresult: initiatorCodes.targetNotFound,
      detail: (_error, { input }) => ({ target: inputText(input, 'targetNodeAddress') }),
      effect: none,
    },
    {
      code: 'INITIATOR_TARGET_NOT_FOUND',
      id: 'CmdletizationQuery_NotFound_NodeAddress',
      detail: (_error, { input }) => ({ target: inputText(input, 'targetNodeAddress') }),
      effect: none,
    },
    {
      code: 'INITIATOR_SOURCE_ADDRESS_UNKNOWN',
      hresult: initiatorCodes.invalidPortNumber,
      detail: (_error, { input }) => ({ address: inputText(input, 'initiatorPortalAddress') }),
      effect: none,
    },
    {
      code: 'INITIATOR_SESSION_EXISTS',
      hresult: initiatorCodes.targetAlreadyLoggedIn,
      detail: (_error, { input }) => ({ target: inputText(input, 'targetNodeAddress') }),
      effect: none,
    },
    ...unreachable,
    ...logonRefusals,
  ],
  logOff: [
    ...serviceStopped,
    ...sessionNotFound,
    {
      code: 'INITIATOR_SESSION_IN_USE',
      hresult: initiatorCodes.deviceBusyOnSession,
      detail: (_error, { input }) => ({ session: inputText(input, 'sessionIdentifier') }),
      effect: none,
    },
  ],
  registerSession: [...serviceStopped, ...sessionNotFound, secretInvalid],
  unregisterSession: [...serviceStopped, ...sessionNotFound, ...favouriteNotFound],
  removeFavourite: [...serviceStopped, ...favouriteNotFound],
  bindVolumes: serviceStopped,
} as const satisfies Readonly<Record<string, readonly ErrorRow[]>>;

/** Rows for the MPIO port. The module MPIO comes with the feature. */
export const mpioErrors: readonly ErrorRow[] = [
  {
    code: 'MPIO_NOT_INSTALLED',
    id: [
      'CommandNotFoundException',
      'CouldNotAutoloadMatchingModule',
      'CouldNotAutoLoadModule',
      'Modules_ModuleNotFound',
    ],
    detail: () => ({ state: 'not installed, or waits for a restart' }),
    effect: none,
  },
];

export const featureErrors: readonly ErrorRow[] = [
  {
    code: 'ROLE_SOURCE_MISSING',
    id: 'DISMAPI_Error__Cbs_Download_Failure',
    detail: () => ({ features: 'Multipath-IO', reason: '0x800f081f' }),
    effect: none,
  },
  {
    code: 'ROLE_INSTALL_FAILED',
    id: 'Quorate.FeatureFailed',
    detail: (error) => ({ features: 'Multipath-IO', reason: error.at.target ?? 'no reason was given' }),
    effect: 'unknown',
  },
  ...deniedAtOnce,
  {
    code: 'ROLE_INSTALL_FAILED',
    command: ['Install-WindowsFeature', 'Add-WindowsFeature'],
    detail: (error) => ({ features: 'Multipath-IO', reason: error.id.split(',', 1)[0] ?? error.id }),
    effect: 'unknown',
  },
];
