import type { Notice } from '../../main/powershell/runner/wire.ts';

/** The texts of each level in their order; between levels there is none to hold a test to (see `Notice`). */
export const textsByLevel = (notices: readonly Notice[]): Partial<Record<Notice['level'], string[]>> => {
  const texts: Partial<Record<Notice['level'], string[]>> = {};
  for (const { level, text } of notices) (texts[level] ??= []).push(text);
  return texts;
};
