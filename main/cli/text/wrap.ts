import { printable } from './style.ts';
import { cellWidth } from './table.ts';

/** Breaks a text at spaces into lines of at most `width` cells, each beginning with `indent`. */
export const wrap = (text: string, width: number, indent: string): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(/\s+/)) {
    if (line !== '' && cellWidth(line) + 1 + cellWidth(word) > width - indent.length) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
};
