// Makes the help of the documents for people who use the product: a tree of few elements, and one page of HTML of it.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { marked } from 'marked';
import { root } from '../setup/steps.mjs';

/** The documents in their order. `without`: headings whose sections are for developers. */
const documents = [
  {
    id: 'start',
    path: 'README.md',
    title: 'First steps',
    without: ['Two commands, from the source', 'For developers'],
  },
  { id: 'procedure', path: 'docs/procedure.md' },
  { id: 'formation', path: 'docs/formation.md' },
  { id: 'peers', path: 'docs/peers.md' },
  { id: 'qualification', path: 'docs/qualification.md' },
  { id: 'target', path: 'docs/target.md' },
  { id: 'targets', path: 'docs/targets.md' },
  { id: 'availability', path: 'docs/availability.md' },
  // The run of every verb is a proof that a test repeats; each verb says by --help what it does.
  { id: 'cli', path: 'docs/cli.md', without: ['A run of every verb'] },
  { id: 'security', path: 'docs/security.md' },
  { id: 'glossary', path: 'docs/glossary.md' },
  { id: 'errors', path: 'docs/errors.md', rowsAreSections: true },
];

/** The stages of the window that docs/procedure.md names, by their titles (renderer/app/stage-table.tsx). */
export const screens = {
  Readiness: 'readiness',
  Server: 'server',
  Network: 'network',
  Storage: 'storage',
  Roles: 'roles',
  Validate: 'validate',
  Cluster: 'cluster',
  'Virtual machines': 'machines',
  'Form a cluster': 'form',
  Availability: 'availability',
};
/** What the third column of docs/procedure.md says where no screen does the step. */
const noScreen = ['an iSCSI target of your own', 'always', 'not needed', 'in the plan'];

/** As the places of headings are called by those who show Markdown. */
const slug = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-');

