import MiniSearch from 'minisearch';
import { helpPlace, wordsOf, type HelpBook } from './book.ts';

/** A section that holds what was asked for. */
export interface HelpHit {
  /** See {@link helpPlace}. */
  readonly place: string;
  readonly topic: string;
  readonly title: string;
  /** Some words around the first one that was found. */
  readonly excerpt: string;
}

const longestExcerpt = 180;

/** The part of a text around the first of the words; its beginning where none is in it. */
export const excerptOf = (text: string, words: readonly string[]): string => {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word.toLowerCase())).filter((at) => at >= 0);
  const first = places.length > 0 ? Math.min(...places) : 0;
  const wanted = Math.max(0, first - 60);
  const start = wanted === 0 ? 0 : lower.indexOf(' ', wanted) + 1;
  const rest = text.slice(start);
  const cut = rest.length <= longestExcerpt ? rest : rest.slice(0, rest.lastIndexOf(' ', longestExcerpt));
  return `${start > 0 ? '… ' : ''}${cut.trim()}${cut.length < rest.length ? ' …' : ''}`;
};

/** Words of a question that say nothing of what is looked for. */
const asides = new Set(
  'a an and are can do does for how i in is it my of on or the there this to what when where which why with'.split(' '),
);

const wordsIn = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

/** What a question looks for: its words without the asides, or all of them where nothing else is left. */
const wantedOf = (query: string): string => {
  const words = wordsIn(query);
  const wanted = words.filter((word) => !asides.has(word.toLowerCase()));
  return (wanted.length > 0 ? wanted : words).join(' ');
};

/**
 * Finds sections: every word has to be in it, whole or begun; what is in a title counts more. Only where that finds nothing, words with a
 * letter or two wrong count as well, so that "uninstall" does not find "install" first.
 * @returns best first, at most `most`
 */
export const helpSearch = (book: HelpBook): ((query: string, most?: number) => HelpHit[]) => {
  const texts = new Map<string, string>();
  const index = new MiniSearch<{ place: string; topic: string; title: string; text: string }>({
    idField: 'place',
    fields: ['title', 'topic', 'text'],
    storeFields: ['topic', 'title'],
    // Names such as ISCSI_LOGIN_REFUSED and New-Cluster are found whole and by their parts.
    tokenize: wordsIn,
    searchOptions: {
      prefix: true,
      combineWith: 'AND',
      boost: { title: 4, topic: 2 },
    },
  });
  for (const topic of book.topics)
    for (const section of topic.sections) {
      const place = helpPlace(topic.id, section.id);
      const text = wordsOf(section.body).trim();
      texts.set(place, text);
      index.add({ place, topic: topic.title, title: section.title, text });
    }
  return (query, most = 30) => {
    const wanted = wantedOf(query);
    const exact = index.search(wanted);
    const hits = exact.length > 0 ? exact : index.search(wanted, { fuzzy: (word) => (word.length > 4 ? 0.2 : false) });
    return hits.slice(0, most).map((hit) => ({
      place: String(hit.id),
      topic: String(hit['topic']),
      title: String(hit['title']),
      excerpt: excerptOf(texts.get(String(hit.id)) ?? '', hit.terms),
    }));
  };
};
