import { clusterMessages } from './cluster.ts';
import { availabilityMessages } from './availability.ts';
import { coreMessages } from './core.ts';
import { formationMessages } from './formation.ts';
import { storageHostMessages } from './storage-host.ts';
import { machineMessages } from './machines.ts';
import { iscsiMessages } from './iscsi.ts';
import { hostMessages } from './host.ts';
import { networkMessages } from './network.ts';
import { initiatorMessages } from './initiator.ts';
import { drillMessages } from './drill.ts';
import { diskMessages } from './disk.ts';
import { peerMessages } from './peers.ts';
import { planMessages } from './plan.ts';
import { powershellMessages } from './powershell.ts';
import { readinessMessages } from './readiness.ts';
import { rehearsalMessages } from './rehearsal.ts';
import { targetMessages } from './target.ts';
import { updateMessages } from './update.ts';
import { validationMessages } from './validation.ts';

/**
 * Every failure code of the product with its text. Codes are `SUBJECT_WHAT_HAPPENED`; a code that has no row here does
 * not compile. docs/errors.md is generated from this table.
 */
export const messages = {
  ...availabilityMessages,
  ...coreMessages,
  ...iscsiMessages,
  ...hostMessages,
  ...networkMessages,
  ...initiatorMessages,
  ...diskMessages,
  ...drillMessages,
  ...peerMessages,
  ...planMessages,
  ...powershellMessages,
  ...readinessMessages,
  ...rehearsalMessages,
  ...targetMessages,
  ...clusterMessages,
  ...formationMessages,
  ...machineMessages,
  ...storageHostMessages,
  ...updateMessages,
  ...validationMessages,
};

export type Messages = typeof messages;
export type FailureCode = keyof Messages;
