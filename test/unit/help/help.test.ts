import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishLinks, makeBook, packBook, screens } from '../../../build/help/book.mjs';
import { bookPage } from '../../../build/help/page.mjs';
import { root } from '../../../build/setup/steps.mjs';
import {
  findPlace,
  sectionText,
  wordsOf,
  type HelpBook,
  type HelpElement,
  type HelpNode,
} from '../../../shared/help/book.ts';
import { unpackBook, type PackedBook } from '../../../shared/help/packed-book.ts';
import { excerptOf, helpSearch } from '../../../shared/help/search.ts';

const made = makeBook();
const book = made as HelpBook;

const elements = (nodes: readonly HelpNode[]): HelpElement[] =>
  nodes.flatMap((node) => (typeof node === 'string' ? [] : [node, ...elements(node.children)]));
const all = book.topics.flatMap(({ sections }) => sections.flatMap(({ body }) => elements(body)));

describe('the help', () => {
  it('has every document with unique places, and leaves out what is for developers', () => {
    for (const { sections } of book.topics) {
      const ids = sections.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    const start = book.topics[0]!;
    expect(start.title).toBe('First steps');
    const titles = start.sections.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(['The first five minutes', 'Which file for which server']));
    expect(titles).not.toContain('For developers');
  });

  it('is the same after it was packed to be shipped', () => {
    const packed = JSON.stringify(packBook(made));
    expect(unpackBook(JSON.parse(packed) as PackedBook)).toEqual(book);
    expect(packed.length).toBeLessThan(JSON.stringify(made).length * 0.85);
  });

  it('says in words whether a call that failed may be made again, and what it changed', () => {
    const { sections } = findPlace(book, 'errors')!.topic;
    const whole = sections.filter(({ level }) => level === 2);
    expect(whole.length).toBeGreaterThan(400);
    for (const one of whole) {
      expect([one.title, one.body.length]).toEqual([one.title, 3]);
      expect(wordsOf(one.body)).toMatch(/(Try again (at once|later|after that)|It would fail again)\. .*chang/);
    }
  });

  it('maps each of the forty steps of the printed procedure to a screen of the window, or says that none does it', () => {
    const rows = findPlace(book, 'procedure')!
      .topic.sections[0]!.body.find((node): node is HelpElement => typeof node !== 'string' && node.tag === 'table')!
      .children.slice(1) as HelpElement[];
    expect(rows.map((row) => wordsOf([row.children[0]!]).trim())).toEqual(
      Array.from({ length: 40 }, (_, index) => String(index + 1)),
    );
    const without = rows.filter((row) => elements([row.children[2]!]).every(({ tag }) => tag !== 'screen'));
    expect(without.map((row) => wordsOf([row.children[0]!]).trim())).toEqual(['14', '20', '23', '31']);
    const table = readFileSync(join(root, 'renderer', 'app', 'stage-table.tsx'), 'utf8');
    for (const [title, id] of Object.entries(screens))
      expect(table).toMatch(new RegExp(`id: '${id}',\\s+title: '${title}'`));
  });

  it('has no link that leads nowhere, and none that is called by a file', () => {
    for (const link of all.filter(({ tag }) => tag === 'link')) {
      expect(findPlace(book, link.to!), link.to).not.toBeNull();
      expect(wordsOf(link.children)).not.toMatch(/\.md$/);
    }
    const section = { id: 's', title: 'S', level: 1, body: [{ tag: 'link', to: 'gone#s', children: ['x'] }] };
    expect(() => finishLinks([{ id: 't', title: 'T', sections: [section] }])).toThrow(
      't#s links to gone#s, which is not there',
    );
  });

  it('is one page of HTML that loads nothing and runs nothing', () => {
    const page = bookPage(made);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(script|img|iframe|link|object|form)|\ssrc=|\son\w+=|href="(?!#)|url\(/);
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, to] of page.matchAll(/href="#([^"]+)"/g)) expect(anchors, to).toContain(to);
    const planted = {
      id: 'x',
      title: '<b>',
      level: 1,
      body: [{ tag: 'p', children: ['<script>alert("1")</script>'] }],
    };
    expect(bookPage({ version: '1', topics: [{ id: 'x', title: '<b>', sections: [planted] }] })).toContain(
      '<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p>',
    );
  });

  it('is text of a console’s width: lists, code, links, and tables as blocks', () => {
    const cell = (tag: 'th' | 'td', text: string): HelpElement => ({ tag, children: [text] });
    const text = sectionText(
      {
        id: 'a',
        title: 'A part',
        level: 2,
        body: [
          {
            tag: 'p',
            children: ['Some words that are longer than a line, ', { tag: 'link', to: 'cli', children: ['more'] }],
          },
          {
            tag: 'ol',
            children: [
              { tag: 'li', children: ['one'] },
              { tag: 'li', children: ['two and some more words here'] },
            ],
          },
          { tag: 'pre', children: ['quorate readiness\nquorate agent'] },
          {
            tag: 'table',
            children: [
              { tag: 'tr', children: [cell('th', 'Code'), cell('th', 'Means')] },
              { tag: 'tr', children: [cell('td', '0'), cell('td', 'done')] },
            ],
          },
        ],
      },
      24,
    );
    expect(text.split('\n')).toEqual([
      'A part',
      '------',
      '',
      'Some words that are',
      'longer than a line, more',
      '[cli]',
      '',
      '1. one',
      '2. two and some more',
      '   words here',
      '',
      '    quorate readiness',
      '    quorate agent',
      '',
      'Code: 0',
      '  Means: done',
    ]);
  });
});

describe('the search of the help', () => {
  const search = helpSearch(book);

  it('finds a failure by its code, a section by its words, their beginnings, and with a letter wrong', () => {
    expect(search('CLUSTER_WITNESS_REFUSED')[0]!.title).toBe('CLUSTER_WITNESS_REFUSED');
    expect(search('first five minutes')[0]!.place).toBe('start#the-first-five-minutes');
    expect(search('glossar').map(({ topic }) => topic)).toContain('Glossary');
    expect(search('procedrue').map(({ place }) => place)).toContain('procedure#where-did-that-step-go');
  });

  it('puts what was asked for before words that are only like it, and takes a question as a person puts it', () => {
    expect(search('uninstall')[0]!.place).toBe('start#what-quorate-changes-and-how-to-remove-it');
    expect(search('uninstal')[0]!.place).toBe('start#what-quorate-changes-and-how-to-remove-it');
    expect(search('How do I form the cluster?')).toEqual(search('form cluster'));
    expect(search('where')).not.toEqual([]);
  });

  it('wants every word, gives no more than it is asked for, and nothing for nothing', () => {
    expect(search('witness zebrafish')).toEqual([]);
    expect(search('   ')).toEqual([]);
    expect(search('cluster', 5)).toHaveLength(5);
    for (const { excerpt } of search('cluster')) expect(excerpt.length).toBeLessThan(200);
  });

  it('shows the words around what was found', () => {
    const text = `${'before '.repeat(30)}the witness ${'after '.repeat(60)}`;
    expect(excerptOf(text, ['witness'])).toMatch(/^… before .*the witness after .* …$/);
    expect(excerptOf('short', ['absent'])).toBe('short');
  });
});
