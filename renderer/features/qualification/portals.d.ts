import type { SourceAddress } from './store.ts';
/** `host` and `host:3260` are one portal (RFC 7143 section 13.8: the port is 3260 unless it is given). */
export declare const isSamePortal: (one: string, other: string) => boolean;
/** The address of this server that lies in the portal's own network: what the portal is reached from without a router. */
export declare const nearSource: (portal: string, sources: readonly SourceAddress[]) => SourceAddress | null;
//# sourceMappingURL=portals.d.ts.map