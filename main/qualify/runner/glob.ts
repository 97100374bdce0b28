/** Matches a case id against a pattern in which `*` stands for any characters; case is ignored. */
export const matchesGlob = (pattern: string, id: string): boolean => {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(id);
};
