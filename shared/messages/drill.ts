import { defineMessages } from './define.ts';

/** Failures of drills. */
export const drillMessages = defineMessages({
  DRILL_REFUSED: {
    what: 'The drill is not carried out: {because}.',
    next: 'Mend what is named, and look at the plan of the drill again; nothing was changed.',
    retry: 'afterChange',
    effect: 'none',
  },
  DRILL_NOT_YOURS: {
    what: 'The drill {journal} on this server was not ordered by {caller}.',
    next: 'End it where it was begun. Nothing was changed; the server undoes it by itself when its time is over.',
    retry: 'never',
    effect: 'none',
  },
  DRILL_PLAN_CHANGED: {
    what: 'The cluster is no longer as the plan of the drill {element} found it.',
    next: 'Read the plan again; nothing was changed.',
    retry: 'afterChange',
    effect: 'none',
  },
  DRILL_KIND_UNKNOWN: {
    what: 'There is no drill for {element}.',
    next: 'Drills are there for nic:NODE/NIC, path:NODE/NIC>PORTAL, node:NAME, target:NAME and witness.',
    retry: 'never',
    effect: 'none',
  },
});
