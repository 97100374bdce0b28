/** The bytes of a message as the channel has them: its length in four bytes, big-endian, then its JSON text. */
export const frameOf = (message: unknown): Buffer => {
  const text = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
};
