import { cleanText, known, unknownFact, type Fact, type UnknownFact } from './fact.ts';
import { parseWmicList, type WmiInstance, type WmiValue } from './wmic-text.ts';

/** All instances of one management class that one source gave. */
export interface WmiClass {
  readonly className: string;
  /** Where it was read: a namespace or a file. */
  readonly from: string;
  readonly instances: readonly WmiInstance[];
  /** True when a query gave all instances, so that a missing one does not exist. */
  readonly isComplete: boolean;
  /** Why the class could not be read, in place of instances. */
  readonly error?: string;
  /** Why instances of another source were left out, as a sentence. */
  readonly misfit?: string;
}

/** Properties that Windows Server 2012 (build 9200) brought; before it they do not exist. */
const since2012 = new Set([
  'Win32_Processor.VMMonitorModeExtensions',
  'Win32_Processor.SecondLevelAddressTranslationExtensions',
  'Win32_Processor.VirtualizationFirmwareEnabled',
  'Win32_ComputerSystem.HypervisorPresent',
]);
const build2012 = 9200;

const firstOf = (name: string): string => name.split('.')[0] ?? name;

/** Reads typed facts out of management classes; whatever is missing or malformed becomes an unknown with its cause. */
export class WmiSource {
  readonly #classes = new Map<string, WmiClass>();

  constructor(classes: readonly WmiClass[]) {
    for (const one of classes) {
      const key = one.className.toLowerCase();
      const before = this.#classes.get(key);
      this.#classes.set(key, before ? mergeClasses(before, one) : one);
    }
  }

  /** All instances of all classes. */
  get everyInstance(): readonly WmiInstance[] {
    return [...this.#classes.values()].flatMap(({ instances }) => instances);
  }

  /** Sentences about instances that were left out because they could not be matched. */
  get misfits(): string[] {
    return [...this.#classes.values()].flatMap(({ misfit }) => (misfit === undefined ? [] : [misfit]));
  }

  find(className: string): WmiClass | undefined {
    return this.#classes.get(className.toLowerCase());
  }

  /** The instances of a class, or an unknown that says why there are none. */
  instances(className: string): Fact<readonly WmiInstance[]> {
    const found = this.find(className);
    if (!found) return unknownFact(className, 'notCollected', `${className} was not collected.`);
    if (found.error !== undefined)
      return unknownFact(className, 'notReadable', `${className} could not be read: ${cleanText(found.error)}`);
    return known(found.instances, className, found.from);
  }

  /** A property of the only instance of a class. */
  value(className: string, property: string): Fact<WmiValue> {
    const instances = this.instances(className);
    const name = `${className}.${property}`;
    if (!instances.known) return { ...instances, name };
    const instance = instances.value[0];
    if (!instance) return unknownFact(name, 'notReported', `${className} has no instance.`);
    return this.valueIn(instance, className, property);
  }

  valueIn(instance: WmiInstance, className: string, property: string): Fact<WmiValue> {
    const name = `${className}.${property}`;
    const key = Object.keys(instance).find((one) => one.toLowerCase() === property.toLowerCase());
    const value = key === undefined ? undefined : instance[key];
    if (value === undefined) return this.#missing(name);
    if (value === null || value === '') return unknownFact(name, 'notReported', `${name} is empty.`);
    return known(value, name, this.find(className)?.from ?? className);
  }

  text(className: string, property: string, instance?: WmiInstance): Fact<string> {
    return convert(this.#pick(className, property, instance), 'a text', (value) =>
      typeof value === 'string' || typeof value === 'number' ? cleanText(String(value)) || undefined : undefined,
    );
  }

  flag(className: string, property: string, instance?: WmiInstance): Fact<boolean> {
    return convert(this.#pick(className, property, instance), 'TRUE or FALSE', (value) =>
      typeof value === 'boolean'
        ? value
        : typeof value === 'string' && /^(true|false)$/i.test(value)
          ? value.toLowerCase() === 'true'
          : undefined,
    );
  }

  whole(className: string, property: string, instance?: WmiInstance): Fact<number> {
    return convert(this.#pick(className, property, instance), 'a whole number', (value) => {
      const number =
        typeof value === 'number'
          ? value
          : typeof value === 'string' && /^\d{1,15}$/.test(value)
            ? Number(value)
            : Number.NaN;
      return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
    });
  }

  /** A 64-bit quantity as decimal digits. */
  decimal(className: string, property: string, instance?: WmiInstance): Fact<string> {
    return convert(this.#pick(className, property, instance), 'a whole number', (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? String(value)
        : typeof value === 'string' && /^\d{1,20}$/.test(value)
          ? String(BigInt(value))
          : undefined,
    );
  }

  list(className: string, property: string): Fact<WmiValue[]> {
    return convert(this.value(className, property), 'a list', (value) =>
      Array.isArray(value)
        ? [...(value as WmiValue[])]
        : typeof value === 'string'
          ? (parseWmicList(value) ?? [value])
          : typeof value === 'number'
            ? [value]
            : undefined,
    );
  }

  #pick(className: string, property: string, instance: WmiInstance | undefined): Fact<WmiValue> {
    return instance ? this.valueIn(instance, className, property) : this.value(className, property);
  }

