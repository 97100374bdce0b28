import type { MatrixLink, MatrixOutcome } from '../../model/network-matrix.ts';

/** The outcomes in words, the same on screen, in reports and on the command line. */
export const matrixOutcomeWords: Readonly<Record<MatrixOutcome, string>> = {
  fail: 'Fail',
  unknown: 'Unknown',
  warn: 'Warning',
  pass: 'Pass',
};

export const msText = (ms: number | null): string =>
  ms === null ? '-' : `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;

export const rateText = (bps: number | null): string =>
  bps === null ? '-' : bps >= 1e9 ? `${(bps / 1e9).toFixed(2)} Gbps` : `${(bps / 1e6).toFixed(bps < 1e7 ? 2 : 0)} Mbps`;

/** The figures of a link as a row of short texts. */
export const linkCells = ({ figures }: Pick<MatrixLink, 'figures'>) => {
  const trip = figures?.roundTrip ?? null;
  const closed = figures?.ports.filter(({ state }) => state !== 'answered') ?? [];
  return {
    p50: msText(trip?.p50Ms ?? null),
    p99: msText(trip?.p99Ms ?? null),
    jitter: msText(trip?.jitterMs ?? null),
    lost: trip === null ? '-' : `${trip.sent - trip.answered}/${trip.sent}`,
    packet: figures?.largestPacketBytes ? `${figures.largestPacketBytes} B` : '-',
    bandwidth: rateText(figures?.bandwidthBps ?? null),
    ports:
      figures === null || figures.ports.length === 0
        ? '-'
        : closed.length === 0
          ? 'all'
          : `not ${closed.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`).join(', ')}`,
  };
};
