/** Where in a conversation something went wrong. */
export type IscsiPhase =
  | 'input'
  | 'resolve'
  | 'connect'
  | 'discovery'
  | 'login'
  | 'session'
  | 'command'
  | 'logout'
  | 'codec';

/**
 * Every way in which this package says no, with the sentence that explains it. `{name}` is filled from the error's detail.
 * SCSI status and sense are never errors here: they are results.
 */
export const ISCSI_ERRORS = {
  NAME_MALFORMED: 'The iSCSI name {name} is not valid: {reason}.',
  PORTAL_MALFORMED: 'The portal {portal} is not valid: {reason}.',
  OPTION_OUT_OF_RANGE: 'The option {option} is out of range: {reason}.',
  CHAP_SECRET_TOO_SHORT: 'The CHAP secret is {length} bytes long; at least 12 are needed.',
  CHAP_SECRET_REUSED: 'The same CHAP secret is set for both directions; mutual CHAP needs two different ones.',
  CHAP_NOT_AVAILABLE: 'This runtime has none of the CHAP algorithms that were asked for.',

  PORTAL_UNRESOLVABLE: 'The name of the portal {portal} could not be resolved to an address.',
  PORTAL_REFUSED: 'Nothing listens at the portal {portal}: the connection was refused.',
  PORTAL_UNREACHABLE: 'The portal {portal} could not be reached: {reason}.',
  SOURCE_ADDRESS_UNUSABLE: 'The source address {sourceAddress} could not be used for the portal {portal}: {reason}.',
  TIMED_OUT: 'The portal {portal} did not answer within {timeoutMs} ms ({waitingFor}).',
  CONNECTION_CLOSED: 'The portal {portal} closed the connection ({waitingFor}).',
  CONNECTION_LOST: 'The connection to the portal {portal} broke: {reason}.',
  ABORTED: 'The conversation with the portal {portal} was cancelled.',

  NOT_ISCSI_SSH: 'The portal {portal} is an SSH server, not an iSCSI target.',
  NOT_ISCSI_TLS: 'The portal {portal} speaks TLS, not iSCSI.',
  NOT_ISCSI_HTTP: 'The portal {portal} is an HTTP server, not an iSCSI target.',
  NOT_ISCSI: 'What the portal {portal} sent is not iSCSI: {reason}.',
  PDU_MALFORMED: 'The target sent a malformed PDU: {reason}.',
  PDU_TOO_LONG: 'The target sent a PDU with a data segment of {length} bytes; at most {limit} were agreed.',
  PDU_UNEXPECTED: 'The target sent a PDU that does not belong here: {reason}.',
  HEADER_DIGEST_WRONG: 'The header digest of a PDU is wrong: the header was damaged on its way.',
  DATA_DIGEST_WRONG: 'The data digest of a PDU is wrong: the data was damaged on its way.',
  TEXT_MALFORMED: 'The target sent malformed text: {reason}.',
  TEXT_TOO_LONG: 'The target sent more than {limit} bytes of text keys.',
  NEGOTIATION_FAILED: 'The key {key} could not be agreed: {reason}.',
  DATA_MALFORMED: 'The data of {what} is malformed: {reason}.',

  LOGIN_AUTHENTICATION_FAILED:
    'The target refused the login: wrong CHAP name or secret, or CHAP is needed and none was given.',
  LOGIN_CHAP_REFUSED:
    'The target refused CHAP before it sent a challenge, so that no secret was compared (algorithms offered: {algorithms}).',
  LOGIN_NOT_AUTHORIZED: 'The target does not admit this initiator name.',
  LOGIN_TARGET_NOT_FOUND: 'There is no such target at this portal.',
  LOGIN_TARGET_REMOVED: 'The target was removed and no new address is known.',
  LOGIN_UNSUPPORTED_VERSION: 'The target does not speak this version of iSCSI.',
  LOGIN_TOO_MANY_CONNECTIONS: 'The target accepts no more connections on this session identifier.',
  LOGIN_MISSING_PARAMETER: 'The target misses a parameter in the login.',
  LOGIN_CANNOT_INCLUDE_IN_SESSION: 'The target cannot include this connection in a session.',
  LOGIN_SESSION_TYPE_NOT_SUPPORTED: 'The target does not offer this type of session.',
  LOGIN_SESSION_DOES_NOT_EXIST: 'The target does not know the session that the connection was to join.',
  LOGIN_INVALID_REQUEST: 'The target calls the login request invalid in this place.',
  LOGIN_INITIATOR_ERROR: 'The target refused the login (initiator error, detail {statusDetail}).',
  LOGIN_DIGESTS_REFUSED:
    'The target refused the login (0200h) when it was offered the header digest {headerDigest} and the data digest {dataDigest}.',
  LOGIN_TARGET_ERROR: 'The target failed during the login (target error, detail {statusDetail}).',
  LOGIN_SERVICE_UNAVAILABLE: 'The target is there but not serving at the moment.',
  LOGIN_OUT_OF_RESOURCES: 'The target has no room for another session.',
  LOGIN_STATUS_UNKNOWN: 'The target ended the login with a status that is not defined ({statusClass}/{statusDetail}).',
  LOGIN_PROTOCOL_ERROR: 'The target broke the login protocol: {reason}.',
  LOGIN_AUTHENTICATION_MISSING: 'The target does not use CHAP, which was asked for.',
  MUTUAL_CHAP_FAILED: 'The target did not prove that it knows the mutual CHAP secret.',
  REDIRECT_LOOP: 'The target redirects in a circle or more than {limit} times.',
  REDIRECT_MALFORMED: 'The target redirects without a usable address.',

  INTERNAL: 'This initiator failed: {reason}.',
  SESSION_CLOSED: 'The session is closed.',
  SESSION_DROPPED: 'The target announced that it drops the session.',
  COMMAND_REJECTED: 'The target rejected a PDU: {reason}.',
  COMMAND_ABORTED: 'The command was aborted.',
  COMMAND_TIMED_OUT: 'The command {command} was not answered within {timeoutMs} ms.',
  RESPONSE_NOT_COMPLETED: 'The target could not complete the command (iSCSI response {response}).',
  PROTOCOL_ERROR: 'The target broke the protocol: {reason}.',
  LOGOUT_FAILED: 'The target did not accept the logout (response {response}).',
  SESSION_LOGGED_OUT: 'The target asked for a logout, and the session was closed.',
  DISCOVERY_FAILED: 'The target did not answer the discovery: {reason}.',
} as const;

