/** Values as PowerShell source text, in ASCII. */

/** A string as an expression: single quotes, every character beyond ASCII and every control character as `[char]`. */
export const quoteText = (text: string): string => {
  const parts = text.match(/[\x20-\x7e]+|[^\x20-\x7e]+/g) ?? [''];
  const expressions = parts.map((part) =>
    /^[\x20-\x7e]*$/.test(part)
      ? `'${part.replaceAll("'", "''")}'`
      : [...Array(part.length).keys()].map((at) => `[char] 0x${part.charCodeAt(at).toString(16)}`).join(' + '),
  );
  if (expressions.length === 1 && expressions[0]!.startsWith("'")) return expressions[0]!;
  // The leading '' makes the sum one of strings, whatever comes first.
  return `(${expressions[0]!.startsWith("'") ? '' : "'' + "}${expressions.join(' + ')})`;
};
