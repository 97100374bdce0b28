const makers: Readonly<Record<string, string>> = {
  GenuineIntel: 'Intel',
  AuthenticAMD: 'AMD',
  HygonGenuine: 'Hygon',
  CentaurHauls: 'Centaur',
  '  Shanghai  ': 'Zhaoxin',
};

/** Who made a processor, from the vendor that CPUID tells: `Intel` for `GenuineIntel`. One that is not known is given back as it is. */
export const makerText = (vendor: string): string => makers[vendor] ?? vendor;
