/** What no shell takes for anything but itself. */
const plain = /^[\w@%+=:,./-]+$/;
/** PowerShell makes a list of what has a comma and reads "@" at the beginning as a variable; cmd takes "," and "=" for blanks. */
const plainOnWindows = /^[\w+:./\\-]+$/;

/** A word as the shell of this machine takes it for one: cmd and PowerShell in double quotes, others in single ones. */
const shellWord = (word: string, platform: NodeJS.Platform): string => {
  if (platform === 'win32') return plainOnWindows.test(word) ? word : `"${word}"`;
  return plain.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
};

/** A command inside a sentence, in quotes of its own: what stands between them can be typed as it is. */
export const shellCommand = (words: readonly string[], platform: NodeJS.Platform = process.platform): string => {
  const command = words.map((word) => shellWord(word, platform)).join(' ');
  return command.includes('"') ? `'${command}'` : `"${command}"`;
};
