import { readFacts } from '../../../main/rehearsal/world/ports/facts.ts';
import { cim, type CimObject, type Look } from './cim.ts';
import type { Source } from './cim-filter.ts';

/** A class that readiness reads, with the values that the rehearsal gives it. */
const factsOf =
  (namespace: string, className: string): Source =>
  (look: Look): CimObject[] =>
    (readFacts(look).classes[className] ?? []).map((values) => cim(namespace, className, values));

/** The classes that readiness alone asks for. */
export const factClasses: Readonly<Record<string, Source>> = {
  win32_processor: factsOf('ROOT/cimv2', 'Win32_Processor'),
  win32_physicalmemory: factsOf('ROOT/cimv2', 'Win32_PhysicalMemory'),
  msft_netadapter: factsOf('ROOT/StandardCimv2', 'MSFT_NetAdapter'),
  win32_deviceguard: factsOf('ROOT/Microsoft/Windows/DeviceGuard', 'Win32_DeviceGuard'),
};
