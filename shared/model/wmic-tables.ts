import type { WmiInstance, WmiValue } from './wmic-text.ts';
import { isKnownProperty, parseWmicList, unescapeXml } from './wmic-text.ts';

/** The instances of a text, and how many lines or elements of it could not be read. */
export interface ReadInstances {
  readonly instances: readonly WmiInstance[];
  readonly unread: number;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

const valueOf = (raw: string): WmiValue => {
  const value = unescapeXml(raw.trim());
  return parseWmicList(value.replace(/^\{.*\}$/, (list) => list.replace(/;/g, ','))) ?? value;
};

const contentOf = (text: string): string[] =>
  text
    .replace(/\ufeff/g, '')
    .split(/\r*\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

/**
 * `wmic ... /format:csv`: a header that begins with Node, then a line an instance. wmic does not quote: a line with more commas than the
 * header can be cut in several ways, and is left unread. Null when the text is not of this form.
 */
export const parseWmicCsv = (text: string): ReadInstances | null => {
  const [header, ...rows] = contentOf(text);
  const names = header?.split(',').map((name) => name.trim()) ?? [];
  // wmic writes an empty line first; two words of a line alone are too little to be told from prose.
  const isOfWmic = names.length > 2 || /^\ufeff?\s*[\r\n]/.test(text);
  if (!isOfWmic || names.length < 2 || names[0] !== 'Node' || !names.every((name) => identifier.test(name)))
    return null;
  const cut = rows.map((row) => row.split(','));
  const whole = cut.filter((cells) => cells.length === names.length);
  return {
    instances: whole.map((cells) =>
      Object.fromEntries(names.slice(1).map((name, at) => [name, valueOf(cells[at + 1] ?? '')])),
    ),
    unread: cut.length - whole.length,
  };
};

/**
 * wmic's table, which it prints without `/value`: names and below them values in columns, parted by two blanks. A table of PowerShell has a
 * line of dashes and cuts what is too long: it is none of these. Null when the text is not of this form.
 */
export const parseWmicTable = (text: string): ReadInstances | null => {
  const [header = '', ...rows] = contentOf(text);
  const columns = [...header.matchAll(/\S+/g)].map((match) => ({ name: match[0], start: match.index }));
  const isHeader =
    columns.length > 0 &&
    columns.every(({ name }) => identifier.test(name)) &&
    columns.some(({ name }) => isKnownProperty(name)) &&
    !/\S \S/.test(header.trim());
  if (!isHeader || rows.length === 0 || rows.some((row) => /^[-\s]+$/.test(row))) return null;
  // A value never reaches into the two blanks before the next column.
  const fits = rows.filter((row) =>
    columns.every(({ start }) => start === 0 || /^ ?$/.test(row.slice(start - 1, start))),
  );
  if (fits.length === 0) return null;
  return {
    instances: fits.map((row) =>
      Object.fromEntries(
        columns.map(({ name, start }, at) => [name, valueOf(row.slice(start, columns[at + 1]?.start ?? row.length))]),
      ),
    ),
    unread: rows.length - fits.length,
  };
};

const valuesIn = (xml: string): string[] =>
  [...xml.matchAll(/<VALUE>([\s\S]*?)<\/VALUE>/g)].map((match) => unescapeXml((match[1] ?? '').trim()));

/** `wmic ... /format:rawxml`: CIM-XML (DMTF DSP0201), one INSTANCE element each. Null when the text is not of this form. */
export const parseWmicXml = (text: string): ReadInstances | null => {
  if (!/^\ufeff?\s*<(\?xml|COMMAND|CIM)\b/.test(text)) return null;
  const instances = [...text.matchAll(/<INSTANCE CLASSNAME="([A-Za-z0-9_]+)"[^>]*>([\s\S]*?)<\/INSTANCE>/g)].map(
    ([, className = '', body = '']): WmiInstance => {
      const properties = [
        ...body.matchAll(
          /<PROPERTY(\.ARRAY)? NAME="([A-Za-z0-9_]+)"[^>]*?(?:\/>|>([\s\S]*?)<\/PROPERTY(?:\.ARRAY)?>)/g,
        ),
      ];
      return {
        CreationClassName: className,
        ...Object.fromEntries(
          properties
            .filter(([, , name]) => !(name ?? '').startsWith('__'))
            .map(([, array, name = '', inner = '']) => [name, array ? valuesIn(inner) : (valuesIn(inner)[0] ?? '')]),
        ),
      };
    },
  );
  return instances.length === 0 ? null : { instances, unread: 0 };
};

/** `wmic ... /format:mof`: `instance of CLASS { Name = value; };`. Null when the text is not of this form. */
export const parseWmicMof = (text: string): ReadInstances | null => {
  const bodies = [...text.matchAll(/^\s*instance of ([A-Za-z0-9_]+)\s*\{([\s\S]*?)^\s*\};/gm)];
  if (bodies.length === 0) return null;
  const instances = bodies.map(([, className = '', body = '']): WmiInstance => ({
    CreationClassName: className,
    ...Object.fromEntries(
      [...body.matchAll(/^\s*([A-Za-z_]\w*)\s*=\s*([\s\S]*?);\s*$/gm)].map(([, name = '', raw = '']) => {
        const text = raw.trim();
        const list = parseWmicList(text);
        return [name, list ?? text.replace(/^"([\s\S]*)"$/, '$1').replace(/\\(["\\])/g, '$1')];
      }),
    ),
  }));
  return { instances, unread: 0 };
};
