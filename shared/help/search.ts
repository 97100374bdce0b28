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

/**
 * Finds sections: every word has to be in it, whole, begun or with one letter wrong; what is in a title counts more.
 * @returns best first, at most `most`
 */
export const helpSearch = (book: HelpBook): ((query: string, most?: number) => HelpHit[]) => {
  const texts = new Map<string, string>();
  const index = new MiniSearch<{ place: string; topic: string; title: string; text: string }>({
    idField: 'place',
    fields: ['title', 'topic', 'text'],
    storeFields: ['topic', 'title'],
    // Names such as ISCSI_LOGIN_REFUSED and New-Cluster are found whole and by their parts.
    tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''),
    searchOptions: {
      prefix: true,
      fuzzy: (word) => (word.length > 4 ? 0.2 : false),
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
  return (query, most = 30) =>
    index
      .search(query)
      .slice(0, most)
      .map((hit) => ({
        place: String(hit.id),
        topic: String(hit['topic']),
        title: String(hit['title']),
        excerpt: excerptOf(texts.get(String(hit.id)) ?? '', hit.terms),
      }));
};
