/** The part of a stream of the process that the output needs. */
interface ProcessStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * A stream of the process whose other end may go away: a closed pipe (`| head`) or console ends the output and nothing else, because the
 * command may still have keys to remove and its exit code still says how it went. Any other refusal is an error that its owner is told.
 */
export class Output {
  readonly #stream: ProcessStream;
  readonly #onRefused: (error: NodeJS.ErrnoException) => void;
  #isOver = false;

  constructor(stream: ProcessStream, onRefused: (error: NodeJS.ErrnoException) => void = () => undefined) {
    this.#stream = stream;
    this.#onRefused = onRefused;
    stream.on('error', (error) => this.#fail(error));
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Follows the size of the window. */
  get columns(): number | undefined {
    return this.#stream.columns;
  }

  write(text: string): boolean {
    if (this.#isOver) return false;
    try {
      this.#stream.write(text);
      return true;
    } catch (error) {
      // A file or a device is written synchronously, and refuses so.
      this.#fail(error as NodeJS.ErrnoException);
      return false;
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // EIO: the terminal behind it was closed.
    const isGone = error.code === 'EPIPE' || (error.code === 'EIO' && this.isTTY);
    if (!isGone) this.#onRefused(error);
  }
}
