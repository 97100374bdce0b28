// The three manifests of the Windows Package Manager for the installer of the core, version 1.6.0 of their form:
// https://learn.microsoft.com/en-us/windows/package-manager/package/manifest
import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const identifier = 'Quorate.Core';
const locale = 'en-US';
const form = '1.6.0';

/** A scalar as YAML: JSON's quoted text and numbers are YAML as well (YAML 1.2, 1.3). */
const scalar = (value) => JSON.stringify(value);

/** @returns {string[]} lines of block YAML, for the shapes that a manifest has: mappings and lists of mappings or scalars */
const lines = (value, indent) =>
  Object.entries(value).flatMap(([name, inner]) => {
    if (!Array.isArray(inner))
      return typeof inner === 'object'
        ? [`${indent}${name}:`, ...lines(inner, `${indent}  `)]
        : [`${indent}${name}: ${scalar(inner)}`];
    return [
      `${indent}${name}:`,
      ...inner.flatMap((item) => {
        if (typeof item !== 'object') return [`${indent}- ${scalar(item)}`];
        const [first = '', ...rest] = lines(item, `${indent}  `);
        return [`${indent}- ${first.trimStart()}`, ...rest];
      }),
    ];
  });

/**
 * @param {{ version: string, url: string, sha256: string, description: string, license: string, publisher: string }} given
 *   `url`: where the installer will lie, https; `sha256`: its digest in hexadecimal
 * @returns {{ name: string, manifest: Record<string, unknown> }[]} file names and contents
 */
export const wingetManifests = ({ version, url, sha256, description, license, publisher }) => {
  if (!/^https:\/\/[^/]+\/./.test(url)) throw new Error(`${url} is not an https address of the installer`);
  if (!/^[0-9a-f]{64}$/i.test(sha256)) throw new Error(`${sha256} is not a SHA-256 digest`);
  const head = { PackageIdentifier: identifier, PackageVersion: version };
  const foot = (type) => ({ ManifestType: type, ManifestVersion: form });
  return [
    { name: `${identifier}.yaml`, manifest: { ...head, DefaultLocale: locale, ...foot('version') } },
    {
      name: `${identifier}.installer.yaml`,
      manifest: {
        ...head,
        Platform: ['Windows.Desktop'],
        // Windows Server 2016; the installer refuses older ones itself.
        MinimumOSVersion: '10.0.14393.0',
        InstallerType: 'nullsoft',
        Scope: 'machine',
        InstallModes: ['interactive', 'silent'],
        InstallerSwitches: { Log: '/LOG="<LOGPATH>"' },
        UpgradeBehavior: 'install',
        // The name of the key under Uninstall, by which winget finds what is installed.
        ProductCode: 'Quorate',
        ElevationRequirement: 'elevationRequired',
        // What installer.nsi ends with when it refuses.
        ExpectedReturnCodes: [
          { InstallerReturnCode: 3, ReturnResponse: 'systemNotSupported' },
          { InstallerReturnCode: 4, ReturnResponse: 'packageInUse' },
          { InstallerReturnCode: 5, ReturnResponse: 'packageInUseByApplication' },
          { InstallerReturnCode: 6, ReturnResponse: 'downgrade' },
        ],
        Installers: [{ Architecture: 'x64', InstallerUrl: url, InstallerSha256: sha256.toUpperCase() }],
        ...foot('installer'),
      },
    },
    {
      name: `${identifier}.locale.${locale}.yaml`,
      manifest: {
        ...head,
        PackageLocale: locale,
        Publisher: publisher,
        PackageName: 'Quorate',
        License: license,
        ShortDescription: description,
        Moniker: 'quorate',
        Tags: ['cluster', 'failover', 'hyper-v', 'iscsi', 'windows-server'],
        ...foot('defaultLocale'),
      },
    },
  ];
};

/** @returns {string} a manifest as its file holds it, with Windows' ends of line */
export const manifestText = (manifest) =>
  [
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${String(manifest.ManifestType)}.${form}.schema.json`,
    ...lines(manifest, ''),
    '',
  ].join('\r\n');

/** Writes the three files into a folder. */
export const writeWinget = (folder, given) => {
  mkdirSync(folder, { recursive: true });
  for (const { name, manifest } of wingetManifests(given)) writeFileSync(join(folder, name), manifestText(manifest));
};

const schemaFile = { version: 'version', installer: 'installer', defaultLocale: 'defaultLocale' };

/**
 * Microsoft's own schemas: the folder schemas/JSON/manifests/v1.6.0 of the repository microsoft/winget-cli. No package of a registry carries
 * them, and none of their text is part of this repository.
 * @param {string} folder
 * @returns {Record<string, { $schema?: string }>} by type of manifest
 */
export const readSchemas = (folder) =>
  Object.fromEntries(
    Object.entries(schemaFile).map(([type, name]) => {
      const path = join(folder, `manifest.${name}.${form}.json`);
      if (!existsSync(path))
        throw new Error(`${path} is not there: --winget-schemas wants a folder with the schemas of ${form}`);
      return [type, JSON.parse(readFileSync(path, 'utf8'))];
    }),
  );

/** @returns {string[]} what the schemas have against our manifests, one sentence each */
export const schemaProblems = (given, schemas) => {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  return wingetManifests(given).flatMap(({ name, manifest }) => {
    // They name their dialect by an address that no validator knows: with http and an empty fragment.
    const { $schema: _dialect, ...schema } = schemas[String(manifest.ManifestType)];
    const validate = ajv.compile(schema);
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${name}: ${instancePath || '/'} ${message}`);
  });
};
