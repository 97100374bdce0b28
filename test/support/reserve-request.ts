import type { OutRequest } from '../../main/rehearsal/store/index.ts';

/** A PERSISTENT RESERVE OUT with everything left out at its usual value. */
export const reserveOut = (request: Partial<OutRequest> & Pick<OutRequest, 'action'>): OutRequest => ({
  key: 0n,
  actionKey: 0n,
  type: null,
  scope: 0,
  aptpl: false,
  allTargetPorts: false,
  specifiedPorts: null,
  move: null,
  ...request,
});
