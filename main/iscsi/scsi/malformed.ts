import { IscsiError } from '../error.ts';

/** What a device sent as the data of a command cannot be that data. */
export const malformedData = (what: string, reason: string): IscsiError =>
  new IscsiError('DATA_MALFORMED', { phase: 'command', detail: { what, reason } });

/** What a caller wants does not fit the command. */
export const outOfRange = (option: string, reason: string): IscsiError =>
  new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option, reason } });

/** Throws DATA_MALFORMED unless the data is at least so long. */
export const needBytes = (what: string, data: Buffer, lengthBytes: number): void => {
  if (data.length < lengthBytes) {
    throw malformedData(what, `${data.length} bytes came and at least ${lengthBytes} are needed`);
  }
};

/** Text of a fixed-width field: SPC-4 section 4.4.1, padded on the right with blanks; anything but printable ASCII becomes "?". */
export const readAscii = (data: Buffer, start: number, end: number): string =>
  data
    .toString('latin1', start, Math.min(end, data.length))
    .replace(/[\0 ]+$/, '')
    .replace(/[^\x20-\x7e]/g, '?');

/** Text in a fixed-width field, cut to it and padded on the right with blanks: SPC-4 section 4.4.1. */
export const writeAscii = (data: Buffer, text: string, start: number, end: number): void => {
  data.fill(0x20, start, end);
  data.write(text.slice(0, end - start), start, 'latin1');
};