/** What went wrong, for programs: it stays the same over versions. */
export type IscsiErrorCode = keyof typeof ISCSI_ERRORS;

/** What fills a sentence of `ISCSI_ERRORS`. */
export type IscsiDetailValue = string | number | boolean;

/** What the error is about. Only what is known is there. */
export interface IscsiErrorContext {
  readonly phase?: IscsiPhase;
  /** `address:port`, IPv6 in brackets. */
  readonly portal?: string;
  /** The portal that sent us there, where it was a redirect. */
  readonly redirectedFrom?: string;
  readonly target?: string;
  /** The LUN's number in decimal. */
  readonly lun?: string;
}

/** What an error is made of besides its code. */
export interface IscsiErrorOptions extends IscsiErrorContext {
  readonly detail?: Readonly<Record<string, IscsiDetailValue>>;
  readonly cause?: unknown;
}

/** The only class of error that this package throws on purpose. Anything else is a bug. */
export class IscsiError extends Error {
  readonly code: IscsiErrorCode;
  readonly phase: IscsiPhase;
  readonly portal: string | undefined;
  readonly redirectedFrom: string | undefined;
  readonly target: string | undefined;
  readonly lun: string | undefined;
  readonly detail: Readonly<Record<string, IscsiDetailValue>>;

  constructor(code: IscsiErrorCode, options: IscsiErrorOptions = {}) {
    super(describeError(code, options), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IscsiError';
    this.code = code;
    this.phase = options.phase ?? 'codec';
    this.portal = options.portal;
    this.redirectedFrom = options.redirectedFrom;
    this.target = options.target;
    this.lun = options.lun;
    this.detail = options.detail ?? {};
  }

  /** The same error with what is now known about the place; what the error already knew stays. */
  at(context: IscsiErrorContext): IscsiError {
    const portal = this.portal ?? context.portal;
    const target = this.target ?? context.target;
    const lun = this.lun ?? context.lun;
    const redirectedFrom = this.redirectedFrom ?? context.redirectedFrom;
    const phase = this.phase === 'codec' ? (context.phase ?? this.phase) : this.phase;
    const isAllKnown = portal === this.portal && target === this.target && lun === this.lun && phase === this.phase;
    if (isAllKnown && redirectedFrom === this.redirectedFrom) return this;
    return new IscsiError(this.code, {
      phase,
      detail: this.detail,
      cause: this.cause ?? this,
      ...(portal === undefined ? {} : { portal }),
      ...(redirectedFrom === undefined ? {} : { redirectedFrom }),
      ...(target === undefined ? {} : { target }),
      ...(lun === undefined ? {} : { lun }),
    });
  }
}

const describeError = (code: IscsiErrorCode, options: IscsiErrorOptions): string => {
  const known: Readonly<Record<string, IscsiDetailValue | undefined>> = {
    portal: options.portal,
    target: options.target,
    lun: options.lun,
    ...options.detail,
  };
  const sentence = ISCSI_ERRORS[code].replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = known[name];
    return value === undefined ? '(unknown)' : String(value);
  });
  const places: string[] = [];
  if (options.target !== undefined && !sentence.includes(options.target)) places.push(`target ${options.target}`);
  if (options.portal !== undefined && !sentence.includes(options.portal)) places.push(`portal ${options.portal}`);
  if (options.redirectedFrom !== undefined) places.push(`redirected there by ${options.redirectedFrom}`);
  if (options.lun !== undefined) places.push(`LUN ${options.lun}`);
  return places.length === 0 ? sentence : `${sentence} (${places.join(', ')})`;
};

/** Turns anything caught into an `IscsiError`, so that callers have one class to look at. */
export const asIscsiError = (error: unknown, context: IscsiErrorContext): IscsiError => {
  if (error instanceof IscsiError) return error.at(context);
  const reason = error instanceof Error ? error.message : String(error);
  return new IscsiError('CONNECTION_LOST', { ...context, detail: { reason }, cause: error });
};
