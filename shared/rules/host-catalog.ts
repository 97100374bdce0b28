import { valueOf } from '../model/fact.ts';
import type { HostFacts } from '../model/facts.ts';
import { column } from './os-profiles.ts';
import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

/** Where a phone can look the server up; the console is usually offline. */
export const catalogAddress = 'https://www.windowsservercatalog.com';

/** What to type into the catalog's search: make and model; null where the facts do not hold both. */
export const catalogLookUp = (facts: HostFacts): string | null => {
  const manufacturer = valueOf(facts.machine.manufacturer);
  const model = valueOf(facts.machine.model);
  if (manufacturer === undefined || model === undefined) return null;
  return model.toLowerCase().startsWith(manufacturer.toLowerCase()) ? model : `${manufacturer} ${model}`;
};

/**
 * Whether the server is listed cannot be read from the server: the check gives what to look up and where, as a warning
 * that stays until a person has looked.
 */
export const hostCatalog: ReadinessRule = {
  id: 'host.catalog',
  title: 'Listed in the Windows Server Catalog',
  concerns: 'hardware',
  severity: () => 'warning',
  source: () => `${column}; Windows Server Catalog: ${catalogAddress}`,
  expected: (profile) => `make and model are listed in the Windows Server Catalog for Windows Server ${profile.server}`,
  judge: ({ facts, profile }): Finding => {
    const expected = hostCatalog.expected(profile);
    const { machine, firmware, hypervisor } = facts;
    const evidence = [
      evidenceOf(machine.manufacturer),
      evidenceOf(machine.model),
      evidenceOf(firmware.vendor),
      evidenceOf(firmware.version),
      evidenceOf(firmware.releaseDate),
    ];
    const guestOf = valueOf(hypervisor.guestOf);
    if (typeof guestOf === 'string')
      return {
        outcome: 'notApplicable',
        because: `It is a virtual machine (${guestOf}); the catalog lists hardware.`,
        expected,
        observed: 'not checked',
        evidence,
      };
    const lookUp = catalogLookUp(facts);
    if (lookUp === null)
      return {
        outcome: 'unknown',
        because: causeOf(machine.manufacturer, machine.model),
        expected,
        observed: 'make and model are not known',
        evidence,
        remediation: {
          text: `Read make and model off the server, then look them up at ${catalogAddress}.`,
          link: catalogAddress,
          manual:
            facts.platform === 'linux'
              ? 'cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/dmi/id/bios_version'
              : 'wmic computersystem get Manufacturer,Model /value   and   wmic bios get SMBIOSBIOSVersion /value',
        },
      };
    const version = valueOf(firmware.version);
    return {
      outcome: 'warn',
      expected,
      observed: `${lookUp}${version === undefined ? '' : `, firmware ${version}`}. Not looked up: Quorate makes no connection.`,
      evidence,
      remediation: {
        text: `Look up "${lookUp}" at ${catalogAddress} (the code in the report opens it on a phone).`,
        link: catalogAddress,
      },
    };
  },
};
