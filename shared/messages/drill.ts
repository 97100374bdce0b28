import { defineMessages } from './define.ts';

/** Failures of drills. */
export const drillMessages = defineMessages({
  DRILL_REFUSED: {
    what: 'The drill is not carried out: {because}.',
    next: 'Fix what is named, then plan the drill again; nothing was changed.',
    retry: 'afterChange',
    effect: 'none',
  },
  DRILL_NOT_YOURS: {
    what: 'The drill {journal} on this server was not ordered by {caller}.',
    next: 'End it where it was started. Nothing was changed; the server undoes the drill by itself when its time is up.',
    retry: 'never',
    effect: 'none',
  },
  DRILL_PLAN_CHANGED: {
    what: 'The cluster has changed since the drill {element} was planned.',
    next: 'Plan the drill again; nothing was changed.',
    retry: 'afterChange',
    effect: 'none',
  },
  DRILL_KIND_UNKNOWN: {
    what: 'There is no drill for {element}.',
    next: 'There are drills for nic:NODE/NIC, path:NODE/NIC>PORTAL, node:NAME, target:NAME and witness.',
    retry: 'never',
    effect: 'none',
  },
});
