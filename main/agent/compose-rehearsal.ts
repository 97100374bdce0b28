import {
  rehearsalAct,
  rehearsalAdvance,
  rehearsalClearFault,
  rehearsalCreate,
  rehearsalList,
  rehearsalLog,
  rehearsalRemove,
  rehearsalScenarios,
  rehearsalSetFault,
  rehearsalShow,
  rehearsalStop,
} from '../../shared/contract/rehearsal.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { CoreSettings } from './core-settings.ts';

/** The methods that make, drive and remove simulated servers: bound here, loaded when they are first called. */
export const rehearsalImplementations = ({ dataFolder }: CoreSettings): Implementation[] => {
  const load = async () => new (await import('../rehearsal/host/rehearsals.ts')).Rehearsals(dataFolder);
  return [
    implement(rehearsalScenarios, async () => (await load()).scenarios()),
    implement(rehearsalList, async () => (await load()).list()),
    implement(rehearsalShow, async ({ name }) => (await load()).show(name)),
    implement(rehearsalCreate, async (input) => (await load()).create(input)),
    implement(rehearsalSetFault, async ({ name, fault }) => ({ id: await (await load()).setFault(name, fault) })),
    implement(rehearsalClearFault, async ({ name, id }) => ({ cleared: await (await load()).clearFault(name, id) })),
    implement(rehearsalLog, async ({ name, limit }) => (await load()).log(name, limit)),
    implement(rehearsalAdvance, async ({ name, byMs }) => (await load()).advance(name, byMs)),
    implement(rehearsalAct, async ({ name, act }) => (await load()).act(name, act)),
    implement(rehearsalStop, async ({ name }) => ({ stopped: await (await load()).stop(name) })),
    implement(rehearsalRemove, async ({ name }) => {
      await (await load()).remove(name);
      return { removed: true };
    }),
  ];
};
