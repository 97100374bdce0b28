import { create } from 'zustand';

/** Whether the core answers. Once it is lost, what a page shows was read before, and nobody tells how it goes on. */
export const useLink = create<{ readonly isLost: boolean }>(() => ({ isLost: false }));
