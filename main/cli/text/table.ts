import { printable } from './style.ts';

/** Width of a text on a terminal: wide East Asian characters take two cells, combining marks none. */
export const cellWidth = (text: string): number => {
  let width = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (/\p{Mark}/u.test(character) || point === 0x200b) continue;
    const isWide =
      (point >= 0x1100 && point <= 0x115f) ||
      (point >= 0x2e80 && point <= 0xa4cf) ||
      (point >= 0xac00 && point <= 0xd7a3) ||
      (point >= 0xf900 && point <= 0xfaff) ||
      (point >= 0xfe30 && point <= 0xfe6f) ||
      (point >= 0xff00 && point <= 0xff60) ||
      (point >= 0x1f300 && point <= 0x1faff) ||
      (point >= 0x20000 && point <= 0x3fffd);
    width += isWide ? 2 : 1;
  }
  return width;
};

/** The text in at most so many cells, with an ellipsis where something was left out. */
export const clip = (text: string, width: number): string => {
  if (cellWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (cellWidth(kept) + cellWidth(character) > width - 1) break;
    kept += character;
  }
  return `${kept}\u2026`;
};

/** A word that is wider than its cell (a name, an identity) goes on in the next line. */
const breakWord = (word: string, width: number): string[] => {
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part && cellWidth(part) + cellWidth(character) > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
};

const wrapCell = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const paragraph of printable(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((one) => breakWord(one, width))) {
      if (line && cellWidth(line) + 1 + cellWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(line);
  }
  return lines;
};

export interface TableColumn {
  readonly title: string;
  /** Cells wider than this are wrapped at spaces. */
  readonly maxWidth?: number;
  readonly align?: 'left' | 'right';
}

/** A plain table: aligned columns, no frame, long cells wrapped. */
export const renderTable = (columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string => {
  const wrapped = [columns.map((column) => column.title), ...rows].map((row) =>
    row.map((cell, index) => wrapCell(cell, columns[index]?.maxWidth ?? Number.MAX_SAFE_INTEGER)),
  );
  const widths = columns.map((_, index) =>
    Math.max(...wrapped.map((row) => Math.max(...(row[index] ?? ['']).map(cellWidth)))),
  );
  const lines: string[] = [];
  for (const row of wrapped) {
    const height = Math.max(...row.map((cell) => cell.length));
    for (let at = 0; at < height; at += 1) {
      const cells = columns.map((column, index) => {
        const text = row[index]?.[at] ?? '';
        const padding = ' '.repeat((widths[index] ?? 0) - cellWidth(text));
        return column.align === 'right' ? padding + text : text + padding;
      });
      lines.push(cells.join('  ').trimEnd());
    }
  }
  return lines.join('\n');
};

/** A paragraph wrapped at spaces; its further lines begin below `rest`, or below its beginning. */
export const wrapText = (
  text: string,
  width: number,
  { first = '', rest = ' '.repeat(cellWidth(first)) } = {},
): string =>
  wrapCell(text, Math.max(20, width - cellWidth(rest)))
    .map((line, at) => (at === 0 ? first : rest) + line)
    .join('\n');
