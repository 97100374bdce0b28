// The command line of `npm test`.

/**
 * @typedef {object} Asked
 * @property {readonly string[]} names checks and storeys; all of them where it is empty
 * @property {boolean} changed only what a change can reach
 * @property {string | null} ref what the change is counted from; null: what is not committed
 */

/**
 * `[NAME ...] [--changed [REF]]`. A word after --changed that is no check and no storey is the reference.
 * @param {readonly string[]} words @param {readonly string[]} known the names of checks and storeys
 * @returns {Asked} throws an Error with a sentence for people where a word is neither
 */
export const parseArguments = (words, known) => {
  /** @type {string[]} */
  const names = [];
  let changed = false;
  let ref = null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--changed') {
      changed = true;
      const next = words[at + 1];
      if (next !== undefined && !next.startsWith('-') && !known.includes(next)) {
        ref = next;
        at += 1;
      }
    } else if (known.includes(word)) names.push(word);
    else throw new Error(`There is no check or storey "${word}". There are: ${known.join(', ')}; and --changed [REF].`);
  }
  return { names, changed, ref };
};
