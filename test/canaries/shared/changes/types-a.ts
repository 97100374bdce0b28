// expects: nothing
import type { Whole } from './types-b.ts';
export type Part = { readonly whole: Whole | null };
