import { Button, Checkbox, Input } from '@fluentui/react-components';
import { useState, type JSX, type ReactNode } from 'react';
import { copyPlainText } from '../copy-plain.ts';
import { textOf, type Column } from './column.ts';
import { filterRows, orderRows, toTabText, type Order } from './table-order.ts';
import { TableRows, useIsWindowed } from './table-rows.tsx';
import './data-table.css';

export type { Column } from './column.ts';

interface Kept {
  readonly order: Order | null;
  readonly hidden: readonly string[];
}

const keptName = (name: string): string => `quorate.table.${name}`;

const readKept = (name: string, fallback: Kept): Kept => {
  try {
    const text = localStorage.getItem(keptName(name));
    if (text === null) return fallback;
    const kept = JSON.parse(text) as Kept;
    return Array.isArray(kept.hidden) ? kept : fallback;
  } catch {
    return fallback;
  }
};

const writeKept = (name: string, kept: Kept): void => {
  try {
    localStorage.setItem(keptName(name), JSON.stringify(kept));
  } catch {
    // The choice holds until the page is closed.
  }
};

const HeadCell = <Row,>({
  column,
  order,
  onOrder,
}: {
  column: Column<Row>;
  order: Order | null;
  onOrder: () => void;
}): JSX.Element => {
  const isSorted = order?.column === column.id;
  return (
    <th scope="col" aria-sort={isSorted ? (order.isDescending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="t-sort" onClick={onOrder}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (order.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
};

/** A table that sorts, filters, copies and keeps its columns. A row opens in place where there is a `detail`, and elsewhere where there is only `onOpen`. */
export const DataTable = <Row,>({
  name,
  caption,
  columns,
  rows,
  keyOf,
  labelOf,
  detail,
  keepsDetail = false,
  openKey = null,
  onOpen,
  empty,
}: {
  /** Under this name the order and the columns are kept. */
  name: string;
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What the row's button is called for a reader of the screen. */
  labelOf: (row: Row) => string;
  detail?: (row: Row, isGone: boolean) => ReactNode;
  /** What a change of the open row tells stays until it is dismissed, even where the row is gone with it; `isGone` then. */
  keepsDetail?: boolean;
  openKey?: string | null;
  onOpen?: (key: string | null) => void;
  empty: string;
}): JSX.Element => {
  const [kept, setKept] = useState<Kept>(() =>
    readKept(name, { order: null, hidden: columns.filter(({ isExtra }) => isExtra).map(({ id }) => id) }),
  );
  const [filter, setFilter] = useState('');
  const [isChoosing, setIsChoosing] = useState(false);
  const [said, setSaid] = useState('');
  const keep = (next: Kept): void => {
    setKept(next);
    writeKept(name, next);
  };
  const shown = columns.filter(({ id }, index) => index === 0 || !kept.hidden.includes(id));
  const ordering = columns.find(({ id }) => id === kept.order?.column);
  const filtered = filterRows(rows, (row) => columns.map((column) => textOf(column, row)), filter);
  const isWindowed = useIsWindowed(filtered.length);
  const ordered = ordering ? orderRows(filtered, ordering.value, kept.order?.isDescending ?? false) : filtered;
  const [lastOpen, setLastOpen] = useState<Row | null>(null);
  const found = openKey === null ? null : (rows.find((row) => keyOf(row) === openKey) ?? lastOpen);
  if (keepsDetail && found !== lastOpen) setLastOpen(found);
  const gone = keepsDetail && found !== null && keyOf(found) === openKey && !rows.includes(found) ? found : null;
  const copy = (): void => {
    const text = toTabText(
      shown.map(({ title }) => title),
      ordered.map((row) => shown.map((column) => textOf(column, row))),
    );
    setSaid(copyPlainText(text) ? `${ordered.length} rows copied.` : 'Not copied: this session has no clipboard.');
  };
  return (
    <div className="t-table-with-tools">
      <div className="t-tools">
        {rows.length > 3 ? (
          <Input
            size="small"
            placeholder="Filter"
            aria-label={`Filter: ${caption}`}
            value={filter}
            onChange={(_event, { value }) => setFilter(value)}
          />
        ) : null}
        <Button size="small" onClick={copy} aria-label={`Copy the table: ${caption}`} disabled={rows.length === 0}>
          Copy
        </Button>
        <Button
          size="small"
          aria-label={`Columns of the table: ${caption}`}
          aria-expanded={isChoosing}
          onClick={() => setIsChoosing(!isChoosing)}
        >
          Columns
        </Button>
        <span role="status" className="q-quiet">
          {said}
          {filter ? ` ${filtered.length} of ${rows.length} rows.` : ''}
        </span>
      </div>
      {isChoosing ? (
        <fieldset className="t-columns">
          <legend className="q-hidden">Columns of {caption}</legend>
          {columns.slice(1).map(({ id, title }) => (
            <Checkbox
              key={id}
              label={title}
              checked={!kept.hidden.includes(id)}
              onChange={(_event, { checked }) =>
                keep({
                  ...kept,
                  hidden: checked === true ? kept.hidden.filter((one) => one !== id) : [...kept.hidden, id],
                })
              }
            />
          ))}
        </fieldset>
      ) : null}
      <table
        className={isWindowed ? 't-table t-windowed' : 't-table'}
        aria-label={caption}
        aria-rowcount={isWindowed ? ordered.length + 1 : undefined}
      >
        <thead>
          <tr>
            {shown.map((column) => (
              <HeadCell
                key={column.id}
                column={column}
                order={kept.order}
                onOrder={() =>
                  keep({
                    ...kept,
                    order: {
                      column: column.id,
                      isDescending: kept.order?.column === column.id && !kept.order.isDescending,
                    },
                  })
                }
              />
            ))}
          </tr>
        </thead>
        <TableRows
          columns={shown}
          rows={ordered}
          keyOf={keyOf}
          labelOf={labelOf}
          detail={detail}
          openKey={openKey}
          gone={gone}
          onOpen={onOpen}
          empty={rows.length === 0 ? empty : 'No matching rows.'}
        />
      </table>
    </div>
  );
};
