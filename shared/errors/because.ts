import { messages } from '../messages/index.ts';
import type { MessageRow } from '../messages/define.ts';

const isCode = (text: string): boolean => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text);

/** Why something is not known, in words: the sentence of a failure's code that needs no details; otherwise the text as it is. */
export const becauseText = (because: string): string => {
  const what = isCode(because) ? (messages as Readonly<Record<string, MessageRow>>)[because]?.what : undefined;
  return what === undefined || what.includes('{') ? because : what;
};