  #missing(name: string): UnknownFact {
    const misfit = this.find(firstOf(name))?.misfit;
    if (misfit !== undefined) return unknownFact(name, 'ambiguous', misfit);
    if (!since2012.has(name))
      return unknownFact(name, 'notCollected', `${firstOf(name)} was collected without ${name.split('.')[1] ?? name}.`);
    const build = this.find('Win32_OperatingSystem')?.instances[0]?.['BuildNumber'];
    return Number(build) > 0 && Number(build) < build2012
      ? unknownFact(name, 'notReported', `${name} does not exist before Windows Server 2012.`)
      : unknownFact(
          name,
          'notCollected',
          `${name} is not in what was collected; it exists from Windows Server 2012 on.`,
        );
  }
}

const convert = <Value>(
  fact: Fact<WmiValue>,
  kind: string,
  read: (value: WmiValue) => Value | undefined,
): Fact<Value> => {
  if (!fact.known) return fact;
  const value = read(fact.value);
  if (value !== undefined) return known(value, fact.name, fact.from);
  const shown = cleanText(typeof fact.value === 'string' ? fact.value : JSON.stringify(fact.value)).slice(0, 40);
  return unknownFact(fact.name, 'notReadable', `${fact.name} holds "${shown}", which is not ${kind}.`);
};

const propertyOf = (instance: WmiInstance, name: string): WmiValue | undefined => {
  const key = Object.keys(instance).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : instance[key];
};

const keyText = (instance: WmiInstance, name: string): string | null => {
  const value = propertyOf(instance, name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null;
};

/** Keys of the classes, the keys by which CIM itself tells instances apart first. */
const keys = ['DeviceID', 'InterfaceGuid', 'GUID', 'HotFixID', 'Tag', 'PNPDeviceID', 'NetConnectionID'];
/** Classes whose `Name` is a key, or as good as one. */
const keyedByName = new Set(['win32_service', 'msft_netadapter', 'win32_networkadapter']);
/** A computer has one of each. */
const singletons = new Set([
  'win32_operatingsystem',
  'win32_computersystem',
  'win32_computersystemproduct',
  'win32_bios',
  'win32_baseboard',
  'win32_deviceguard',
  'win32_tpm',
  'registry',
]);

const keyOf = (first: WmiClass, second: WmiClass): string | undefined => {
  const className = first.className.toLowerCase();
  const all = [...first.instances, ...second.instances];
  return [...keys, ...(keyedByName.has(className) ? ['Name'] : [])].find((key) =>
    all.every((instance) => keyText(instance, key) !== null),
  );
};

/** What both say is the same, so that they can be the same instance. */
const areAlike = (one: WmiInstance, other: WmiInstance): boolean =>
  Object.keys(one).every((name) => {
    const [left, right] = [propertyOf(one, name), propertyOf(other, name)];
    const isSaid = (value: WmiValue | undefined): boolean => value !== undefined && value !== null && value !== '';
    return !isSaid(left) || !isSaid(right) || String(left).trim().toLowerCase() === String(right).trim().toLowerCase();
  });

const complete = (known: WmiInstance, more: WmiInstance): WmiInstance => ({
  ...Object.fromEntries(Object.entries(more).filter(([name]) => propertyOf(known, name) === undefined)),
  ...known,
});

/** The instances of two sources as one list; a sentence where they cannot be matched. Lists that do not fit are never added up. */
const mergeInstances = (first: WmiClass, second: WmiClass): readonly WmiInstance[] | string => {
  const key = keyOf(first, second);
  if (key !== undefined) {
    const merged = [...first.instances];
    for (const instance of second.instances) {
      const at = merged.findIndex((one) => keyText(one, key) === keyText(instance, key));
      const before = merged[at];
      if (before) merged[at] = complete(before, instance);
      else merged.push(instance);
    }
    return merged;
  }
  const [one, other] = [first.instances.length, second.instances.length];
  if (one === 0 || other === 0) return one === 0 ? second.instances : first.instances;
  const where = `The lists of ${first.className} (${first.from}; ${second.from})`;
  if (singletons.has(first.className.toLowerCase()))
    return first.instances.map((instance, at) => (at === 0 ? complete(instance, second.instances[0] ?? {}) : instance));
  if (one !== other)
    return `${where} do not fit together: ${one} and ${other} instances without a common key. The second is not used; collect all properties with one command.`;
  // Without a key the order counts: a class is listed in the same order whatever is asked of it.
  const merged = first.instances.map((instance, at) => [instance, second.instances[at] ?? {}] as const);
  return merged.every(([left, right]) => areAlike(left, right))
    ? merged.map(([left, right]) => complete(left, right))
    : `${where} do not fit together: the instances contradict each other. The second is not used.`;
};

/** The same class from two sources: the same instance is completed, another one is added; what came first wins. */
const mergeClasses = (first: WmiClass, second: WmiClass): WmiClass => {
  if (first.error !== undefined) return second;
  if (second.error !== undefined) return first;
  const merged = mergeInstances(first, second);
  const misfit = typeof merged === 'string' ? merged : (first.misfit ?? second.misfit);
  return {
    className: first.className,
    from: first.from === second.from || typeof merged === 'string' ? first.from : `${first.from}, ${second.from}`,
    instances: typeof merged === 'string' ? first.instances : merged,
    isComplete: first.isComplete || second.isComplete,
    ...(misfit === undefined ? {} : { misfit }),
  };
};
