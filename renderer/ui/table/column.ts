import type { ReactNode } from 'react';
import type { CellValue } from './table-order.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** What it sorts by; a text is also what is filtered and copied. Null: not known. */
  readonly value: (row: Row) => CellValue;
  /** What is copied and filtered where that is not the value itself. */
  readonly text?: (row: Row) => string;
  readonly render?: (row: Row) => ReactNode;
  readonly isFigures?: boolean;
  /** Figures with their unit, which stay on one line. */
  readonly isShort?: boolean;
  /** Left out until somebody asks for it. */
  readonly isExtra?: boolean;
}

export const textOf = <Row>(column: Column<Row>, row: Row): string =>
  column.text ? column.text(row) : String(column.value(row) ?? 'not known');
