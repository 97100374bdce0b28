/**
 * The persistent reservation types (SPC-4, "Persistent reservation type codes") and what they mean, in one table; the conflict rules, the
 * capabilities mask and the reports are derived from it.
 */
export const reservationTypes = {
  1: { name: 'Write Exclusive', reads: 'all', who: 'holder' },
  3: { name: 'Exclusive Access', reads: 'some', who: 'holder' },
  5: { name: 'Write Exclusive - Registrants Only', reads: 'all', who: 'registrants' },
  6: { name: 'Exclusive Access - Registrants Only', reads: 'some', who: 'registrants' },
  7: { name: 'Write Exclusive - All Registrants', reads: 'all', who: 'registrants' },
  8: { name: 'Exclusive Access - All Registrants', reads: 'some', who: 'registrants' },
} as const;

export type ReservationType = keyof typeof reservationTypes;

export const isReservationType = (value: number): value is ReservationType => value in reservationTypes;

/** In the types 7 and 8 every registrant is a holder (SPC-4 clause 5.13.10, "Persistent reservation holder"). */
export const isAllRegistrants = (type: ReservationType): boolean => type === 7 || type === 8;

/** PERSISTENT RESERVE OUT service actions (SPC-4, the command of that name). */
export const outServiceActions = {
  register: 0x00,
  reserve: 0x01,
  release: 0x02,
  clear: 0x03,
  preempt: 0x04,
  preemptAndAbort: 0x05,
  registerAndIgnore: 0x06,
  registerAndMove: 0x07,
  replaceLostReservation: 0x08,
} as const;
export type OutServiceAction = keyof typeof outServiceActions;

/** PERSISTENT RESERVE IN service actions (SPC-4, the command of that name). */
export const inServiceActions = {
  readKeys: 0x00,
  readReservation: 0x01,
  reportCapabilities: 0x02,
  readFullStatus: 0x03,
} as const;
export type InServiceAction = keyof typeof inServiceActions;
