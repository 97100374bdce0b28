import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { root } from '../../../build/setup/steps.mjs';
import { manifestText, readSchemas, schemaProblems, wingetManifests } from '../../../build/delivery/winget.mjs';

/**
 * The rules of manifest version 1.6.0 for what ours say, put down from the schemas in schemas/JSON/manifests/v1.6.0 of
 * https://github.com/microsoft/winget-cli and https://learn.microsoft.com/en-us/windows/package-manager/package/manifest. Stricter than they
 * are: a property that is not among them is a mistake. Against the schemas themselves: npm run dist -- --winget-schemas FOLDER (done with
 * commit fa3d9e5 of that repository, 22 August 2026, by ajv: 1.6.0 and 1.28.0 take the three files, read as YAML, and refuse each broken value
 * below).
 */
const forbidden = '\\\\/:*?"<>|\\x01-\\x1f';
const part = `[^.\\s${forbidden}]{1,32}`;
const number = '(0|[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const isSet = (items: readonly string[]) => new Set(items).size === items.length;
const head = {
  PackageIdentifier: z
    .string()
    .max(128)
    .regex(new RegExp(`^${part}(\\.${part}){1,7}$`)),
  PackageVersion: z
    .string()
    .max(128)
    .regex(new RegExp(`^[^${forbidden}]+$`)),
};
const locale = z
  .string()
  .max(20)
  .regex(/^[a-z]{2,3}(-[A-Za-z]{1,8})*$/);
const foot = <Type extends string>(type: Type) => ({
  ManifestType: z.literal(type),
  ManifestVersion: z.literal('1.6.0'),
});
const rules = [
  z.strictObject({ ...head, DefaultLocale: locale, ...foot('version') }),
  z.strictObject({
    ...head,
    Platform: z
      .array(z.enum(['Windows.Desktop', 'Windows.Universal']))
      .max(2)
      .refine(isSet),
    MinimumOSVersion: z.string().regex(new RegExp(`^${number}(\\.${number}){0,3}$`)),
    InstallerType: z.enum(['msix', 'msi', 'appx', 'exe', 'zip', 'inno', 'nullsoft', 'wix', 'burn', 'pwa', 'portable']),
    Scope: z.enum(['user', 'machine']),
    InstallModes: z
      .array(z.enum(['interactive', 'silent', 'silentWithProgress']))
      .max(3)
      .refine(isSet),
    InstallerSwitches: z.strictObject({ Log: z.string().min(1).max(512) }),
    UpgradeBehavior: z.enum(['install', 'uninstallPrevious', 'deny']),
    ProductCode: z.string().min(1).max(255),
    ElevationRequirement: z.enum(['elevationRequired', 'elevationProhibited', 'elevatesSelf']),
    ExpectedReturnCodes: z
      .array(
        z.strictObject({
          InstallerReturnCode: z
            .int()
            .min(-2_147_483_648)
            .max(4_294_967_295)
            .refine((code) => code !== 0),
          ReturnResponse: z.enum([
            'packageInUse',
            'packageInUseByApplication',
            'installInProgress',
            'fileInUse',
            'missingDependency',
            'diskFull',
            'insufficientMemory',
            'invalidParameter',
            'noNetwork',
            'contactSupport',
            'rebootRequiredToFinish',
            'rebootRequiredForInstall',
            'rebootInitiated',
            'cancelledByUser',
            'alreadyInstalled',
            'downgrade',
            'blockedByPolicy',
            'systemNotSupported',
            'custom',
          ]),
        }),
      )
      .max(128),
    Installers: z
      .array(
        z.strictObject({
          Architecture: z.enum(['x86', 'x64', 'arm', 'arm64', 'neutral']),
          InstallerUrl: z
            .string()
            .max(2048)
            .regex(/^https?:\/\/.+$/),
          InstallerSha256: z.string().regex(/^[A-Fa-f0-9]{64}$/),
        }),
      )
      .min(1)
      .max(1024),
    ...foot('installer'),
  }),
  z.strictObject({
    ...head,
    PackageLocale: locale,
    Publisher: z.string().min(2).max(256),
    PackageName: z.string().min(2).max(256),
    License: z.string().min(3).max(512),
    ShortDescription: z.string().min(3).max(256),
    Moniker: z.string().min(1).max(40),
    Tags: z.array(z.string().min(1).max(40)).max(16).refine(isSet),
    ...foot('defaultLocale'),
  }),
];

