/** Files that a user named, on this machine. */
export interface FilePort {
  /**
   * Reads a whole file; its size is looked at first, so that a huge one costs nothing.
   * @throws Failure FILE_NOT_FOUND, FILE_NOT_READABLE, IMPORT_NOT_A_FILE, IMPORT_FILE_TOO_LARGE
   */
  read(path: string, limitBytes: number): Promise<Uint8Array>;
  /**
   * Writes beside the file and renames, so that nothing half-written is ever seen. What is secret only its owner may read, where the file system knows
   * owners.
   * @throws Failure FILE_NOT_WRITABLE
   */
  write(path: string, content: Uint8Array, options?: { readonly isSecret?: boolean }): Promise<void>;
  /**
   * Whether a file can be written there, found out by doing it; leaves nothing behind. True in `exists` where a file would be replaced.
   * @throws Failure FILE_NOT_WRITABLE
   */
  probe(path: string): Promise<{ readonly exists: boolean }>;
  /**
   * Makes a folder and those above it.
   * @throws Failure FILE_NOT_WRITABLE
   */
  makeFolder(path: string): Promise<void>;
}
