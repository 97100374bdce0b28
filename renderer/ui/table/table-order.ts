export type CellValue = string | number | bigint | null;

export interface Order {
  readonly column: string;
  readonly isDescending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** What is not known sorts last, whichever way: it is never taken for small or for empty. */
const compareValues = (left: CellValue, right: CellValue, isDescending: boolean): number => {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  const order =
    typeof left === 'string' || typeof right === 'string'
      ? collator.compare(String(left), String(right))
      : left < right
        ? -1
        : left > right
          ? 1
          : 0;
  return isDescending ? -order : order;
};

/** Rows in the order of a column; rows that are equal there keep their order. */
export const orderRows = <Row>(rows: readonly Row[], valueOf: (row: Row) => CellValue, isDescending: boolean): Row[] =>
  [...rows].sort((left, right) => compareValues(valueOf(left), valueOf(right), isDescending));

/** Rows in which every word of the text occurs in some cell. */
export const filterRows = <Row>(
  rows: readonly Row[],
  textOf: (row: Row) => readonly string[],
  text: string,
): readonly Row[] => {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const cells = textOf(row).map((cell) => cell.toLocaleLowerCase());
    return words.every((word) => cells.some((cell) => cell.includes(word)));
  });
};

/** Tab-separated text for a spreadsheet; a cell never breaks the line it is on. */
export const toTabText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, ...rows].map((cells) => cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\r\n');