/** What the schemas refuse, by the index of the manifest; each was held against them as well. */
const broken: readonly (readonly [number, Record<string, unknown>])[] = [
  [0, { PackageIdentifier: 'Quorate' }],
  [0, { PackageIdentifier: 'Quorate.Co re' }],
  [0, { PackageVersion: '1/2' }],
  [0, { PackageVersion: '1\u0007' }],
  [0, { PackageVersion: '1'.repeat(129) }],
  [0, { DefaultLocale: 'en-abcdefgh-abcdefghij' }],
  [0, { DefaultLocale: 'en-abcdefg-abcdefg-abc' }],
  [0, { DefaultLocale: undefined }],
  [0, { ManifestType: 'singleton' }],
  [1, { Platform: ['Windows.Desktop', 'Windows.Desktop'] }],
  [1, { Platform: ['Windows.Server'] }],
  [1, { MinimumOSVersion: '10.0.65536.0' }],
  [1, { MinimumOSVersion: '10.00' }],
  [1, { InstallerType: 'nsis' }],
  [1, { Scope: 'system' }],
  [1, { InstallModes: ['silent', 'silent'] }],
  [1, { InstallerSwitches: { Log: '' } }],
  [1, { UpgradeBehavior: 'replace' }],
  [1, { ProductCode: '' }],
  [1, { ElevationRequirement: 'required' }],
  [1, { ExpectedReturnCodes: [{ InstallerReturnCode: 0, ReturnResponse: 'downgrade' }] }],
  [1, { ExpectedReturnCodes: [{ InstallerReturnCode: 4_294_967_296, ReturnResponse: 'downgrade' }] }],
  [1, { ExpectedReturnCodes: [{ InstallerReturnCode: 3, ReturnResponse: 'refused' }] }],
  [1, { ExpectedReturnCodes: [{ InstallerReturnCode: 3 }] }],
  [1, { Installers: [] }],
  [
    1,
    { Installers: [{ Architecture: 'x64', InstallerUrl: 'ftp://files.example/x', InstallerSha256: 'A'.repeat(64) }] },
  ],
  [
    1,
    {
      Installers: [{ Architecture: 'amd64', InstallerUrl: 'https://files.example/x', InstallerSha256: 'A'.repeat(64) }],
    },
  ],
  [
    1,
    { Installers: [{ Architecture: 'x64', InstallerUrl: 'https://files.example/x', InstallerSha256: 'A'.repeat(63) }] },
  ],
  [1, { Installers: [{ Architecture: 'x64', InstallerUrl: 'https://files.example/x' }] }],
  [2, { Publisher: 'Q' }],
  [2, { PackageName: undefined }],
  [2, { License: 'X' }],
  [2, { ShortDescription: 'x'.repeat(257) }],
  [2, { Moniker: 'x'.repeat(41) }],
  [2, { Tags: ['cluster', 'cluster'] }],
  [2, { Tags: Array.from({ length: 17 }, (_, index) => `tag${index}`) }],
];

