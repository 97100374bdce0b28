import {
  unknown,
  type Action,
  type DiskAction,
  type HostAction,
  type InitiatorAction,
  type NicAction,
  type Satisfied,
} from './action.ts';
import { areaOf } from './action.ts';
import { isDone, isMoved, type Change } from '../changes/index.ts';
import { isDiskActionDone } from './disk/satisfied.ts';
import { isHostActionDone } from './host/satisfied.ts';
import { isInitiatorActionDone } from './initiator/satisfied.ts';
import { isNicActionDone } from './nic/satisfied.ts';
import type { Observed } from './observed.ts';

/** Whether the effect of an action is there, judged on what was observed. */
export const isActionDone = (action: Action, observed: Observed): Satisfied => {
  if (isMoved(action)) return isDone(action, observed);
  const missing = unknown('it was not read');
  switch (areaOf(action)) {
    case 'host':
      return observed.host ? isHostActionDone(action as HostAction, observed.host) : missing;
    case 'network':
      return observed.network ? isNicActionDone(action as Exclude<NicAction, Change>, observed.network) : missing;
    case 'initiator':
      return observed.initiator ? isInitiatorActionDone(action as InitiatorAction, observed.initiator) : missing;
    case 'storage':
      return observed.storage ? isDiskActionDone(action as DiskAction, observed.storage) : missing;
  }
};
