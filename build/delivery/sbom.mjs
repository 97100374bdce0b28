// The software bill of materials, CycloneDX 1.6: what is really in a build, not what was installed to make it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/steps.mjs';
import { shippedPackages } from './shipped-packages.mjs';

const hex = (integrity) => Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
const purl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Licences as CycloneDX wants them: one SPDX identifier, or an expression. */
const licences = (text) =>
  !text
    ? []
    : /[ ()]/.test(text)
      ? [{ expression: text }]
      : [{ license: /^[\w.+-]+$/.test(text) ? { id: text } : { name: text } }];

/**
 * @param {{ runtime: { name: string, version: string, licence?: string, integrity?: string }[], target: string, os?: string }} build
 *   `os`: as npm names it, decides which native packages lie beside the bundles; `runtime`: what the build carries beside our code: Node, or Electron with Chromium and Node
 * @returns {string} the document; the same for the same build, without a time and with an id made of its content
 */
export const makeSbom = ({ runtime, target, os = 'win32' }) => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** @type {{ name: string, version: string, licence: string }[]} written by the bundler */
  const bundled = JSON.parse(readFileSync(join(root, 'dist', 'bundled-packages.json'), 'utf8'));
  const shipped = shippedPackages(os);
  const isShipped = new Set(shipped.map(({ name, version }) => `${name}@${version}`));
  const components = [
    ...runtime.map((one) => ({
      type: 'platform',
      'bom-ref': `runtime:${one.name}@${one.version}`,
      name: one.name,
      version: one.version,
      ...(one.integrity ? { hashes: [{ alg: 'SHA-512', content: hex(one.integrity) }] } : {}),
      licenses: licences(one.licence),
    })),
    ...shipped.map((one) => ({
      type: 'library',
      'bom-ref': `${purl(one.name, one.version)}#${one.path}`,
      name: one.name,
      version: one.version,
      hashes: [{ alg: 'SHA-512', content: hex(one.integrity) }],
      licenses: licences(one.licence),
      purl: purl(one.name, one.version),
      scope: 'required',
    })),
    ...bundled
      .filter((one) => !isShipped.has(`${one.name}@${one.version}`))
      .map((one) => ({
        type: 'library',
        'bom-ref': `${purl(one.name, one.version)}#bundled`,
        name: one.name,
        version: one.version,
        licenses: licences(one.licence),
        purl: purl(one.name, one.version),
        scope: 'required',
      })),
  ];
  const digest = createHash('sha256')
    .update(JSON.stringify([target, components]))
    .digest('hex');
  // A UUID of version 8 (RFC 9562): made of the content, so that the same build has the same one.
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${uuid}`,
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'quorate',
          name: 'quorate',
          version: manifest.version,
          licenses: licences(manifest.license),
          properties: [{ name: 'quorate:target', value: target }],
        },
      },
      components,
    },
    null,
    2,
  )}\n`;
};

/**
 * Holds a bill of materials against what lies in a build: every package beside the bundles is in it, by name and version, and it names none
 * that is not there.
 * @param {string} text the document
 * @param {{ name: string, version: string }[]} beside the packages found in the build, each by its own package.json
 * @returns {string[]} one sentence for each difference; none when they agree
 */
export const sbomProblems = (text, beside) => {
  const { components } = JSON.parse(text);
  const isBundled = (one) => one['bom-ref'].endsWith('#bundled');
  const named = new Set(
    components.filter((one) => one.type === 'library' && !isBundled(one)).map((one) => `${one.name}@${one.version}`),
  );
  const found = new Set(beside.map((one) => `${one.name}@${one.version}`));
  return [
    ...[...found].filter((one) => !named.has(one)).map((one) => `the bill of materials does not name ${one}`),
    ...[...named]
      .filter((one) => !found.has(one))
      .map((one) => `the bill of materials names ${one}, which is not there`),
  ].sort();
};
