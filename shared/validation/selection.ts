import * as z from 'zod';
import type { Area } from '../changes/kind.ts';
import type { ValidationReport } from './report.ts';
import { isSameName } from '../model/names.ts';

/** Which tests are run. Microsoft supports a cluster after a whole run only. */
export const selectionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('whole') }),
  /** Disturbs no disk. */
  z.object({ kind: z.literal('withoutStorage') }),
  /** What was changed here since the last validation of these servers, and what was not clean then. */
  z.object({ kind: z.literal('changed') }),
  /** Categories or tests by their names. */
  z.object({ kind: z.literal('only'), names: z.array(z.string().min(1)).min(1) }),
]);
export type Selection = z.infer<typeof selectionSchema>;

export const selectionWords: Readonly<Record<Selection['kind'], string>> = {
  whole: 'All tests',
  withoutStorage: 'Without storage',
  changed: 'Only what changed',
  only: 'Selected tests',
};

export const storageCategory = 'Storage';

/** The categories that look at what the changes of an area touch. */
const categoriesOfArea: Readonly<Record<Area, readonly string[]>> = {
  host: ['System Configuration'],
  network: ['Network'],
  initiator: ['Storage'],
  storage: ['Storage'],
  roles: ['System Configuration', 'Hyper-V Configuration'],
  cluster: ['Network', 'Storage', 'System Configuration'],
  vms: ['Hyper-V Configuration'],
  storageHost: ['Storage'],
};

/** The categories of the tests that were not clean, whatever was expected of them. */
const openCategories = (report: ValidationReport): string[] =>
  report.tests
    .filter(({ result, expected }) => !expected && result !== 'success' && result !== 'notApplicable')
    .map(({ category }) => category);

/** What has to be run again, in the order of the alphabet; empty where nothing was changed and nothing was open. */
export const changedCategories = (areas: readonly Area[], last: ValidationReport): string[] =>
  [...new Set([...areas.flatMap((area) => categoriesOfArea[area]), ...openCategories(last)])].sort();

/** The two parameters of Test-Cluster, of which Windows takes one. */
export const namesOf = (
  selection: Exclude<Selection, { kind: 'changed' }>,
): { readonly include: readonly string[]; readonly ignore: readonly string[] } => {
  switch (selection.kind) {
    case 'whole':
      return { include: [], ignore: [] };
    case 'withoutStorage':
      return { include: [], ignore: [storageCategory] };
    case 'only':
      return { include: selection.names, ignore: [] };
  }
};

/** The tests that a selection comes to, of those that Windows lists. */
export const selectTests = <Test extends { readonly category: string; readonly name: string }>(
  listed: readonly Test[],
  { include, ignore }: { readonly include: readonly string[]; readonly ignore: readonly string[] },
): Test[] => {
  const isNamed = ({ category, name }: Test, names: readonly string[]): boolean =>
    names.some((one) => isSameName(one, category) || isSameName(one, name));
  return listed.filter((test) => (include.length === 0 || isNamed(test, include)) && !isNamed(test, ignore));
};

/** Names that no test and no category has. */
export const unknownNames = (
  listed: readonly { readonly category: string; readonly name: string }[],
  names: readonly string[],
): string[] =>
  names.filter((name) => !listed.some((one) => isSameName(one.category, name) || isSameName(one.name, name)));
