/** Who may call a method: a page (`ui`), the command line (`cli`), a paired instance on another server (`peer`). */
export type CallerKind = 'ui' | 'cli' | 'peer';

/** Which coordinator's orders are in force: an equal number from another coordinator is a different epoch. */
export interface Epoch {
  /** Grows by one with each take-over; 1 and more. */
  readonly number: number;
  /** SHA-256 of the coordinator's certificate in lower-case hexadecimal. */
  readonly coordinator: string;
}

/**
 * Who calls, proven by whoever took the call in: a page and a command line by the data folder that they can read, a peer
 * by the certificate that its TLS connection proved. It is never what a message says of itself.
 */
export type Caller =
  | { readonly kind: 'ui' | 'cli' }
  | {
      readonly kind: 'peer';
      readonly id: string;
      /** SHA-256 of the peer's certificate in lower-case hexadecimal. */
      readonly fingerprint: string;
      /** The epoch that the call was made in; null for a call that orders nothing. */
      readonly epoch: Epoch | null;
    };

/** For logs and failures. */
export const printCaller = (caller: Caller): string => (caller.kind === 'peer' ? `peer:${caller.id}` : caller.kind);
