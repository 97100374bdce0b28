import { IscsiError, type IscsiErrorCode } from '../error.ts';

/** Login status classes: RFC 7143 section 11.13.5. */
export const LOGIN_STATUS_CLASS = { success: 0, redirection: 1, initiatorError: 2, targetError: 3 } as const;

interface StatusRow {
  readonly statusClass: number;
  readonly statusDetail: number;
  readonly name: string;
  readonly code: IscsiErrorCode;
}

const row = (statusClass: number, statusDetail: number, name: string, code: IscsiErrorCode): StatusRow => ({
  statusClass,
  statusDetail,
  name,
  code,
});

/** The table of RFC 7143 section 11.13.5. */
export const LOGIN_STATUSES: readonly StatusRow[] = [
  row(2, 0x00, 'Initiator error', 'LOGIN_INITIATOR_ERROR'),
  row(2, 0x01, 'Authentication failure', 'LOGIN_AUTHENTICATION_FAILED'),
  row(2, 0x02, 'Authorization failure', 'LOGIN_NOT_AUTHORIZED'),
  row(2, 0x03, 'Not found', 'LOGIN_TARGET_NOT_FOUND'),
  row(2, 0x04, 'Target removed', 'LOGIN_TARGET_REMOVED'),
  row(2, 0x05, 'Unsupported version', 'LOGIN_UNSUPPORTED_VERSION'),
  row(2, 0x06, 'Too many connections', 'LOGIN_TOO_MANY_CONNECTIONS'),
  row(2, 0x07, 'Missing parameter', 'LOGIN_MISSING_PARAMETER'),
  row(2, 0x08, "Can't include in session", 'LOGIN_CANNOT_INCLUDE_IN_SESSION'),
  row(2, 0x09, 'Session type not supported', 'LOGIN_SESSION_TYPE_NOT_SUPPORTED'),
  row(2, 0x0a, 'Session does not exist', 'LOGIN_SESSION_DOES_NOT_EXIST'),
  row(2, 0x0b, 'Invalid during login', 'LOGIN_INVALID_REQUEST'),
  row(3, 0x00, 'Target error', 'LOGIN_TARGET_ERROR'),
  row(3, 0x01, 'Service unavailable', 'LOGIN_SERVICE_UNAVAILABLE'),
  row(3, 0x02, 'Out of resources', 'LOGIN_OUT_OF_RESOURCES'),
];

/** The error for a status that is neither success nor a redirection; details that are not defined stay within their class. */
export const explainLoginStatus = (statusClass: number, statusDetail: number): IscsiError => {
  const exact = LOGIN_STATUSES.find((one) => one.statusClass === statusClass && one.statusDetail === statusDetail);
  const detail = { statusClass, statusDetail };
  if (exact !== undefined) return new IscsiError(exact.code, { phase: 'login', detail });
  if (statusClass === 2) return new IscsiError('LOGIN_INITIATOR_ERROR', { phase: 'login', detail });
  if (statusClass === 3) return new IscsiError('LOGIN_TARGET_ERROR', { phase: 'login', detail });
  return new IscsiError('LOGIN_STATUS_UNKNOWN', { phase: 'login', detail });
};
