import * as z from 'zod';
import { timeSettingSchema } from '../../model/host.ts';

/** An account with the name of its password among the secrets of the call. */
export const accountSchema = z.object({
  /** `DOMAIN\user` or `user@domain`. */
  userName: z.string().min(1),
  /** Which of the call's `secrets` is the password. */
  passwordName: z.string().min(1),
});
export type Account = z.infer<typeof accountSchema>;

/** What a server is to be; what is left out stays as it is. */
export const hostDesireSchema = z.object({
  computerName: z.string().optional(),
  membership: z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('domain'),
        name: z.string(),
        /** Distinguished name of the unit for the computer's object; null: the domain's default. */
        ou: z.string().nullable().default(null),
      }),
      z.object({ kind: z.literal('workgroup'), name: z.string() }),
    ])
    .optional(),
  /** The account that may rename, join or leave; a computer in a workgroup needs none to be renamed. */
  account: accountSchema.nullable().default(null),
  time: timeSettingSchema.optional(),
  restart: z
    .object({
      reason: z.string().min(1).default('Quorate'),
      /** Go on with what the journal has open, after the restart; null: nothing goes on by itself. */
      resume: z
        .discriminatedUnion('trigger', [
          /** When this account logs on again. */
          z.object({ trigger: z.literal('logon'), account: z.string().min(1) }),
          /** Before anyone logs on, with a password that Windows keeps; it is removed once resumed. */
          z.object({ trigger: z.literal('startup'), account: z.string().min(1), passwordName: z.string().min(1) }),
        ])
        .nullable()
        .default(null),
      /** What was registered stays for the restarts that follow; who is through with them takes it away. */
      keepsResume: z.boolean().default(false),
      /** Restart even when nothing is pending. */
      always: z.boolean().default(true),
    })
    .optional(),
  /** Tokens of registered resumes to take away. */
  removeResumes: z.array(z.string()).default([]),
});
export type HostDesire = z.output<typeof hostDesireSchema>;
export type HostDesireInput = z.input<typeof hostDesireSchema>;
