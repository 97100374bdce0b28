/** Bytes from hexadecimal text; blanks, line ends and `//` comments are passed over, so that a layout can be written field by field. */
export const hex = (text: string): Buffer =>
  Buffer.from(
    text
      .split('\n')
      .map((line) => line.replace(/\/\/.*$/, ''))
      .join('')
      .replace(/\s+/g, ''),
    'hex',
  );
