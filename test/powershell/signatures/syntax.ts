import * as z from 'zod';

/** What Get-ScriptSyntax.ps1 says of a script. */
export interface Value {
  readonly kind: 'constant' | 'number' | 'variable' | 'array' | 'table' | 'scriptblock' | 'expression';
  readonly text: string;
  readonly constant: string | null;
  readonly variable: string | null;
  readonly items: readonly (Value | null)[] | null;
  readonly keys: readonly { readonly name: string; readonly constant: boolean; readonly value: Value | null }[] | null;
}
const valueSchema: z.ZodType<Value> = z.lazy(() =>
  z.object({
    kind: z.enum(['constant', 'number', 'variable', 'array', 'table', 'scriptblock', 'expression']),
    text: z.string(),
    constant: z.string().nullable(),
    variable: z.string().nullable(),
    items: z.array(valueSchema.nullable()).nullable(),
    keys: z.array(z.object({ name: z.string(), constant: z.boolean(), value: valueSchema.nullable() })).nullable(),
  }),
);
const spotSchema = z.object({ line: z.number(), what: z.string(), text: z.string() });
export const syntaxSchema = z.object({
  problems: z.array(z.object({ line: z.number(), message: z.string() })),
  commands: z.array(
    z.object({
      line: z.number(),
      /** Null when the command is not a constant name. */
      name: z.string().nullable(),
      head: z.string(),
      headKind: z.string(),
      operator: z.string(),
      /** Whether a pipeline feeds it. */
      fed: z.boolean(),
      arguments: z.array(
        z.object({
          kind: z.enum(['parameter', 'value', 'splat']),
          name: z.string().nullable(),
          value: valueSchema.nullable(),
          attached: z.boolean(),
        }),
      ),
    }),
  ),
  tables: z.array(
    z.object({ line: z.number(), variable: z.string(), key: z.string().nullable(), value: valueSchema.nullable() }),
  ),
  /** Tables with a key `class`: what a script wants to read through CIM, written down once. */
  wanted: z.array(z.object({ line: z.number(), value: valueSchema })),
  functions: z.array(z.string()),
  newer: z.array(spotSchema),
  stops: z.array(spotSchema),
  synopsis: z.string().nullable(),
  helpParameters: z.array(z.string()),
  parameters: z.array(z.string()),
  binding: z.boolean(),
  statements: z.array(z.string()),
});
export type Syntax = z.infer<typeof syntaxSchema>;
export type Command = Syntax['commands'][number];
