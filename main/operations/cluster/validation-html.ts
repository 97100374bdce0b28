import { Parser } from 'htmlparser2';
import { cleanText } from '../../../shared/model/fact.ts';
import type { ClusterReport } from '../../../shared/model/cluster-report.ts';
import type { ValidationLevel } from '../../../shared/validation/report.ts';

/** What stands in the HTML, before anything is judged. */
export interface ValidationHtml {
  readonly isReport: boolean;
  /** The document's end was seen; without it the file was cut. */
  readonly isClosed: boolean;
  readonly nodes: readonly string[];
  readonly started: string | null;
  readonly completed: string | null;
  /** The sections without a test: the overall result in Microsoft's words. */
  readonly overall: readonly { readonly level: ValidationLevel; readonly text: string }[];
  readonly rows: readonly ValidationRow[];
  readonly sections: ReadonlyMap<string, ValidationSection>;
}

export interface ValidationRow {
  readonly category: string;
  readonly name: string;
  /** The section's id that the row points to; empty where it points nowhere. */
  readonly target: string;
  /** The `name` of the picture, such as `SuccessImg`. */
  readonly image: string;
  /** The word beside it, such as `Success`. */
  readonly word: string;
}

export interface ValidationSection {
  readonly title: string;
  description: string | null;
  readonly messages: { readonly level: ValidationLevel; readonly text: string; readonly heading: string | null }[];
}

const levels: Readonly<Record<string, ValidationLevel>> = {
  info: 'info',
  warn: 'warning',
  error: 'error',
  notapplicable: 'notApplicable',
  cancel: 'cancelled',
};

const fold = (text: string): string => cleanText(text.replace(/\s+/g, ' ').trim());

/** `&#xD;&#xA;     #37`: the line break and the blanks before the id are part of the attribute. */
const idOfLink = (href: string | undefined): string => /^\s*#(\S+)\s*$/.exec(href ?? '')?.[1] ?? '';

/**
 * A report without the tables in the sections of its tests: nine tenths of it, of which nothing is kept, and which the parser would take most of its
 * time for. One that stands in a message, or holds one, stays, and so does one that does not end.
 */
const withoutTables = (html: string): string => {
  const marks = /<(\/?)(table|div|ul|h2|h3|script)\b|<!--|-->/gi;
  marks.lastIndex = Math.max(0, html.search(/<ul\b/i));
  let text = '';
  let from = 0;
  let start = -1;
  let tables = 0;
  let divs = 0;
  for (let mark = marks.exec(html); mark; mark = marks.exec(html)) {
    const isEnd = mark[1] === '/';
    const tag = mark[2]?.toLowerCase();
    if (tag !== 'table') {
      if (tables > 0) start = -1;
      if (tag === 'div') divs += isEnd ? -1 : 1;
    } else if (!isEnd) {
      if (tables === 0 && divs === 0) start = mark.index;
      tables += 1;
    } else if (tables > 0) {
      tables -= 1;
      if (tables > 0 || start < 0) continue;
      text += html.slice(from, start);
      from = html.indexOf('>', mark.index) + 1 || html.length;
      start = -1;
    }
  }
  return text + html.slice(from);
};

/**
 * Reads a report of Test-Cluster by its structure, never by its English words, so that one of a Windows in another
 * language can be read as well. The layout is that of reports written by Windows Server 1709 and 20H2 (published in
 * Microsoft's MSLab): it is HTML with unclosed elements, not XML. One pass; nothing of the tables inside a test is kept.
 */
