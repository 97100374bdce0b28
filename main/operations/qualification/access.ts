import type { Output } from '../../../shared/contract/index.ts';
import type { ChapOptions } from '../../iscsi/index.ts';

/** How a caller of the contract names portal, source address, initiator and secrets. */
export interface AccessInput {
  readonly portal: string;
  readonly sourceIp?: string | undefined;
  readonly initiator?: string | undefined;
  readonly chap?:
    | {
        readonly user: string;
        readonly secret: string;
        readonly mutualUser?: string | undefined;
        readonly mutualSecret?: string | undefined;
      }
    | undefined;
}

/** An address of this server that a connection can come from. */
export type LocalAddress = Output<'iscsi.sourceAddresses'>['addresses'][number];

/** The server that Quorate runs on, as far as its own initiator needs it. */
export interface ThisServer {
  /**
   * The name under which this server's own initiator logs on: targets usually admit initiators by name.
   * @throws Failure ISCSI_INITIATOR_NEEDED
   */
  ownName(signal: AbortSignal): Promise<string>;
  /** The addresses of this server, loopback last, without those that need a zone (IPv6 link-local). */
  addresses(): readonly LocalAddress[];
}

export interface Reach {
  readonly portal: string;
  readonly sourceAddress?: string;
  readonly chap?: ChapOptions;
}

export const toReach = (input: AccessInput): Reach => ({
  portal: input.portal,
  ...(input.sourceIp ? { sourceAddress: input.sourceIp } : {}),
  ...(input.chap
    ? {
        chap: {
          name: input.chap.user,
          secret: input.chap.secret,
          ...(input.chap.mutualSecret === undefined
            ? {}
            : { mutual: { name: input.chap.mutualUser ?? '', secret: input.chap.mutualSecret } }),
        },
      }
    : {}),
});
