import type { LunAddresses } from '../scsi/lun.ts';
import type { LoginResult } from '../login/initiator-login.ts';
import { formatIsid } from '../login/isid.ts';
import type { Redirect } from '../login/login.ts';
import type { NegotiatedParameters } from '../text/negotiation.ts';
import type { Connection } from '../transport/connection.ts';

/** What `openSession` has made of its options. Times in milliseconds. */
export interface SessionSettings {
  /** The form in which LUNs are sent; filled once the target listed them. */
  readonly lunAddresses: LunAddresses;
  readonly target: string;
  readonly initiatorName: string;
  readonly isid: Buffer;
  /** Deadline of a command that brings none of its own. */
  readonly commandTimeoutMs: number;
  /** How long the target may take for a task management function, an abort included. */
  readonly taskManagementTimeoutMs: number;
  readonly logoutTimeoutMs: number;
  /** After so long without a word from the target it is asked whether it is there; 0: never. */
  readonly keepAliveMs: number;
  /** How long it may take to answer that. */
  readonly keepAliveTimeoutMs: number;
}

/** What is known of a session from its login. */
export interface SessionInfo {
  /** `address:port`, IPv6 in brackets; after redirects. */
  readonly portal: string;
  /** Address and port on this side. */
  readonly localAddress: string;
  /** As the caller wrote it, and as it was sent. */
  readonly target: string;
  readonly targetAlias: string | undefined;
  /** In normal form, as it was sent. */
  readonly initiatorName: string;
  /** Twelve hexadecimal digits. */
  readonly isid: string;
  readonly tsih: number;
  readonly portalGroupTag: number | undefined;
  readonly authentication: 'none' | 'chap' | 'mutualChap';
  readonly chapAlgorithm: string | undefined;
  readonly parameters: NegotiatedParameters;
  readonly redirects: readonly Redirect[];
}

/** What is known of a session once its login is over. */
export const describeSession = (
  connection: Connection,
  result: LoginResult,
  settings: SessionSettings,
  redirects: readonly Redirect[],
): SessionInfo => ({
  portal: connection.portalText,
  localAddress: connection.localAddress,
  target: settings.target,
  targetAlias: result.targetAlias,
  initiatorName: settings.initiatorName,
  isid: formatIsid(settings.isid),
  tsih: result.tsih,
  portalGroupTag: result.portalGroupTag,
  authentication: result.authentication,
  chapAlgorithm: result.chapAlgorithm?.name,
  parameters: result.parameters,
  redirects,
});
