import type { MatrixLink, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { linkCells } from '../../../shared/rules/peers/matrix-words.ts';
import { outcomeWords } from './servers-beside.ts';
import type { Paint } from './style.ts';
import { renderTable } from './table.ts';

/** The sentence, every direction with its figures, then what to do about each thing that does not pass. */
export const renderMatrix = (matrix: NetworkMatrix, paint: Paint): string => {
  const nameOf = (id: string): string => matrix.servers.find((server) => server.id === id)?.name ?? id;
  const toOf = ({ to, portal }: MatrixLink): string => (portal ? `${portal.address}:${portal.port}` : nameOf(to ?? ''));
  const table = renderTable(
    [
      { title: 'RESULT' },
      { title: 'NETWORK' },
      { title: 'FROM' },
      { title: 'TO' },
      { title: 'MEDIAN' },
      { title: '99 %' },
      { title: 'JITTER' },
      { title: 'LOST' },
      { title: 'PACKET' },
      { title: 'BANDWIDTH' },
      { title: 'PORTS', maxWidth: 40 },
    ],
    matrix.links.map((link) => {
      const { p50, p99, jitter, lost, packet, bandwidth, ports } = linkCells(link);
      return [
        outcomeWords[link.outcome],
        link.subnet,
        nameOf(link.from),
        toOf(link),
        p50,
        p99,
        jitter,
        lost,
        packet,
        bandwidth,
        ports,
      ];
    }),
  );
  const remarks = [
    ...matrix.findings,
    ...matrix.separations,
    ...matrix.links.flatMap(({ findings }) => findings),
  ].filter(({ outcome }) => outcome !== 'pass');
  return [
    paint('bold', matrix.sentence),
    ...(matrix.links.length > 0 ? ['', table.trimEnd()] : []),
    ...matrix.separations.map(({ text, outcome }) => `${outcomeWords[outcome]}  ${text}`),
    ...(remarks.length > 0 ? [''] : []),
    ...remarks.map(({ outcome, text, next }) => `${outcomeWords[outcome]}  ${text}${next === null ? '' : ` ${next}`}`),
  ].join('\n');
};
