import type { PduOf } from '../pdu/codec.ts';
import { decodeSenseSegment } from '../pdu/sense-segment.ts';
import { decodeSense, type Sense } from '../scsi/sense.ts';

/** Asynchronous messages: RFC 7143 section 11.9.1. */
export type AsyncEvent =
  | { readonly kind: 'scsi'; readonly lun: bigint; readonly sense: Sense | undefined }
  | { readonly kind: 'logoutRequested'; readonly withinSeconds: number }
  | {
      readonly kind: 'connectionDropped';
      readonly cid: number;
      readonly time2WaitSeconds: number;
      readonly time2RetainSeconds: number;
    }
  | { readonly kind: 'sessionDropped'; readonly time2WaitSeconds: number; readonly time2RetainSeconds: number }
  | { readonly kind: 'negotiationRequested'; readonly withinSeconds: number }
  | { readonly kind: 'tasksTerminated'; readonly lun: bigint }
  | { readonly kind: 'other'; readonly event: number; readonly vendorCode: number };

/** The message as an event. Times in seconds, as they come. */
export const decodeAsyncEvent = (pdu: PduOf<'asyncMessage'>): AsyncEvent => {
  switch (pdu.asyncEvent) {
    case 0:
      return { kind: 'scsi', lun: pdu.lun, sense: decodeSense(decodeSenseSegment(pdu.data)) };
    case 1:
      return { kind: 'logoutRequested', withinSeconds: pdu.parameter3 };
    case 2:
      return {
        kind: 'connectionDropped',
        cid: pdu.parameter1,
        time2WaitSeconds: pdu.parameter2,
        time2RetainSeconds: pdu.parameter3,
      };
    case 3:
      return { kind: 'sessionDropped', time2WaitSeconds: pdu.parameter2, time2RetainSeconds: pdu.parameter3 };
    case 4:
      return { kind: 'negotiationRequested', withinSeconds: pdu.parameter3 };
    case 5:
      return { kind: 'tasksTerminated', lun: pdu.lun };
    default:
      return { kind: 'other', event: pdu.asyncEvent, vendorCode: pdu.asyncVCode };
  }
};
