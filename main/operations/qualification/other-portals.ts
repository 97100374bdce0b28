import { probePortal } from '../../iscsi/index.ts';
import type { ThisServer } from './access.ts';
import { explainIscsiError } from './iscsi-failure.ts';
import type { NamesInput } from './iscsi-error-words.ts';

export interface OtherPortalsInput extends NamesInput {
  readonly otherPortals: readonly { readonly portal: string; readonly sourceIp?: string | undefined }[];
}

/** A connection that carries nothing comes about in a moment, or not. */
const timeoutMs = 5_000;

/**
 * Every further portal takes a connection from the NIC that was named for it. Asked before a run, because a path that does not work would
 * show itself only in the middle of it, as something that is not proven.
 * @throws Failure ISCSI_PORTAL_ANSWERS_ELSEWHERE, ISCSI_PORTAL_*, ISCSI_TIMED_OUT, ISCSI_SOURCE_ADDRESS_UNUSABLE
 */
export const needOtherPortals = async (
  input: OtherPortalsInput,
  server: ThisServer,
  signal: AbortSignal,
): Promise<void> => {
  for (const { portal, sourceIp } of input.otherPortals) {
    const source = sourceIp === undefined ? {} : { sourceAddress: sourceIp };
    const probe = await probePortal({ portal, ...source, timeoutMs, signal });
    signal.throwIfAborted();
    if (!probe.answers) throw await explainIscsiError(probe.error, { input: { ...input, sourceIp }, server, signal });
  }
};
