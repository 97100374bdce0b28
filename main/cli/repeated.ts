/**
 * The parser of an option that may be given more than once; each value goes through `parse`. Such an option has no default: the help would show
 * an empty list as "(default: [])".
 */
export const repeated =
  <Value>(parse: (text: string) => Value) =>
  (text: string, soFar: Value[] | undefined): Value[] => [...(soFar ?? []), parse(text)];
