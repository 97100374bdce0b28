/**
 * The title of tests that are skipped where a reason stands against them, with that reason: `npm test` reads it from there and tells it at its end, so
 * that nothing is left out silently.
 * @param because null: they run
 */
export const titled = (title: string, because: string | null): string =>
  because === null ? title : `${title} (skipped: ${because})`;
