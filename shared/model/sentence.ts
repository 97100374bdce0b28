/** A text as a sentence: with a full stop, unless it brings its own mark (`.`, `?`, `!`; an ellipsis is none). */
export const asSentence = (text: string): string => (/(?:[?!]|(?<!\.)\.)["')]?$/.test(text) ? text : `${text}.`);
