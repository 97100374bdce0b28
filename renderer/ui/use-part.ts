import type { StoreApi, UseBoundStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';

/**
 * Some parts of a store's state. A component that listens to a whole store is made anew by everything that is told there: by each
 * step of a run, too.
 */
export const usePart = <State, Name extends keyof State>(
  useStore: UseBoundStore<StoreApi<State>>,
  ...names: readonly Name[]
): Pick<State, Name> =>
  useStore(useShallow((state) => Object.fromEntries(names.map((name) => [name, state[name]])) as Pick<State, Name>));
