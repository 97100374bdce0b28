import type { OutRequest } from './reservations.ts';

/** A PERSISTENT RESERVE OUT with everything left out at its usual value: for simulated servers and tests. */
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
