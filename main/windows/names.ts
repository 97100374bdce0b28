import * as z from 'zod';

const keyOf = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');

/**
 * A name as a script sends it, as the model's own spelling: case, spaces and hyphens do not count, because a module shows
 * `Fibre Channel` where its class has a number. `aliases` are other names of the same. A name that is not known is refused.
 */
export const nameOf = <const Name extends string>(
  names: readonly Name[],
  aliases: Readonly<Record<string, Name>> = {},
) => {
  const known = new Map<string, Name>([
    ...names.map((name) => [keyOf(name), name] as const),
    ...Object.entries(aliases).map(([alias, name]) => [keyOf(alias), name] as const),
  ]);
  return z.string().transform((text, context): Name => {
    const name = known.get(keyOf(text));
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: `the name "${text}" is not known here` });
    return z.NEVER;
  });
};

/** The same for a value that may be missing or unknown: then it is `otherwise`. */
export const nameOr = <const Name extends string, const Other extends Name | null>(
  names: readonly Name[],
  otherwise: Other,
  aliases: Readonly<Record<string, Name>> = {},
) => {
  const strict = nameOf(names, aliases);
  return z
    .string()
    .nullable()
    .transform((text): Name | Other => {
      const parsed = strict.safeParse(text ?? '');
      return parsed.success ? parsed.data : otherwise;
    });
};

/** Text, with null for what is blank. */
export const blankAsNull = z
  .string()
  .nullable()
  .transform((text) => (text === null || text.trim() === '' ? null : text));
