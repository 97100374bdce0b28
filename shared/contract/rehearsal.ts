import * as z from 'zod';
import { method } from './define.ts';
import { uint64TextSchema } from '../model/quantity.ts';
import { faultSchema } from '../model/rehearsal-faults.ts';
import { rehearsalNameSchema } from './server.ts';

const name = rehearsalNameSchema;
const server = z.string().min(1).max(15);

const serverViewSchema = z.object({
  /** The name that `--server rehearsal:NAME/SERVER` takes. */
  name: z.string(),
  computerName: z.string(),
  version: z.string(),
  core: z.boolean(),
  power: z.enum(['on', 'off', 'restarting']),
});

/** A simulated target, and where the simulated servers reach it. */
const targetViewSchema = z.object({
  name: z.string(),
  portals: z.array(
    z.object({
      /** What a simulated server logs on to. */
      address: z.string(),
      port: z.number().int(),
      /** The switch network that it is in, by its title. */
      network: z.string(),
      /** Where real initiators of this machine reach the same portal; null while it is not served. */
      served: z.object({ host: z.string(), port: z.number().int() }).nullable(),
    }),
  ),
  luns: z.array(z.object({ lun: z.number().int(), name: z.string(), serial: z.string(), sizeBytes: uint64TextSchema })),
});

export const rehearsalSchema = z.object({
  name: z.string(),
  /** Null while it does not run: it is started when something is asked of it. */
  running: z
    .object({
      pid: z.number().int(),
      scenario: z.string(),
      seed: z.number().int(),
      clock: z.object({ mode: z.enum(['real', 'driven']), now: z.iso.datetime() }),
      servers: z.array(serverViewSchema),
      targets: z.array(targetViewSchema),
      faults: z.array(z.looseObject({ id: z.string(), kind: z.string() })),
    })
    .nullable(),
});
export type Rehearsal = z.infer<typeof rehearsalSchema>;

const callers = ['ui', 'cli'] as const;

export const rehearsalScenarios = method({
  name: 'rehearsal.scenarios',
  kind: 'read',
  callers,
  input: z.object({}),
  output: z.array(z.object({ name: z.string(), what: z.string() })),
});

export const rehearsalList = method({
  name: 'rehearsal.list',
  kind: 'read',
  callers,
  input: z.object({}),
  output: z.array(rehearsalSchema),
});

/** Starts it when it does not run. Errors: REHEARSAL_NOT_FOUND. */
export const rehearsalShow = method({
  name: 'rehearsal.show',
  kind: 'read',
  callers,
  input: z.object({ name }),
  output: rehearsalSchema,
});

/** Errors: REHEARSAL_EXISTS, REHEARSAL_REFUSED. */
export const rehearsalCreate = method({
  name: 'rehearsal.create',
  kind: 'change',
  callers,
  input: z.object({
    name,
    scenario: z.string().optional(),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1),
    /** `driven`: time stands still until `rehearsal.advance`. */
    clock: z.enum(['real', 'driven']).default('real'),
  }),
  output: rehearsalSchema,
});

export const rehearsalSetFault = method({
  name: 'rehearsal.setFault',
  kind: 'change',
  callers,
  input: z.object({ name, fault: faultSchema }),
  output: z.object({ id: z.string() }),
});

/** `id` is a fault's id or kind; null clears all. */
export const rehearsalClearFault = method({
  name: 'rehearsal.clearFault',
  kind: 'change',
  callers,
  input: z.object({ name, id: z.string().nullable() }),
  output: z.object({ cleared: z.number().int() }),
});

export const rehearsalLog = method({
  name: 'rehearsal.log',
  kind: 'read',
  callers,
  input: z.object({ name, limit: z.number().int().min(1).max(10_000).default(200) }),
  output: z.array(
    z.looseObject({ at: z.string(), who: z.string(), server: z.string().nullable().optional(), what: z.string() }),
  ),
});

/** Moves the clock on; what is due happens. */
export const rehearsalAdvance = method({
  name: 'rehearsal.advance',
  kind: 'change',
  callers,
  input: z.object({
    name,
    byMs: z
      .number()
      .int()
      .min(0)
      .max(366 * 24 * 3_600_000),
  }),
  output: z.object({ now: z.string() }),
});

/** What somebody does with his hands: pull a cable, press the power button, log on at the console. */
export const rehearsalAct = method({
  name: 'rehearsal.act',
  kind: 'change',
  callers,
  input: z.object({
    name,
    act: z.discriminatedUnion('do', [
      z.object({ do: z.literal('powerOff'), server }),
      z.object({ do: z.literal('powerOn'), server }),
      z.object({ do: z.literal('restart'), server }),
      z.object({ do: z.literal('plug'), server, nic: z.string(), network: z.string().nullable() }),
      z.object({ do: z.literal('logon'), server, account: z.string() }),
    ]),
  }),
  output: rehearsalSchema,
});

/** Ends the process; the state is kept. */
export const rehearsalStop = method({
  name: 'rehearsal.stop',
  kind: 'change',
  callers,
  input: z.object({ name }),
  output: z.object({ stopped: z.boolean() }),
});

/** Ends the process and deletes the rehearsal with all that was done in it. */
export const rehearsalRemove = method({
  name: 'rehearsal.remove',
  kind: 'change',
  callers,
  input: z.object({ name }),
  output: z.object({ removed: z.boolean() }),
});

export const rehearsalMethods = [
  rehearsalScenarios,
  rehearsalList,
  rehearsalShow,
  rehearsalCreate,
  rehearsalSetFault,
  rehearsalClearFault,
  rehearsalLog,
  rehearsalAdvance,
  rehearsalAct,
  rehearsalStop,
  rehearsalRemove,
] as const;
