import type { Trust } from '../../shared/model/folder-security.ts';
import type { CallOptions } from './call.ts';

/** What was read of one folder or file: its security descriptor in text (SDDL), or why it could not be read. */
export type SecurityRead =
  | { readonly path: string; readonly sddl: string }
  | { readonly path: string; readonly unread: string };

export interface SecurityReading {
  readonly user: Trust['user'];
  /** Null when it could not be read. */
  readonly isElevated: boolean | null;
  readonly items: readonly SecurityRead[];
}

/** Who may use folders and files of this machine. Not part of a server's ports: it is about the place where this process keeps its own data. */
export interface FolderSecurityPort {
  /** Reads each; what cannot be read is told in its item. Throws POWERSHELL_* when nothing at all could be read. */
  read(paths: readonly string[], options?: CallOptions): Promise<SecurityReading>;
  /** Sets what the text says for a folder and for all that inherits from it. Throws ACCESS_DENIED, POWERSHELL_ERROR_UNKNOWN. */
  protect(path: string, sddl: string, options?: CallOptions): Promise<void>;
  /** Notes, where only administrators can write, that this folder was found to be protected. Throws ACCESS_DENIED. */
  note(identity: string, path: string, options?: CallOptions): Promise<void>;
}
