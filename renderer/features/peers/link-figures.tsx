import type { JSX } from 'react';
import type { MatrixFinding, MatrixLink, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { linkCells, msText, rateText } from '../../../shared/rules/peers/matrix-words.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { When } from '../../ui/when.tsx';

export const nameIn = (matrix: NetworkMatrix, id: string): string =>
  matrix.servers.find((server) => server.id === id)?.name ?? id;

/** Where a link leads to: a server, or a portal by its address. */
export const toOf = (matrix: NetworkMatrix, { to, portal }: MatrixLink): string =>
  portal ? `${portal.address}:${portal.port}` : nameIn(matrix, to ?? '');

const portWords = { answered: 'answers', rejected: 'rejects', silent: 'is silent' } as const;

/** A sentence each, with what to do; what passes is quiet. */
export const Findings = ({ findings }: { findings: readonly MatrixFinding[] }): JSX.Element => (
  <>
    {findings.map(({ id, outcome, text, next }) => (
      <p key={`${id} ${text}`} className={outcome === 'pass' ? 'q-said q-quiet' : 'q-said'}>
        <OutcomeIcon outcome={outcome} />
        <span>
          <bdi>{text}</bdi>
          {next === null ? null : (
            <strong>
              {' '}
              <bdi>{next}</bdi>
            </strong>
          )}
        </span>
      </p>
    ))}
  </>
);

/** Every figure of one direction, and what each means. */
export const LinkFigures = ({ link }: { link: MatrixLink }): JSX.Element => {
  const { figures, findings, source, destination, measuredAt } = link;
  const cells = linkCells(link);
  const unread = new Map(figures?.unread.map(({ property, because }) => [property, because]));
  return (
    <>
      <Findings findings={findings} />
      <Facts
        rows={[
          ['From', <Mono key="from">{source}</Mono>],
          ['To', <Mono key="to">{destination}</Mono>],
          ...(figures
            ? ([
                [
                  'Round trip',
                  figures.roundTrip
                    ? `${msText(figures.roundTrip.p50Ms)} median, ${msText(figures.roundTrip.p99Ms)} for 99 %, ${msText(figures.roundTrip.jitterMs)} jitter`
                    : null,
                  unread.get('roundTrip') ?? null,
                ],
                ['Lost', figures.roundTrip ? `${cells.lost} echoes` : null, unread.get('roundTrip') ?? null],
                [
                  'Largest packet',
                  figures.largestPacketBytes === null
                    ? null
                    : `${figures.largestPacketBytes} bytes${figures.triedPacketBytes === null ? '' : ` of ${figures.triedPacketBytes} tried`}, not fragmented`,
                  unread.get('largestPacketBytes') ?? null,
                ],
                [
                  'Bandwidth',
                  figures.bandwidthBps === null ? null : rateText(figures.bandwidthBps),
                  unread.get('bandwidthBps') ?? null,
                ],
                [
                  'Ports',
                  figures.ports.length === 0
                    ? null
                    : figures.ports
                        .map(({ protocol, port, state }) => `${protocol.toUpperCase()} ${port} ${portWords[state]}`)
                        .join(', '),
                  unread.get('ports') ?? null,
                ],
              ] as const)
            : []),
          ...(measuredAt ? [['Measured', <When key="at" at={measuredAt} />] as const] : []),
        ]}
      />
    </>
  );
};

/** The directions that one line of the picture stands for. */
export const DropFigures = ({ matrix, links }: { matrix: NetworkMatrix; links: readonly number[] }): JSX.Element => (
  <>
    {links.length === 0 ? <p>Nothing was measured here: no other server is in this network.</p> : null}
    {links.flatMap((number) => {
      const link = matrix.links[number];
      if (!link) return [];
      return [
        <section key={number} className="e-direction">
          <h3>
            <OutcomeMark outcome={link.outcome} /> <bdi>{nameIn(matrix, link.from)}</bdi> to{' '}
            <bdi>{toOf(matrix, link)}</bdi>
          </h3>
          <LinkFigures link={link} />
        </section>,
      ];
    })}
  </>
);
