import * as z from 'zod';

/** Into a file that the user named, or as bytes that the caller saves itself (a browser does). */
export const handOverToSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string().min(1) }),
  z.object({ kind: z.literal('content') }),
]);

export type HandOverTo = z.infer<typeof handOverToSchema>;

export const handedOverSchema = z.object({
  /** Where it was written; null when the content is handed over. */
  path: z.string().nullable(),
  /** A file name to propose. */
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int(),
  base64: z.string().nullable(),
});
export type HandedOver = z.infer<typeof handedOverSchema>;
