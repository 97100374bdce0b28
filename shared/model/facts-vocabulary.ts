/** The identity and version of the facts document; a reader refuses a newer version and says so. */
export const factsSchemaId = 'quorate.facts';
export const factsSchemaVersion = 1;
export const factsSchemaName = `${factsSchemaId}/${factsSchemaVersion}` as const;

/** `Win32_Processor.Architecture` in words, and the names that Linux gives to what Windows never ran on. */
export const architectures = [
  'x86',
  'x64',
  'ia64',
  'arm',
  'arm64',
  'mips',
  'alpha',
  'powerpc',
  's390',
  'sparc',
  'riscv',
  'loongarch',
  'other',
] as const;
export type Architecture = (typeof architectures)[number];

export const nicKinds = ['ethernet', 'wifi', 'bluetooth', 'mobile', 'virtual', 'other'] as const;
export type NicKind = (typeof nicKinds)[number];
