import { create } from 'zustand';
import type { HelpBook } from '../../../shared/help/book.ts';
import { unpackBook, type PackedBook } from '../../../shared/help/packed-book.ts';
import { helpSearch, type HelpHit } from '../../../shared/help/search.ts';

interface HelpState {
  readonly book: HelpBook | null;
  readonly search: (query: string) => HelpHit[];
  /** Why the help could not be read; null while nothing is wrong. */
  readonly problem: string | null;
  /** Kept here, so that a person who comes back from a page finds the list again. */
  readonly query: string;
  readonly setQuery: (query: string) => void;
  readonly load: () => Promise<void>;
}

export const useHelpBook = create<HelpState>((set, get) => ({
  book: null,
  search: () => [],
  problem: null,
  query: '',
  setQuery: (query) => set({ query }),
  load: async () => {
    if (get().book) return;
    try {
      const answer = await fetch(new URL('help.json', document.baseURI));
      if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
      const book = unpackBook((await answer.json()) as PackedBook);
      set({ book, search: helpSearch(book), problem: null });
    } catch (error) {
      set({ problem: error instanceof Error ? error.message : String(error) });
    }
  },
}));
