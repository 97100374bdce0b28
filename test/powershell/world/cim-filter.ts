import { NotModelled } from '../../../main/rehearsal/world/refusal.ts';
import type { CimObject, Look } from './cim.ts';

/** The instances of a class; `filter` is for classes that work out their answer from it. */
export type Source = (look: Look, filter: readonly Condition[]) => CimObject[];

export interface Condition {
  readonly name: string;
  readonly value: string;
}

/** `A = 'x' AND B = 5`: all that the product's filters need. */
export const parseFilter = (text: string): Condition[] =>
  text
    .split(/\s+and\s+/i)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const match =
        /^\s*\(?\s*([A-Za-z0-9_]+)\s*(?:=|like)\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|([A-Za-z0-9.:-]+))\s*\)?\s*$/i.exec(
          part,
        );
      if (!match) throw new NotModelled(`the filter ${part}`);
      return { name: match[1]!.toLowerCase(), value: (match[2] ?? match[3] ?? match[4] ?? '').replace(/\\(.)/g, '$1') };
    });

/** The value that a filter asks a property to have. */
export const conditionOf = (filter: readonly Condition[], name: string): string | undefined =>
  filter.find((one) => one.name === name.toLowerCase())?.value;

/** Does an instance meet every condition? */
export const passes = (object: CimObject, filter: readonly Condition[]): boolean =>
  filter.every(({ name, value }) => {
    const entry = Object.entries(object.props).find(([key]) => key.toLowerCase() === name);
    if (!entry) return false;
    const text = typeof entry[1] === 'string' ? entry[1] : JSON.stringify(entry[1]);
    const pattern = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%/g, '.*');
    return new RegExp(`^${pattern}$`, 'i').test(text);
  });
