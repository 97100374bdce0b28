import { IscsiError } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { describeBreak, failed, inconclusive, NotPassed } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { onFreeUnit } from './steps.ts';
import { sources } from './sources.ts';

/** Answers to a logon that is one too many at once; registrations outlive sessions, so sessions can take turns. */
const noRoom: ReadonlySet<string> = new Set([
  'LOGIN_OUT_OF_RESOURCES',
  'LOGIN_SERVICE_UNAVAILABLE',
  'LOGIN_TOO_MANY_CONNECTIONS',
]);

/** Sessions that are opened together: each waits for the target three times. */
const openedAtOnce = 4;

/** Opens the session of the next registration; where there is no room for it, those that registered already log out first. */
const openNext = async (nexus: Nexus, registered: readonly Nexus[]): Promise<'staying' | 'takingTurns'> => {
  try {
    await nexus.session();
    return 'staying';
  } catch (error) {
    if (!(error instanceof IscsiError) || !noRoom.has(error.code)) throw error;
    const open = registered.filter(({ hasSession }) => hasSession);
    if (open.length === 0) throw error;
    for (const one of registered) one.isPassing = true;
    nexus.isPassing = true;
    await Promise.all(open.map((one) => one.logout().catch(() => undefined)));
    await nexus.session();
    return 'takingTurns';
  }
};

const registerAll = async (
  laboratory: Laboratory,
  registrations: readonly { readonly nexus: Nexus; readonly key: bigint }[],
  onRegistered: (count: number, takesTurns: boolean) => void,
): Promise<void> => {
  const done: Nexus[] = [];
  let takesTurns = false;
  for (const [at, { nexus, key }] of registrations.entries()) {
    if (takesTurns) nexus.isPassing = true;
    else if (at % openedAtOnce === 0) {
      // Whoever does not get in now tries again in turn, below, where it is judged.
      const next = registrations.slice(at, at + openedAtOnce);
      await Promise.allSettled(next.map((one) => one.nexus.session()));
    }
    if (!takesTurns) takesTurns = (await openNext(nexus, done)) === 'takingTurns';
    const outcome = await laboratory.tryRegister(nexus, key);
    if (!outcome.ok)
      throw failed(`after ${done.length} registrations the next one was answered with ${describeOutcome(outcome)}`);
    done.push(nexus);
    onRegistered(done.length, takesTurns);
    if (takesTurns) await nexus.logout();
  }
};

export const capacityCases: readonly CaseDefinition[] = [
  {
    id: 'Reservations.Registrations.Capacity',
    title: 'There is room for a registration of every node over every path',
    required: true,
    needs: 'reservations',
    meaning: 'The last nodes or paths cannot register: the disk fails on them, often only after months.',
    askVendor: 'Ask how many registrations a logical unit takes, and compare it with nodes times paths.',
    source: sources.registrations,
    run: onFreeUnit(async (laboratory, figures) => {
      const { nodes, paths } = laboratory.settings;
      const wanted = nodes * paths;
      const needed = `${wanted} are needed (${nodes} nodes x ${paths} paths)`;
      figures['wanted'] = wanted;
      figures['registered'] = 0;
      const registrations = laboratory.ports.capacity;
      await laboratory.noteRegistrations(registrations);
      try {
        await registerAll(laboratory, registrations, (count, takesTurns) => {
          figures['registered'] = count;
          if (takesTurns) figures['sessionsTookTurns'] = true;
        });
      } catch (error) {
        const because = error instanceof Error ? error.message : '';
        if (error instanceof NotPassed) throw error.verdict === 'failed' ? failed(`${because}; ${needed}`) : error;
        if (!(error instanceof IscsiError) || laboratory.settings.signal.aborted) throw error;
        throw inconclusive(
          `after ${figures['registered']} registrations the next session failed: ${describeBreak(error)}; ${needed}`,
        );
      }
      const { keys } = await laboratory.readKeys(laboratory.a);
      if (keys.length !== wanted) throw failed(`${wanted} keys were registered, ${keys.length} are shown`);
    }),
  },
];
