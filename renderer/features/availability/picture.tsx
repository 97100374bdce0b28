import { useMemo, useState, type JSX, type KeyboardEvent } from 'react';
import { elementText, gradeWords } from '../../../shared/availability/words.ts';
import type { Grade } from '../../../shared/availability/grades.ts';
import { isGrave } from '../../../shared/availability/grades.ts';
import type { Model } from '../../../shared/availability/model.ts';
import { fitText, pictureOf, type Box } from '../../../shared/availability/picture.ts';
import type { LossResult } from '../../../shared/availability/what-if.ts';
import { foretell, toggleLoss } from './store.ts';
import './availability.css';

/** Text that fits, at so many units for a letter. */
const clip = (text: string, width: number, letter = 7.2): string =>
  fitText(text, Math.max(4, Math.floor((width - 26) / letter)));

/** The grades' marks as characters; what is lost has one of its own, besides its dashes. */
const marks: Readonly<Record<Grade, string>> = { cluster: '✕', machines: '✕', open: '?', interruption: '▲', none: '' };
const lostMark = '↓';

const PictureBox = ({
  box,
  grade,
  isLost,
  isGone,
  onPoint,
}: {
  box: Box;
  grade: Grade;
  isLost: boolean;
  isGone: boolean;
  onPoint: (id: string | null) => void;
}): JSX.Element => {
  const { element, x, y, width, height, title, text } = box;
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    toggleLoss(element.id);
  };
  const isFlat = height < 34;
  const mark = isLost || isGone ? lostMark : marks[grade];
  return (
    <g
      role="button"
      tabIndex={0}
      aria-pressed={isLost}
      aria-label={`${elementText(element)}, what its loss stops: ${gradeWords[grade]}${isLost ? ', lost now' : isGone ? ', gone with it' : ''}`}
      className={`a-box a-box-${grade}${isLost ? ' a-box-lost' : isGone ? ' a-box-gone' : ''}`}
      onClick={() => toggleLoss(element.id)}
      onKeyDown={press}
      onFocus={() => onPoint(element.id)}
      onBlur={() => onPoint(null)}
      onMouseEnter={() => onPoint(element.id)}
      onMouseLeave={() => onPoint(null)}
    >
      <rect x={x} y={y} width={width} height={height} rx="2" />
      <text x={x + 8} y={y + 16}>
        {mark ? <tspan className={`a-mark a-mark-${grade}`}>{mark} </tspan> : null}
        <tspan className="a-name">{clip(title, isFlat && text ? width - 8 - text.length * 6 : width)}</tspan>
      </text>
      {text ? (
        <text
          x={isFlat ? x + width - 8 : x + 8}
          y={isFlat ? y + 16 : y + 32}
          textAnchor={isFlat ? 'end' : 'start'}
          className="a-small"
        >
          {clip(text, isFlat ? 92 : width, 6)}
        </text>
      ) : null}
    </g>
  );
};

/** The configuration. What would be lost stands below it, for what the pointer or the focus is on; a click lets it fail. */
export const Picture = ({
  model,
  grades,
  lost,
  result,
}: {
  model: Model;
  grades: ReadonlyMap<string, Grade>;
  lost: readonly string[];
  /** With everything lost at once; null while nothing is. */
  result: LossResult | null;
}): JSX.Element => {
  const [pointed, setPointed] = useState<string | null>(null);
  const picture = useMemo(() => pictureOf(model.state), [model]);
  const gone = new Set(result?.nodesLost.map((name) => `node:${name}`) ?? []);
  const sentence = useMemo(() => (pointed === null ? null : foretell(model, lost, pointed)), [model, lost, pointed]);
  const isDown = (id: string): boolean => lost.includes(id) || gone.has(id);
  const single = [...grades.values()].filter(isGrave).length;
  return (
    <div className="a-picture-with-words">
      <div className="a-scroll" tabIndex={-1}>
        <svg
          className="a-picture"
          viewBox={`0 0 ${picture.width} ${picture.height}`}
          style={{ minWidth: `${picture.width}px`, maxWidth: `${picture.width * 1.25}px` }}
          role="group"
          aria-label={`The configuration with ${single} single points of failure. The table below says the same in words.`}
        >
          {picture.heads.map(({ x, text }) => (
            <text key={text} x={x} y="18" className="a-head">
              {text}
            </text>
          ))}
          {picture.lines.map(({ from, to, points: [x1, y1, x2, y2], isAssumed }) => (
            <line
              key={`${from} ${to}`}
              x1={x1}
              y1={y1}
              x2={x2}
              y2={y2}
              className={`a-line${isAssumed ? ' a-line-assumed' : ''}${isDown(from) || isDown(to) ? ' a-line-down' : ''}`}
            />
          ))}
          {picture.boxes.map((box) => (
            <PictureBox
              key={box.element.id}
              box={box}
              grade={grades.get(box.element.id) ?? 'none'}
              isLost={lost.includes(box.element.id)}
              isGone={gone.has(box.element.id)}
              onPoint={setPointed}
            />
          ))}
        </svg>
      </div>
      <p className="a-foretold" aria-live="polite">
        {sentence ??
          'Point at an element to see what would be lost; press it to simulate its failure. Dashed lines are assumed, a thick frame is a single point of failure.'}
      </p>
    </div>
  );
};
