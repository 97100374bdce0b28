import type { ProcessorFacts } from '../model/facts.ts';
import { valueOf } from '../model/fact.ts';

interface FamilyRow {
  readonly vendor: 'GenuineIntel' | 'AuthenticAMD';
  readonly matches: (family: number, model: number | undefined) => boolean;
  readonly title: string;
}

/**
 * Processor families that were made before VT-x (November 2005) and AMD-V (May 2006). Only families without a single
 * later member stand here: everything else is "capable", and a missing flag on it proves nothing.
 */
const familiesWithoutVirtualization: readonly FamilyRow[] = [
  { vendor: 'AuthenticAMD', matches: (family) => family <= 6, title: 'AMD K7 and older' },
  { vendor: 'GenuineIntel', matches: (family) => family <= 5, title: 'Intel Pentium and older' },
  {
    vendor: 'GenuineIntel',
    // Model 14 (Yonah) is the first of family 6 with VT-x.
    matches: (family, model) => family === 6 && model !== undefined && model < 14,
    title: 'Intel Pentium Pro to Pentium M',
  },
  {
    vendor: 'GenuineIntel',
    matches: (family, model) => family === 15 && model !== undefined && model <= 2,
    title: 'Intel Pentium 4 and Xeon before Prescott',
  },
];

/** The family's name when no processor of this family can virtualize, else null. */
export const familyWithoutVirtualization = (processor: ProcessorFacts): string | null => {
  const vendor = valueOf(processor.vendor);
  const family = valueOf(processor.family);
  if (vendor === undefined || family === undefined) return null;
  const model = valueOf(processor.model);
  return (
    familiesWithoutVirtualization.find((row) => row.vendor === vendor && row.matches(family, model))?.title ?? null
  );
};

/** x86 and x64 are the processors that VT-x and AMD-V were made for; null when the architecture is not known. */
export const isX86Family = (processor: ProcessorFacts): boolean | null => {
  const architecture = valueOf(processor.architecture);
  return architecture === undefined ? null : architecture === 'x86' || architecture === 'x64';
};

/** True when every processor is known to be of another kind than x86 or x64. */
export const isForeignArchitecture = (processors: readonly ProcessorFacts[] | undefined): boolean =>
  processors !== undefined && processors.every((processor) => isX86Family(processor) === false);
