// expects: nothing
import type { Part } from './types-a.ts';
export type Whole = readonly Part[];
