import { create } from 'zustand';

interface NavigationState {
  /** The id of the stage or page that is shown: an entry of the table in renderer/app/stage-table.tsx. */
  readonly stage: string;
  /** What on it was asked for: the id of a journal entry, say; null for the page as a whole. */
  readonly subject: string | null;
  readonly go: (stage: string, subject?: string) => void;
}

const focusTitle = (): void => document.getElementById('stage-title')?.focus({ preventScroll: true });

/** Which stage is shown. Any feature can send a person on to another one by its id. */
export const useNavigation = create<NavigationState>((set) => ({
  stage: 'readiness',
  subject: null,
  go: (stage, subject) => {
    set({ stage, subject: subject ?? null });
    document.getElementById('main')?.scrollTo(0, 0);
    requestAnimationFrame(focusTitle);
  },
}));
