import * as z from 'zod';
import type { EchoAnswer } from '../../shared/model/network-measure.ts';
import type { CallOptions } from '../ports/call.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';

const echoesSchema = z.object({
  echoes: z.array(z.object({ status: z.number().int(), roundTripMs: z.number().nullable() })),
});

/** IP_STATUS of ipexport.h: IP_DEST_NET_UNREACHABLE to IP_DEST_PORT_UNREACHABLE, IP_PACKET_TOO_BIG, IP_REQ_TIMED_OUT. */
const answerOf = (status: number, roundTripMs: number | null): EchoAnswer => {
  if (status === 0) return roundTripMs ?? 0;
  if (status === 11_010) return 'timeout';
  if (status === 11_009) return 'tooBig';
  return status >= 11_002 && status <= 11_005 ? 'unreachable' : 'other';
};

export interface EchoRequest {
  readonly destination: string;
  readonly source: string | null;
  readonly payloadBytes: number;
  readonly dontFragment: boolean;
  readonly count?: number;
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
}

/** What a call of the script takes besides its echoes, in milliseconds. */
const overheadMs = 30_000;

/** ICMP echoes of the server itself, an answer for each. */
export const sendEchoes = async (
  runner: Runner,
  request: EchoRequest,
  options?: CallOptions,
): Promise<readonly EchoAnswer[]> => {
  const { count = 1, intervalMs = 0, timeoutMs = 2_000 } = request;
  const call = {
    script: 'Test-NetworkEcho',
    input: { ...request, count, intervalMs, timeoutMs },
    timeoutMs: count * Math.max(intervalMs, timeoutMs) + overheadMs,
  };
  const { echoes } = await readWith(runner, call, echoesSchema, { call: options, errors: [] });
  return echoes.map(({ status, roundTripMs }) => answerOf(status, roundTripMs));
};
