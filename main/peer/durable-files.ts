/** Small files below the data folder that are whole after any crash; the composition root brings them. */
export interface DurableFiles {
  /** Where it lies, for failures. */
  pathOf(name: string): string;
  /** The text; null when there is no such file. */
  read(name: string): string | null;
  /** On the disk when it returns. */
  replace(name: string, text: string): void;
}