const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
const decode = (text) => text.replaceAll(/&(lt|gt|quot|#39|amp);/g, (one) => entities[one]);

const plain = (nodes) => nodes.map((node) => (typeof node === 'string' ? node : plain(node.children))).join('');

/** Where a link of a document leads: a place of the help, an address outside, or nowhere that a user has. */
const linkTo = (href, document) => {
  if (/^https?:/.test(href)) return { tag: 'address', to: href };
  const [path, anchor] = href.split('#', 2);
  const target = path === '' ? document.path : posix.normalize(posix.join(posix.dirname(document.path), path));
  const topic = documents.find((one) => one.path === target);
  return topic ? { tag: 'link', to: anchor ? `${topic.id}#${anchor}` : topic.id } : null;
};

const inline = (tokens, document) =>
  (tokens ?? []).flatMap((token) => {
    const children = () => inline(token.tokens, document);
    switch (token.type) {
      case 'text':
      case 'escape':
        return token.tokens ? children() : [decode(token.text).replaceAll('\n', ' ')];
      case 'strong':
      case 'em':
        return [{ tag: token.type, children: children() }];
      case 'codespan':
        return [{ tag: 'code', children: [decode(token.text)] }];
      case 'br':
        return [' '];
      case 'link': {
        const link = linkTo(token.href, document);
        return link ? [{ ...link, children: children() }] : children();
      }
      // Pictures are in the documents, not in the help.
      case 'image':
        return [];
      default:
        throw new Error(`${document.path}: the help knows no ${token.type} inside a line: ${token.raw}`);
    }
  });

const cells = (row, tag, document) => ({
  tag: 'tr',
  children: row.map((cell) => {
    const children = inline(cell.tokens, document);
    // A heading that says nothing is none.
    return { tag: children.length > 0 ? tag : 'td', children };
  }),
});

const blocks = (tokens, document) =>
  tokens.flatMap((token) => {
    switch (token.type) {
      case 'space':
        return [];
      case 'paragraph': {
        const children = inline(token.tokens, document);
        return children.length > 0 ? [{ tag: 'p', children }] : [];
      }
      case 'text':
        return token.tokens ? inline(token.tokens, document) : [decode(token.text)];
      case 'code':
        return [{ tag: 'pre', children: [token.text] }];
      case 'blockquote':
        return [{ tag: 'blockquote', children: blocks(token.tokens, document) }];
      case 'list':
        return [
          {
            tag: token.ordered ? 'ol' : 'ul',
            children: token.items.map((item) => ({ tag: 'li', children: blocks(item.tokens, document) })),
          },
        ];
      case 'table':
        return [
          {
            tag: 'table',
            children: [cells(token.header, 'th', document), ...token.rows.map((row) => cells(row, 'td', document))],
          },
        ];
      case 'html':
        // Marks of what is written into a document; there is nothing else of HTML.
        if (token.raw.replaceAll(/<!--.*?-->/gs, '').trim() === '') return [];
        throw new Error(`${document.path}: the help knows no html: ${token.raw.slice(0, 80)}`);
      default:
        throw new Error(`${document.path}: the help knows no ${token.type}: ${token.raw.slice(0, 80)}`);
    }
  });

/** A table whose rows are looked for one at a time: each becomes a section, its first cell the title. */
const rowSections = (table, taken) =>
  table.children.slice(1).map((row) => {
    const [title, what, next, retry, effect] = row.children;
    return {
      id: taken(plain([title])),
      title: plain([title]),
      level: 2,
      body: [
        { tag: 'p', children: what.children },
        { tag: 'p', children: [{ tag: 'strong', children: ['What to do next: '] }, ...next.children] },
        { tag: 'p', children: [`${inWords(retries, retry)} ${inWords(effects, effect)}`] },
      ],
    };
  });

/** What the columns of docs/errors.md say in a word each, which JSON has too. */
const retries = {
  now: 'Try again at once.',
  later: 'Try again later.',
  afterChange: 'Try again after that.',
  never: 'It would fail again.',
};
const effects = {
  none: 'Nothing was changed.',
  partial: 'A part was changed.',
  complete: 'The change was made.',
  unknown: 'Whether something was changed is not known.',
};

const inWords = (words, cell) => {
  const text = words[plain([cell])];
  if (text === undefined) throw new Error(`docs/errors.md: the help has no words for "${plain([cell])}"`);
  return text;
};

/** The window's part of a step, its screen as a link. */
const withScreen = (children, document) => {
  const text = plain(children);
  const title = Object.keys(screens).find((one) => text === one || text.startsWith(`${one},`));
  if (title)
    return [{ tag: 'screen', to: screens[title], children: [title] }, text.slice(title.length)].filter(
      (one) => one !== '',
    );
  if (noScreen.some((one) => text.startsWith(one))) return children;
  throw new Error(`${document.path}: "${text}" names no screen of the window; see build/help/book.mjs`);
};

const linkScreens = (sections, document) => {
  for (const { body } of sections)
    for (const { tag, children: rows } of body)
      if (tag === 'table')
        for (const row of rows.slice(1)) row.children[2].children = withScreen(row.children[2].children, document);
};

const topicOf = (document) => {
  const text = readFileSync(join(root, document.path), 'utf8');
  const ids = new Set();
  const taken = (title) => {
    const base = slug(title) || 'section';
    let id = base;
    for (let count = 1; ids.has(id); count += 1) id = `${base}-${count}`;
    ids.add(id);
    return id;
  };
  const sections = [];
  let isLeftOut = false;
  for (const token of marked.lexer(text)) {
    if (token.type === 'heading') {
      const title = plain(inline(token.tokens, document));
      if (token.depth <= 2) isLeftOut = document.without?.includes(title) ?? false;
      if (isLeftOut) continue;
      sections.push({
        id: taken(title),
        title: sections.length === 0 ? (document.title ?? title) : title,
        level: token.depth,
        body: [],
      });
    } else if (!isLeftOut) {
      if (sections.length === 0) throw new Error(`${document.path} does not begin with a heading`);
      for (const block of blocks([token], document))
        if (block.tag === 'table' && document.rowsAreSections) sections.push(...rowSections(block, taken));
        else sections.at(-1).body.push(block);
    }
  }
  if (document.id === 'procedure') linkScreens(sections, document);
  return { id: document.id, title: sections[0].title, sections };
};

/**
 * Every link leads to a place that there is; one that does not is a mistake in the document. A link that is called by its file has the topic's
 * title here.
 */
export const finishLinks = (topics) => {
  const titles = new Map(topics.map(({ id, title }) => [id, title]));
  const places = new Set(topics.flatMap(({ id, sections }) => [id, ...sections.map((one) => `${id}#${one.id}`)]));
  const visit = (nodes, where) => {
    for (const node of nodes)
      if (typeof node !== 'string') {
        if (node.tag === 'link' && !places.has(node.to))
          throw new Error(`${where} links to ${node.to}, which is not there`);
        if (node.tag === 'link' && /\.md$/.test(plain(node.children)))
          node.children = [titles.get(node.to.split('#')[0])];
        visit(node.children, where);
      }
  };
  for (const { id, sections } of topics) for (const one of sections) visit(one.body, `${id}#${one.id}`);
};

/**
 * @typedef {object} Section
 * @property {string} id
 * @property {string} title
 * @property {number} level
 * @property {object[]} body
 */

/** @returns {{ version: string, topics: { id: string, title: string, sections: Section[] }[] }} the help, as shared/help/book.ts has it */
export const makeBook = () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const topics = documents.map(topicOf);
  finishLinks(topics);
  return { version, topics };
};

const packNode = (node) =>
  typeof node === 'string'
    ? node
    : [node.tag, ...(node.to === undefined ? [] : [node.to]), ...node.children.map(packNode)];

/** The book as it ships: shared/help/packed-book.ts reads it. */
export const packBook = ({ version, topics }) => ({
  version,
  topics: topics.map((topic) => ({
    ...topic,
    sections: topic.sections.map((section) => ({ ...section, body: section.body.map(packNode) })),
  })),
});
