/**
 * Like Promise.all, but fails only when all have ended: what a case has under way must not reach into its clean-up, nor its
 * steps into the next case.
 */
export const together = async <T extends readonly unknown[] | []>(
  all: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> => {
  await Promise.allSettled(all);
  return Promise.all(all);
};
