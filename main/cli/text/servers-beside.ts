import type { TableColumn } from './table.ts';

/** How a row of servers beside each other came out; what stops is in capitals. */
export const outcomeWords = { fail: 'FAIL', warn: 'warn', unknown: 'UNKNOWN', pass: 'pass' } as const;

/** A column for each server, in what `besides` leaves of a terminal's columns; servers of one name are told apart by their ids. */
export const serverColumns = (
  servers: readonly { readonly name: string; readonly id: string }[],
  columns: number,
  { besides, narrowest }: { readonly besides: number; readonly narrowest: number },
): TableColumn[] => {
  const maxWidth = Math.max(narrowest, Math.floor((columns - besides) / servers.length) - 2);
  const isNameShared = (name: string): boolean => servers.filter((one) => one.name === name).length > 1;
  return servers.map(({ name, id }) => ({ title: isNameShared(name) ? `${name} (${id})` : name, maxWidth }));
};
