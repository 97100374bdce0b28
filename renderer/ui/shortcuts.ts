import { useEffect, useRef } from 'react';
import { create } from 'zustand';

export interface Shortcut {
  /** One character, or a key such as F1, as `KeyboardEvent.key` gives it, lower case. */
  readonly key: string;
  /** What it does, for the list that `?` shows. */
  readonly does: string;
  readonly run: () => void;
}

interface ShortcutState {
  readonly active: readonly Shortcut[];
  /** Off: letters alone do nothing, Alt and the letter still works (WCAG 2.1.4, character key shortcuts). */
  readonly lettersAlone: boolean;
  readonly setLettersAlone: (on: boolean) => void;
}

const settingName = 'quorate.lettersAlone';

const readSetting = (): boolean => {
  try {
    return globalThis.localStorage?.getItem(settingName) !== 'off';
  } catch {
    // A browser that keeps nothing: the usual setting is right then.
    return true;
  }
};

export const useShortcutState = create<ShortcutState>((set) => ({
  active: [],
  lettersAlone: true,
  setLettersAlone: (on) => {
    set({ lettersAlone: on });
    try {
      globalThis.localStorage?.setItem(settingName, on ? 'on' : 'off');
    } catch {
      // It holds until the page is closed.
    }
  },
}));

/** Gives an action a key for as long as it is on screen; a later one of the same key wins. */
export const useShortcut = (key: string, does: string, run: () => void, isEnabled = true): void => {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!isEnabled) return;
    const shortcut: Shortcut = { key, does, run: () => latest.current() };
    useShortcutState.setState(({ active }) => ({ active: [...active, shortcut] }));
    return () => useShortcutState.setState(({ active }) => ({ active: active.filter((one) => one !== shortcut) }));
  }, [key, does, isEnabled]);
};

interface KeyPress {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** The shortcut that a key press means, if any. `isTyping`: the focus is where letters are text. */
export const findShortcut = (
  press: KeyPress,
  state: Pick<ShortcutState, 'active' | 'lettersAlone'>,
  isTyping: boolean,
): Shortcut | undefined => {
  if (press.ctrlKey || press.metaKey) return undefined;
  // A key such as F1 is no text.
  const isCharacter = press.key.length === 1;
  if (isCharacter && !press.altKey && (isTyping || !state.lettersAlone)) return undefined;
  return state.active.findLast((one) => one.key === press.key.toLowerCase());
};

/** True where a letter is input: fields, lists of choices, and anything inside a dialog. */
export const isTypingIn = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest(
    'input:not([type=checkbox],[type=radio],[type=button]), textarea, select, [contenteditable=true], [role=dialog], [role=alertdialog]',
  ) !== null;

/** Listens for the keys of the whole page until the returned function is called. */
export const listenForShortcuts = (): (() => void) => {
  // Not sooner: the page waits while a process is started that keeps such settings.
  useShortcutState.setState({ lettersAlone: readSetting() });
  const listen = (event: KeyboardEvent): void => {
    const shortcut = findShortcut(event, useShortcutState.getState(), isTypingIn(event.target));
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
};
