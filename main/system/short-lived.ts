import { setFlagsFromString } from 'node:v8';

/**
 * For a process that lives for seconds: V8 optimizes a function only after 2 MiB of its bytecode ran, in place of 66 KiB (Node 20). Most of
 * what it optimizes in a command or in the world of a rehearsal has run its course by then, and optimizing took a fifth of their processor
 * time. What is truly hot, such as reading a LUN, is there within moments all the same.
 */
export const optimizeLate = (): void => setFlagsFromString('--interrupt-budget=2097152');
