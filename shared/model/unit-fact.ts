import type { LogicalUnit, UnitFact } from './qualification.ts';

/** Whether a fact of a unit is missing because what came could not be read, or nothing came: then null is not "none". */
export const isUnread = ({ unread }: Pick<LogicalUnit, 'unread'>, fact: UnitFact): boolean =>
  unread?.includes(fact) === true;

/** Identity or serial number as text: the value, `none` where the unit has none, or that it cannot be read. */
export const tellFact = (unit: LogicalUnit, fact: 'identity' | 'serial', none: string): string =>
  unit[fact] ?? (isUnread(unit, fact) ? 'not readable' : none);
