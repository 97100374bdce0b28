import { failure, Failure } from '../../shared/errors/failure.ts';
import { endsOfNics, ipv6OnlyOfNics, portalsOf } from '../../shared/rules/peers/ends-of-nics.ts';
import { packetOverheadBytes } from '../../shared/rules/peers/packet-overhead.ts';
import type { InitiatorPort } from '../ports/initiator-port.ts';
import type { MeasurePort, SocketMeasurePort } from '../ports/measure-port.ts';
import type { NicPort } from '../ports/nic-port.ts';
import type { Runner } from '../powershell/index.ts';
import { sendEchoes } from './echoes.ts';

/** This Windows Server as others measure it: echoes by Windows' own ICMP, the rest by sockets. */
export const createMeasurePort = (
  runner: Runner,
  { nics, initiator }: { readonly nics: NicPort; readonly initiator: InitiatorPort },
  sockets: SocketMeasurePort,
): MeasurePort => ({
  async ends(options) {
    const [held, state] = await Promise.all([
      nics.list(options),
      initiator.readState(options).catch((error: unknown) => {
        // A server without the initiator knows no portals, and is measured all the same.
        if (error instanceof Failure && error.code !== 'CANCELLED') return null;
        throw error;
      }),
    ]);
    return { ends: endsOfNics(held), ipv6Only: ipv6OnlyOfNics(held), portals: portalsOf(state) };
  },
  async echo({ source, destination, packetBytes, dontFragment, count, intervalMs, timeoutMs }, options) {
    const payloadBytes = packetBytes - packetOverheadBytes(destination);
    if (payloadBytes < 0)
      throw failure('MEASURE_NO_ECHO', { reason: `a packet of ${packetBytes} bytes holds no echo` });
    return sendEchoes(
      runner,
      { source, destination, payloadBytes, dontFragment, count, intervalMs, timeoutMs },
      options,
    );
  },
  answer: (request, options) => sockets.answer(request, options),
  endAnswer: (token) => sockets.endAnswer(token),
  knock: (request, options) => sockets.knock(request, options),
  push: (request, options) => sockets.push(request, options),
  hear: (request, options) => sockets.hear(request, options),
  tell: (request, options) => sockets.tell(request, options),
});
