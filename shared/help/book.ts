/**
 * The help that ships with the product. It is made of docs/ when the product is built (build/help/book.mjs), so that nothing is parsed, and
 * nothing but these elements can be shown, where it is read.
 */
export type HelpTag =
  | 'p'
  | 'strong'
  | 'em'
  | 'code'
  | 'pre'
  | 'ul'
  | 'ol'
  | 'li'
  | 'table'
  | 'tr'
  | 'th'
  | 'td'
  | 'blockquote'
  /** Another place of the help: `to`. */
  | 'link'
  /** A stage or page of the window: `to` is its id. */
  | 'screen'
  /** An address outside, to be read: `to`. Nothing opens it. */
  | 'address';

export interface HelpElement {
  readonly tag: HelpTag;
  readonly children: readonly HelpNode[];
  readonly to?: string;
}
export type HelpNode = string | HelpElement;

export interface HelpSection {
  /** Unique in its topic; the first section of a topic has the topic's title. */
  readonly id: string;
  readonly title: string;
  /** 1 the topic itself, then as the headings of the document. */
  readonly level: number;
  readonly body: readonly HelpNode[];
}

export interface HelpTopic {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly HelpSection[];
}

export interface HelpBook {
  readonly version: string;
  readonly topics: readonly HelpTopic[];
}

/** A place in the help: `topic` or `topic#section`. */
export const helpPlace = (topic: string, section?: string): string =>
  section === undefined ? topic : `${topic}#${section}`;

/** What a place names; null where there is no such topic or section. */
export const findPlace = (book: HelpBook, place: string): { topic: HelpTopic; section: HelpSection | null } | null => {
  const [id = '', sectionId] = place.split('#', 2);
  const topic = book.topics.find((one) => one.id === id);
  if (!topic) return null;
  if (sectionId === undefined) return { topic, section: null };
  const section = topic.sections.find((one) => one.id === sectionId);
  return section ? { topic, section } : null;
};

const breaksAfter: ReadonlySet<HelpTag> = new Set(['p', 'pre', 'ul', 'ol', 'table', 'blockquote']);

/** The words of nodes, without any form: what is searched. */
export const wordsOf = (nodes: readonly HelpNode[]): string =>
  nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const inner = wordsOf(node.children);
      return breaksAfter.has(node.tag) || ['li', 'tr', 'td', 'th'].includes(node.tag) ? `${inner} ` : inner;
    })
    .join('')
    .replaceAll(/\s+/g, ' ');

const inlineText = (nodes: readonly HelpNode[]): string =>
  nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const inner = inlineText(node.children);
      if (node.tag === 'address' && node.to !== undefined && !inner.includes(node.to)) return `${inner} (${node.to})`;
      if (node.tag === 'link') return `${inner} [${node.to}]`;
      return inner;
    })
    .join('');

/** Lines of at most `columns` characters, broken between words; a word that is longer stands alone. */
const wrap = (text: string, columns: number, indent: string): string[] => {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.trim().split(/\s+/)) {
    const isFirst = line.trim() === '';
    if (!isFirst && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line += isFirst ? word : ` ${word}`;
  }
  return line.trim() === '' ? lines : [...lines, line];
};

const listItem = (item: HelpElement, mark: string, columns: number, indent: string): string[] => {
  const below = indent + ' '.repeat(mark.length);
  const lines = blocksText(item.children, columns, below).filter((line) => line !== '');
  return lines.map((line, index) => (index === 0 ? indent + mark + line.slice(below.length) : line));
};

/** A row as a block: the first cell, then the others below it under their headings; tables are wider than a console. */
const rowText = (row: HelpElement, heads: readonly string[], columns: number, indent: string): string[] =>
  row.children.flatMap((cell, index) => {
    const text = typeof cell === 'string' ? cell : inlineText(cell.children);
    if (text.trim() === '') return [];
    const head = heads[index]?.trim() ?? '';
    return wrap(head === '' ? text : `${head}: ${text}`, columns, index === 0 ? indent : `${indent}  `);
  });

const blocksText = (nodes: readonly HelpNode[], columns: number, indent = ''): string[] => {
  const lines: string[] = [];
  let loose: HelpNode[] = [];
  const flush = (): void => {
    if (loose.length > 0) lines.push(...wrap(inlineText(loose), columns, indent), '');
    loose = [];
  };
  for (const node of nodes) {
    if (typeof node === 'string' || !(breaksAfter.has(node.tag) || node.tag === 'li')) {
      loose.push(node);
      continue;
    }
    flush();
    const items = node.children.filter((child): child is HelpElement => typeof child !== 'string');
    if (node.tag === 'pre')
      lines.push(
        ...inlineText(node.children)
          .split('\n')
          .map((line) => `${indent}    ${line}`),
        '',
      );
    else if (node.tag === 'ul' || node.tag === 'ol')
      lines.push(
        ...items.flatMap((item, at) => listItem(item, node.tag === 'ol' ? `${at + 1}. ` : '- ', columns, indent)),
        '',
      );
    else if (node.tag === 'table') {
      const [head, ...rows] = items;
      const heads = (head?.children ?? []).map((cell) => (typeof cell === 'string' ? cell : inlineText(cell.children)));
      lines.push(...rows.flatMap((row) => [...rowText(row, heads, columns, indent), '']));
    } else lines.push(...blocksText(node.children, columns, node.tag === 'blockquote' ? `${indent}  ` : indent), '');
  }
  flush();
  return lines;
};

/**
 * A section for a console.
 * @param columns the width of its lines in characters
 */
export const sectionText = ({ title, level, body }: HelpSection, columns: number): string =>
  [title, (level === 1 ? '=' : '-').repeat(title.length), '', ...blocksText(body, columns)]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd();
