import { useRef, type JSX, type ReactNode } from 'react';
import { textOf, type Column } from './column.ts';
import { usePrinting } from '../use-printing.ts';
import { useRowWindow } from './use-row-window.ts';

/** Longer tables have only the rows in the document that can be seen, so that a thousand of them scroll as ten do; on paper all. */
const windowedFrom = 100;
export const useIsWindowed = (rows: number): boolean => !usePrinting() && rows > windowedFrom;

interface RowsProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly labelOf: (row: Row) => string;
  readonly detail: ((row: Row, isGone: boolean) => ReactNode) | undefined;
  readonly openKey: string | null;
  /** The open row where it is no longer one of the rows, and only its detail is kept. */
  readonly gone: Row | null;
  readonly onOpen: ((key: string | null) => void) | undefined;
  /** Said where there is no row. */
  readonly empty: string;
}

type Item<Row> = { readonly row: Row; readonly key: string; readonly isDetail: boolean; readonly at: number };

/** The rows as they follow each other in the table: the detail of the open one comes after it. */
const itemsOf = <Row,>({ rows, keyOf, detail, openKey, gone }: RowsProps<Row>): Item<Row>[] => [
  ...rows.flatMap((row, at) => {
    const key = keyOf(row);
    const item = { row, key, isDetail: false, at };
    return detail && openKey === key ? [item, { ...item, isDetail: true }] : [item];
  }),
  ...(gone === null ? [] : [{ row: gone, key: keyOf(gone), isDetail: true, at: rows.length }]),
];

/** The body of a table: all rows, or the window of them that is seen. */
export const TableRows = <Row,>(props: RowsProps<Row>): JSX.Element => {
  const { columns, rows, labelOf, detail, openKey, gone, onOpen, empty } = props;
  const items = itemsOf(props);
  const isOn = useIsWindowed(rows.length);
  const body = useRef<HTMLTableSectionElement>(null);
  const view = useRowWindow(
    isOn,
    body,
    items.length,
    items.findIndex(({ isDetail }) => isDetail),
  );
  const rendered = isOn
    ? view.rows.flatMap(({ index }) => (items[index] ? [{ index, item: items[index] }] : []))
    : items.map((item, index) => ({ index, item }));
  const space = (px: number): JSX.Element | null =>
    px > 0 ? (
      <tr aria-hidden="true" className="t-space">
        <td colSpan={columns.length} style={{ height: px }} />
      </tr>
    ) : null;
  return (
    <tbody ref={body}>
      {rows.length === 0 ? (
        <tr>
          <td colSpan={columns.length} className="q-quiet">
            {empty}
          </td>
        </tr>
      ) : null}
      {space(view.beforePx)}
      {rendered.map(({ index, item: { row, key, isDetail, at } }) => {
        const isOpen = openKey === key;
        const measured = isOn ? { ref: view.measure, 'data-index': index } : {};
        return isDetail ? (
          <tr key={`${key} detail`} className="t-detail" {...measured}>
            <td colSpan={columns.length}>{detail?.(row, row === gone)}</td>
          </tr>
        ) : (
          <tr
            key={key}
            data-key={key}
            className={isOpen ? 't-open' : undefined}
            aria-rowindex={isOn ? at + 2 : undefined}
            {...measured}
          >
            {columns.map((column, place) => {
              const content = column.render ? column.render(row) : <bdi>{textOf(column, row)}</bdi>;
              return (
                <td
                  key={column.id}
                  className={column.isShort ? 'q-figures t-short' : column.isFigures ? 'q-figures' : undefined}
                >
                  {place === 0 && (detail ?? onOpen) ? (
                    <button
                      type="button"
                      className="t-opener"
                      aria-expanded={isOpen}
                      aria-label={labelOf(row)}
                      onClick={() => onOpen?.(isOpen ? null : key)}
                    >
                      <span aria-hidden="true">{isOpen ? '−' : '+'}</span> {content}
                    </button>
                  ) : (
                    content
                  )}
                </td>
              );
            })}
          </tr>
        );
      })}
      {space(view.afterPx)}
    </tbody>
  );
};