const { version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
  'version' | 'description' | 'license',
  string
>;
const given = {
  version,
  description,
  license,
  publisher: 'the Quorate developers',
  url: 'https://files.example/quorate/setup.exe',
  sha256: 'ab'.repeat(32),
};

describe('the manifests for winget', () => {
  it('are three, of one package and version, each true to the rules of its kind', () => {
    const made = wingetManifests(given);
    expect(made.map(({ name }) => name)).toEqual([
      'Quorate.Core.yaml',
      'Quorate.Core.installer.yaml',
      'Quorate.Core.locale.en-US.yaml',
    ]);
    made.forEach(({ manifest }, index) => {
      expect(rules[index]!.safeParse(manifest).error, JSON.stringify(manifest)).toBeUndefined();
      expect(manifest).toMatchObject({ PackageIdentifier: 'Quorate.Core', PackageVersion: version });
    });
  });

  it('would be refused by these rules with a value that the schemas refuse', () => {
    const made = wingetManifests(given);
    for (const [index, change] of broken)
      expect(rules[index]!.safeParse({ ...made[index]!.manifest, ...change }).success, JSON.stringify(change)).toBe(
        false,
      );
  });

  it('say of the installer what its script does', () => {
    const script = readFileSync(join(root, 'build', 'delivery', 'installer.nsi'), 'utf8');
    const [, installer, text] = wingetManifests(given).map(({ manifest }) => manifest);
    expect(script).toContain(`CurrentVersion\\Uninstall\\${String(installer!['ProductCode'])}"`);
    expect(script).toContain(`"DisplayName" "${String(text!['PackageName'])}"`);
    expect(script).toContain(`"Publisher" "${String(text!['Publisher'])}"`);
    expect(script).toContain('${AtLeastBuild} 14393');
    const refusals = [...script.matchAll(/insertmacro Refuse (\d+) /g)].map(([, code]) => Number(code));
    const told = (installer!['ExpectedReturnCodes'] as { InstallerReturnCode: number }[]).map(
      ({ InstallerReturnCode }) => InstallerReturnCode,
    );
    expect(new Set(told)).toEqual(new Set(refusals));
  });

  it('are block YAML with every text quoted', () => {
    const manifest = { A: 'x: "y" # z', N: 3, L: ['p', 'q'], M: [{ One: 'a', Two: 4 }], ManifestType: 'version' };
    expect(manifestText(manifest).split('\r\n')).toEqual([
      '# yaml-language-server: $schema=https://aka.ms/winget-manifest.version.1.6.0.schema.json',
      'A: "x: \\"y\\" # z"',
      'N: 3',
      'L:',
      '- "p"',
      '- "q"',
      'M:',
      '- One: "a"',
      '  Two: 4',
      'ManifestType: "version"',
      '',
    ]);
  });

  it('are held against schemas in a folder, and told by file and property where they differ', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-winget-'));
    try {
      const schema = (required: string) => ({
        $schema: 'http://json-schema.org/draft/2020-12/schema#',
        properties: { PackageVersion: { type: 'string', maxLength: 8 } },
        required: [required],
      });
      for (const type of ['version', 'installer', 'defaultLocale'])
        writeFileSync(
          join(folder, `manifest.${type}.1.6.0.json`),
          JSON.stringify(schema(type === 'version' ? 'DefaultLocale' : 'PackageIdentifier')),
        );
      expect(schemaProblems(given, readSchemas(folder))).toEqual([]);
      expect(schemaProblems({ ...given, version: '100.200.300' }, readSchemas(folder))).toContain(
        'Quorate.Core.yaml: /PackageVersion must NOT have more than 8 characters',
      );
      rmSync(join(folder, 'manifest.installer.1.6.0.json'));
      expect(() => readSchemas(folder)).toThrow(/manifest\.installer\.1\.6\.0\.json is not there/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are refused for an address that nobody downloads from, and for a digest that is none', () => {
    for (const url of ['http://files.example/setup.exe', 'https://files.example', 'setup.exe'])
      expect(() => wingetManifests({ ...given, url })).toThrow(/is not an https address/);
    expect(() => wingetManifests({ ...given, sha256: 'abc' })).toThrow(/is not a SHA-256 digest/);
  });
});
