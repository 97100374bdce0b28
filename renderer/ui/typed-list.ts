/** What a person typed as a list: parted by blanks, commas or semicolons. */
export const typedList = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);
