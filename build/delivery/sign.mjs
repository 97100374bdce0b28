// Signs Windows' programs (Authenticode) with the certificate that a person gives: `npm run dist -- --certificate CERT.pem --signing-key KEY.pem`.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installSystemPackages, root, run } from '../setup/steps.mjs';

export const signer = {
  what: 'osslsigncode, which signs programs for Windows',
  probe: () => run('osslsigncode', ['--version']).ok,
  packages: ['osslsigncode'],
};

/**
 * The certificate first, then those that it was issued by; the key of the certificate. Both are PEM files.
 * @typedef {{ certificate: string, key: string }} Signing
 */

/** The time that the signature names, so that a second build has the same bytes; a time stamp of an authority is not asked for. */
const signedAt = String(Date.UTC(2026, 0, 1) / 1000);

/** @returns {Promise<string | null>} why nothing can be signed here, or null */
export const signerMissing = async () => {
  const [missing] = process.platform === 'win32' ? [] : await installSystemPackages([signer]);
  return missing?.why ?? null;
};

/**
 * Signs a program in its place and reads the signature back.
 * @param {string} program a PE file
 * @param {Signing} signing
 * @throws Error that names the program
 */
export const signProgram = (program, { certificate, key }) => {
  const made = `${program}.signed`;
  const signed = run('osslsigncode', [
    ...['sign', '-certs', certificate, '-key', key, '-h', 'sha256', '-n', 'Quorate', '-time', signedAt],
    ...['-in', program, '-out', made],
  ]);
  if (!signed.ok) throw new Error(`${program} cannot be signed: ${signed.output.trim().split('\n').at(-1)}`);
  renameSync(made, program);
  const problem = signatureProblem(program, certificate);
  if (problem !== null) throw new Error(`${program} is not signed as it should be: ${problem}`);
};

/**
 * What is wrong with the signature of a program, by this certificate or, where it was issued by an authority, by those that the system knows;
 * null when nothing is.
 * @param {string} program
 * @param {string} certificate
 */
export const signatureProblem = (program, certificate) => {
  const looks = [['-CAfile', certificate], []].map((by) => run('osslsigncode', ['verify', ...by, '-in', program]));
  if (looks.some(({ ok }) => ok)) return null;
  const said = looks[0].output.trim().split('\n');
  return (said.find((line) => /verify error|no signature|mismatch/i.test(line)) ?? said.at(-1) ?? '').trim();
};

/** The command by which makensis has the uninstaller signed, which it writes itself. @param {Signing} signing */
export const uninstallerCommand = ({ certificate, key }) =>
  [process.execPath, join(root, 'build', 'delivery', 'sign.mjs'), '%1', certificate, key]
    .map((one) => `"${one}"`)
    .join(' ');

// As makensis calls it for the uninstaller: node sign.mjs PROGRAM CERTIFICATE KEY
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [program, certificate, key] = process.argv.slice(2);
  try {
    signProgram(program, { certificate, key });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