export const readValidationHtml = (html: string): ValidationHtml => {
  const nodes: string[] = [];
  const dates: string[] = [];
  const rows: ValidationRow[] = [];
  const sections = new Map<string, ValidationSection>();
  const overall: { level: ValidationLevel; text: string }[] = [];
  let hasResults = false;
  let isTitled = false;

  /** The text that is being gathered, and what is done with it at its end. */
  let gathered: { readonly tag: string; text: string; depth: number; readonly done: (text: string) => void } | null =
    null;
  const gather = (tag: string, done: (text: string) => void): void => {
    gathered ??= { tag, text: '', depth: 0, done };
  };

  let heading: { id: string; title: string } | null = null;
  let section: ValidationSection | null = null;
  let nodeHeading: string | null = null;
  let row: { name: string; target: string; image: string; word: string } | null = null;
  let header: string[] = [];
  let isInHead = true;
  /** The first table lists the categories, each with a table of its own further down. */
  let headings = 0;

  const endHeaderRow = (): void => {
    // Node: | name | state; two cells are the start and the end, in this order.
    if (header.length === 3 && header[1]) nodes.push(header[1]);
    else if (header.length === 2 && header[1] !== undefined) dates.push(header[1]);
    header = [];
  };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (gathered) {
          if (name === gathered.tag) gathered.depth += 1;
          return;
        }
        const className = attributes.class ?? '';
        switch (name) {
          case 'title':
            gather('title', (text) => {
              isTitled = text !== '';
            });
            return;
          case 'h2':
            isInHead = false;
            headings += 1;
            section = null;
            nodeHeading = null;
            gather('h2', (text) => {
              heading = { id: attributes.id ?? '', title: text };
            });
            return;
          case 'h3':
            gather('h3', (text) => {
              nodeHeading = text;
            });
            return;
          case 'tr':
            if (!isInHead && !section) row = { name: '', target: '', image: '', word: '' };
            return;
          case 'a':
            if (!row) return;
            row.target = idOfLink(attributes.href);
            gather('a', (text) => {
              if (row) row.name = text;
            });
            return;
          case 'img':
            if (row && attributes.name) row.image = attributes.name;
            return;
          case 'description':
            gather('description', (text) => {
              hasResults = true;
              if (row) row.word = text;
            });
            return;
          case 'ul':
            if (heading && !section) {
              section = { title: heading.title, description: null, messages: [] };
              if (heading.id !== '') sections.set(heading.id, section);
            }
            return;
          case 'div': {
            if (isInHead && (className === 'propertyName' || className === 'property')) {
              gather('div', (text) => header.push(text));
              return;
            }
            const level = levels[className];
            if (section && level) {
              const into = section;
              const under = nodeHeading;
              gather('div', (text) => {
                if (text !== '') into.messages.push({ level, text, heading: under });
              });
            } else if (section && className === '' && section.description === null) {
              const into = section;
              gather('div', (text) => {
                into.description = text.replace(/^[^:]{1,40}:\s*/, '');
              });
            }
            return;
          }
          default:
        }
      },
      ontext(text) {
        if (gathered) gathered.text += text;
      },
      onclosetag(name) {
        if (gathered) {
          if (name !== gathered.tag) return;
          if (gathered.depth > 0) {
            gathered.depth -= 1;
            return;
          }
          const { done, text } = gathered;
          gathered = null;
          done(fold(text));
          return;
        }
        if (name === 'tr' && isInHead) endHeaderRow();
        else if (name === 'tr' && row) {
          if (headings > 1 && row.name !== '' && row.word + row.image !== '')
            rows.push({ category: heading?.title ?? '', ...row });
          row = null;
        }
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.write(withoutTables(html));
  parser.end();
  const isClosed = /<\/html>\s*$/i.test(html.slice(-200));

  const pointedTo = new Set(rows.map((one) => one.target));
  for (const [id, one] of sections)
    if (!pointedTo.has(id)) for (const { level, text } of one.messages) overall.push({ level, text });

  return {
    isReport: isTitled && hasResults && rows.length > 0,
    isClosed,
    nodes,
    started: dates[0] ?? null,
    completed: dates[1] ?? null,
    overall,
    rows,
    sections,
  };
};

/**
 * The lines of any report that Windows writes of a cluster: of a wizard's or a cmdlet's change too, whose layout no public sample shows beyond these marks.
 * Lines that it does not mark are left out.
 */
export const readReportLines = (html: string): ClusterReport => {
  const lines: { level: ValidationLevel; text: string }[] = [];
  let title = '';
  let gathered: { readonly level: ValidationLevel | null; text: string; depth: number } | null = null;
  const parser = new Parser(
    {
      onopentag(name, { class: className = '' }) {
        if (gathered) gathered.depth += 1;
        else if (name === 'title') gathered = { level: null, text: '', depth: 0 };
        else if (name === 'div' && levels[className]) gathered = { level: levels[className], text: '', depth: 0 };
      },
      ontext(text) {
        if (gathered) gathered.text += text;
      },
      onclosetag() {
        if (!gathered) return;
        if (gathered.depth > 0) {
          gathered.depth -= 1;
          return;
        }
        const { level, text } = gathered;
        gathered = null;
        if (level === null) title = fold(text);
        else if (fold(text) !== '') lines.push({ level, text: fold(text) });
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.write(html);
  parser.end();
  return { title, lines };
};
