import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownClasses, ownCommands } from './own-list.ts';

/** The carried catalogue (test/powershell/catalogue) as it is for one Windows Server. */
export type Os = '2016' | '2019' | '2022' | '2025';
export const allOs: readonly Os[] = ['2016', '2019', '2022', '2025'];

export interface Parameter {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly accepted?: readonly string[];
  readonly cimClass?: string;
  readonly docsets?: readonly string[];
}
export interface SetParameter {
  readonly mandatory?: true;
  readonly position?: number;
  readonly pipeline?: readonly string[];
}
export interface ParameterSet {
  readonly name: string | null;
  readonly default?: true;
  readonly parameters: Readonly<Record<string, SetParameter>>;
}
interface Older {
  readonly sameAs?: string;
  readonly parameterSets?: readonly ParameterSet[];
  readonly parameters?: Readonly<Record<string, Parameter>>;
}
export interface Cmdlet {
  readonly name: string;
  readonly module: string;
  readonly docsets: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly parameterSets: readonly ParameterSet[];
  readonly outputs?: readonly string[];
  readonly older?: Readonly<Record<string, Older>>;
}
export interface CimClass {
  readonly base?: string | null;
  readonly namespace: string;
  /** Other namespaces that hold it too. */
  readonly alsoIn?: readonly string[];
  readonly properties: Readonly<
    Record<string, { readonly type: string; readonly values?: readonly (readonly [string, string])[] }>
  >;
}
/** A cmdlet as one Windows Server has it. */
export interface CmdletView {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly parameterSets: readonly ParameterSet[];
  /** Parameters that only a live system showed: older servers may lack them. */
  readonly liveOnly: ReadonlySet<string>;
}

export interface Catalogue {
  readonly cmdlets: ReadonlyMap<string, Cmdlet>;
  /** All CIM classes, properties of their bases included; by lower-case name. */
  readonly classes: ReadonlyMap<string, CimClass>;
  /** Null: nobody knows the command; 'absent': it is not in that Windows Server. */
  view(name: string, os: Os): CmdletView | 'absent' | null;
}

const catalogueFolder = join(import.meta.dirname, '../catalogue');

const readFolder = (folder: string): Record<string, Cmdlet>[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map(
          (name) =>
            (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { cmdlets: Record<string, Cmdlet> }).cmdlets,
        )
    : [];

const inherit = (all: Readonly<Record<string, CimClass>>, name: string): CimClass => {
  const one = all[name]!;
  const base = one.base ? all[one.base] : undefined;
  return base ? { ...one, properties: { ...inherit(all, one.base!).properties, ...one.properties } } : one;
};

/** The cmdlet in one docset: what `older` says replaces, parameters one by one. See the catalogue's own description. */
export const viewCmdlet = (cmdlet: Cmdlet, docset: string): Omit<CmdletView, 'liveOnly'> => {
  let older = cmdlet.older?.[docset];
  for (let steps = 0; older?.sameAs && steps < 5; steps++) older = cmdlet.older?.[older.sameAs];
  const merged = { ...cmdlet.parameters, ...older?.parameters };
  const parameters = Object.fromEntries(
    Object.entries(merged).filter(([, parameter]) => !parameter.docsets || parameter.docsets.includes(docset)),
  );
  // The pages of the item cmdlets show what a provider adds to them as sets beside those "for all providers"; the cmdlet has no such sets.
  const parameterSets = (older?.parameterSets ?? cmdlet.parameterSets)
    .filter(({ name }) => !name?.endsWith(' - FileSystem provider'))
    .map((set) => ({
      ...set,
      parameters: Object.fromEntries(Object.entries(set.parameters).filter(([name]) => name in parameters)),
    }));
  return { name: cmdlet.name, parameters, parameterSets };
};

export const loadCatalogue = (): Catalogue => {
  const cmdlets = new Map<string, Cmdlet>();
  const builtIn = new Map<string, Cmdlet>();
  const live = new Map<string, Cmdlet>();
  const fill = (map: Map<string, Cmdlet>, folder: string): void => {
    for (const module of readFolder(join(catalogueFolder, folder))) {
      for (const [name, cmdlet] of Object.entries(module)) map.set(name.toLowerCase(), cmdlet);
    }
  };
  fill(builtIn, 'powershell-5.1');
  fill(cmdlets, 'windows');
  fill(live, 'live');
  for (const own of ownCommands) cmdlets.set(own.name.toLowerCase(), own);
  const raw = (
    JSON.parse(readFileSync(join(catalogueFolder, 'cim-classes.json'), 'utf8')) as { classes: Record<string, CimClass> }
  ).classes;
  const classes = new Map(Object.keys(raw).map((name) => [name.toLowerCase(), inherit(raw, name)]));
  for (const own of ownClasses) classes.set(own.name.toLowerCase(), own);
  return {
    cmdlets: new Map([...builtIn, ...cmdlets]),
    classes,
    view(name, os) {
      const key = name.toLowerCase();
      const own = builtIn.get(key);
      if (own) return { ...viewCmdlet(own, '5.1'), liveOnly: new Set() };
      const cmdlet = cmdlets.get(key);
      if (!cmdlet) return null;
      if (!cmdlet.docsets.includes(os)) return 'absent';
      const view = viewCmdlet(cmdlet, os);
      const extra = Object.entries(live.get(key)?.parameters ?? {}).filter(([one]) => !(one in cmdlet.parameters));
      return {
        ...view,
        parameters: { ...view.parameters, ...Object.fromEntries(extra) },
        liveOnly: new Set(extra.map(([one]) => one)),
      };
    },
  };
};
