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

const identityOf = (instance: WmiInstance): string | null => {
  for (const key of ['DeviceID', 'InterfaceGuid', 'GUID', 'HotFixID', 'Tag']) {
    const value = instance[key];
    if (typeof value === 'string' && value !== '') return `${key}=${value}`;
  }
  return null;
};

/** The same class from two files: the same instance is completed, another one is added; what came first wins. */
const mergeClasses = (first: WmiClass, second: WmiClass): WmiClass => {
  if (first.error !== undefined) return second;
  if (second.error !== undefined) return first;
  const merged: WmiInstance[] = [...first.instances];
  for (const instance of second.instances) {
    const identity = identityOf(instance);
    const at = merged.findIndex((one) =>
      identity === null ? identityOf(one) === null && merged.length === 1 : identityOf(one) === identity,
    );
    const before = at < 0 ? undefined : merged[at];
    if (before) merged[at] = { ...instance, ...before };
    else merged.push(instance);
  }
  return {
    className: first.className,
    from: first.from === second.from ? first.from : `${first.from}, ${second.from}`,
    instances: merged,
    isComplete: first.isComplete || second.isComplete,
  };
};
