import type { JSX, KeyboardEvent } from 'react';
import type { MatrixOutcome, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { matrixPicture, type PictureDrop } from '../../../shared/rules/peers/matrix-picture.ts';
import { matrixOutcomeWords } from '../../../shared/rules/peers/matrix-words.ts';

/** Beside the colour each outcome has its own stroke and its own sign: black and white tell them apart too. */
const signs: Readonly<Record<MatrixOutcome, string>> = { fail: '✕', unknown: '?', warn: '!', pass: '✓' };

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const Line = ({ drop, isOpen, onOpen }: { drop: PictureDrop; isOpen: boolean; onOpen: () => void }): JSX.Element => {
  const { x, from, to, outcome, label } = drop;
  // Above the lanes that the line crosses on its way.
  const middle = Math.min(from + 20, (from + to) / 2);
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onOpen();
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={`${label}: ${matrixOutcomeWords[outcome]}`}
      aria-expanded={isOpen}
      className={`e-drop e-drop-${outcome}${isOpen ? ' e-drop-open' : ''}`}
      onClick={onOpen}
      onKeyDown={press}
    >
      {/* Wider than the line: a pointer has to meet it. */}
      <rect x={x - 12} y={Math.min(from, to)} width="24" height={Math.abs(to - from)} className="e-drop-target" />
      <path d={`M${x} ${from}V${to}`} />
      <circle cx={x} cy={middle} r="8" />
      <text x={x} y={middle + 4} textAnchor="middle" aria-hidden="true">
        {signs[outcome]}
      </text>
    </g>
  );
};

/** Servers above, networks as lanes, portals below; each line opens its figures. The table below says the same in words. */
export const MatrixFigure = ({
  matrix,
  openKey,
  onOpen,
}: {
  matrix: NetworkMatrix;
  openKey: string | null;
  onOpen: (key: string | null) => void;
}): JSX.Element => {
  const { width, height, lanesFrom, boxes, lanes, drops } = matrixPicture(matrix);
  return (
    <div className="q-scroll" tabIndex={0} role="region" aria-label="Picture of the networks">
      <svg
        className="e-picture"
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: `${width}px`, maxWidth: `${width * 1.25}px` }}
        role="group"
        aria-label="Servers, networks and portals, with what was measured"
      >
        {lanes.map(({ subnet, y, title }) => (
          <g key={subnet} className="e-lane">
            <path d={`M${lanesFrom} ${y}H${width - 8}`} />
            <text x="4" y={y + 4}>
              {clip(title, 26)}
            </text>
          </g>
        ))}
        {drops.map((drop) => (
          <Line
            key={drop.key}
            drop={drop}
            isOpen={openKey === drop.key}
            onOpen={() => onOpen(openKey === drop.key ? null : drop.key)}
          />
        ))}
        {boxes.map(({ key, x, y, width: wide, height: high, title, text }) => (
          <g key={key} className="e-box">
            <rect x={x} y={y} width={wide} height={high} rx="2" />
            <text x={x + 6} y={y + 17} className="e-name">
              {clip(title, 16)}
            </text>
            <text x={x + 6} y={y + 31} className="e-small">
              {text}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
};
