import type { JSX, KeyboardEvent } from 'react';
import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import { firstAddressOf, lanes, linkOf, roleNames } from './words.ts';
import './topology.css';

const rowHeight = 46;
const top = 34;
// Narrow enough for a console of 800x600 without a sideways scroll.
const serverWidth = 276;
const laneX = 450;
const width = 640;

const nameOf = (nic: NicView): string => (nic.name.length > 26 ? `${nic.name.slice(0, 25)}…` : nic.name);

const Port = ({
  nic,
  y,
  isOpen,
  onOpen,
}: {
  nic: NicView;
  y: number;
  isOpen: boolean;
  onOpen: () => void;
}): JSX.Element => {
  const link = linkOf(nic);
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onOpen();
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={`${nic.name}: ${link.word}, ${nic.role === null ? 'no role yet' : roleNames[nic.role]}`}
      aria-expanded={isOpen}
      className={`n-port n-port-${link.outcome}${isOpen ? ' n-port-open' : ''}`}
      onClick={onOpen}
      onKeyDown={press}
    >
      <rect x="24" y={y} width={serverWidth - 24} height={rowHeight - 8} rx="2" />
      <text x="34" y={y + 16} className="n-name">
        {nameOf(nic)}
      </text>
      <text x="34" y={y + 31} className="n-small">
        {firstAddressOf(nic)}
      </text>
    </g>
  );
};

/** The line from a port to its lane; broken where the link is broken. */
const Line = ({ nic, y, laneY }: { nic: NicView; y: number; laneY: number }): JSX.Element => {
  const from = serverWidth + 2;
  const middleY = y + (rowHeight - 8) / 2;
  const link = linkOf(nic);
  const half = (from + laneX) / 2;
  if (link.outcome === 'pass')
    return <path className={`n-line n-line-${nic.role}`} d={`M${from} ${middleY}H${half}V${laneY}H${laneX}`} />;
  return (
    <g className={`n-line n-line-${nic.role}`}>
      <path d={`M${from} ${middleY}H${from + 40}`} />
      <path d={`M${laneX - 30} ${laneY}H${laneX}`} />
      <text x={from + 48} y={middleY + 5} className="n-broken">
        {link.outcome === 'unknown' ? '?' : '✕'} {link.word.toLowerCase()}
      </text>
    </g>
  );
};

/** The server with its ports, and the networks as lanes in their fixed order. The table below says the same in words. */
export const Topology = ({
  view,
  openNic,
  onOpen,
}: {
  view: NetworkView;
  openNic: string | null;
  onOpen: (nic: string | null) => void;
}): JSX.Element => {
  const order = [...lanes, 'unused', null] as const;
  const nics = [...view.nics].sort((left, right) => order.indexOf(left.role) - order.indexOf(right.role));
  const rows = Math.max(nics.length, lanes.length);
  const height = top + rows * rowHeight + 12;
  const laneY = (index: number): number => top + index * rowHeight + (rowHeight - 8) / 2;
  return (
    <div className="q-scroll" tabIndex={0} role="region" aria-label="Picture of the network adapters">
      <svg
        className="n-topology"
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label={`${view.server.computerName}, its network adapters and the networks that they are for`}
      >
        <rect x="8" y="6" width={serverWidth} height={height - 12} className="n-server" />
        <text x="18" y="25" className="n-server-name">
          {view.server.computerName}
        </text>
        {lanes.map((role, index) => (
          <g key={role} className={`n-lane n-line-${role}`}>
            <path d={`M${laneX} ${laneY(index)}H${width - 10}`} />
            <text x={laneX + 8} y={laneY(index) - 8} className="n-name">
              {roleNames[role]}
            </text>
            <text x={laneX + 8} y={laneY(index) + 16} className="n-small">
              {nics.some((nic) => nic.role === role) ? '' : 'no adapter yet'}
            </text>
          </g>
        ))}
        {nics.map((nic, index) => {
          const y = top + index * rowHeight;
          const lane = lanes.findIndex((role) => role === nic.role);
          return (
            <g key={nic.interfaceGuid}>
              {lane < 0 ? null : <Line nic={nic} y={y} laneY={laneY(lane)} />}
              <Port
                nic={nic}
                y={y}
                isOpen={openNic === nic.interfaceGuid}
                onOpen={() => onOpen(openNic === nic.interfaceGuid ? null : nic.interfaceGuid)}
              />
            </g>
          );
        })}
      </svg>
    </div>
  );
};
