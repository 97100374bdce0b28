// Builds every artefact that can be built here, and lists each with its size, its digest and what was proven of it.
import { createSign } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { bundle } from '../bundle.mjs';
import { asarProblems, inspectPayload } from '../payload.mjs';
import { root, say } from '../setup/steps.mjs';
import { corePackages, coreFiles, writeCoreZip } from './core-zip.mjs';
import { buildLauncher, buildLinux, buildWindowsDesktop } from './desktop.mjs';
import { fileDigest } from './file-digest.mjs';
import { writeInstaller } from './installer.mjs';
import { differingFiles, folderDigests, sameOrDiffering } from './reproduced.mjs';
import { sbomProblems } from './sbom.mjs';
import { signerMissing, signProgram } from './sign.mjs';
import { startPacked, startPackedWindow } from './start-packed.mjs';
import { readSchemas, schemaProblems, writeWinget } from './winget.mjs';

const out = join(root, 'out');
const again = join(root, '.cache', 'again');

/**
 * What was built, or why not.
 * @typedef {object} Artefact
 * @property {string} what
 * @property {string} [path]
 * @property {string | null} why it was not built; null when it was
 * @property {string[]} [proven] sentences
 * @property {string[]} [unproven] what could not be tried here
 * @property {string[]} [wrong] what was found wrong with it: the run fails
 */

const reason = (error) => (error instanceof Error ? error.message : String(error));

/** @param {() => Promise<Omit<Artefact, 'what' | 'why'>>} build @returns {Promise<Artefact>} */
const attempt = async (what, build) => {
  try {
    return { what, why: null, ...(await build()) };
  } catch (error) {
    return { what, why: reason(error) };
  }
};

/** Splits what a comparison came to into what is proven and what is wrong. */
const judged = (differing, whole) =>
  differing.length === 0
    ? { proven: [sameOrDiffering(differing, whole)], wrong: [] }
    : { proven: [], wrong: [sameOrDiffering(differing)] };

const buildBundlesTwice = () =>
  attempt('bundles', async () => {
    const dist = join(root, 'dist');
    const first = folderDigests(dist);
    await bundle();
    return {
      path: dist,
      ...judged(differingFiles(first, folderDigests(dist)), `a second build has the same ${first.size} files`),
    };
  });

const buildCore = (version) =>
  attempt('core for Windows Server, Server Core included (zip)', async () => {
    const path = join(out, `quorate-core-${version}-win-x64.zip`);
    await writeCoreZip(path);
    const second = join(again, 'core.zip');
    await writeCoreZip(second);
    const same = judged(fileDigest(second) === fileDigest(path) ? [] : [basename(path)]);
    const files = coreFiles();
    const sbom = files.find(({ name }) => name === 'sbom.cdx.json').content;
    const problems = sbomProblems(sbom, corePackages(files));
    return {
      path,
      proven: [...same.proven, ...(problems.length === 0 ? ['its bill of materials names what is in it'] : [])],
      wrong: [...same.wrong, ...problems],
    };
  });

const buildInstaller = (version, signing) =>
  attempt('installer of the core for Windows Server', async () => {
    const path = join(out, `quorate-core-setup-${version}-win-x64.exe`);
    const files = coreFiles();
    const why = await writeInstaller({ version, files, target: path, signing });
    if (why) throw new Error(why);
    const second = join(again, 'setup.exe');
    await writeInstaller({ version, files, target: second, signing });
    const same = judged(fileDigest(second) === fileDigest(path) ? [] : [basename(path)]);
    return { path, ...same, proven: [...same.proven, ...signedWith(signing, 'setup and its uninstaller are')] };
  });

/** What is proven of a program that was signed and whose signature was read back. */
const signedWith = (signing, who) =>
  signing ? [`${who} signed with ${signing.certificate}; without a time stamp, so for as long as that is valid`] : [];

const buildSignedLauncher = async (signing) => {
  const { differing, ...launcher } = await buildLauncher();
  if (launcher.why) return launcher;
  try {
    if (signing) signProgram(launcher.path, signing);
  } catch (error) {
    return { what: launcher.what, why: reason(error) };
  }
  const same = judged(differing);
  return { ...launcher, ...same, proven: [...same.proven, ...signedWith(signing, 'it is')] };
};

/** `--release-url FOLDER`: the https address below which the files will lie; winget downloads the installer from there. */
const buildWinget = (options, installer, manifest) =>
  attempt('manifests for winget', async () => {
    if (installer.why) throw new Error('the installer was not built');
    const folder = options['--release-url'];
    if (folder === undefined)
      throw new Error('no address is known to download the installer from; npm run dist -- --release-url https://...');
    const path = join(out, 'winget');
    const given = {
      ...manifest,
      // As in the list of programs (installer.nsi).
      publisher: 'the Quorate developers',
      url: `${folder.replace(/\/+$/, '')}/${basename(installer.path)}`,
      sha256: fileDigest(installer.path),
    };
    writeWinget(path, given);
    const schemas = options['--winget-schemas'];
    if (schemas === undefined)
      return {
        path,
        proven: [
          'true to the rules put down in test/unit/delivery/winget.test.ts; Microsoft’s own schemas: --winget-schemas FOLDER',
        ],
      };
    const wrong = schemaProblems(given, readSchemas(schemas));
    return { path, wrong, proven: wrong.length === 0 ? [`valid by Microsoft’s own schemas in ${schemas}`] : [] };
  });

const proveLinux = async (built) => {
  if (built.why) return built;
  const { differing, ...artefact } = built;
  const same = judged(differing, `a second build has the same files`);
  const wrong = [...(await inspectPayload(artefact.path)), ...asarProblems(artefact.path)];
  const payload =
    wrong.length === 0
      ? [
          'payload: fuses read back as they should be, every script there and hashed, no source map, no development package, licences there, its bill of materials names what is in it',
        ]
      : [];
  const started = [startPacked(artefact.path), await startPackedWindow(artefact.path)];
  return {
    ...artefact,
    proven: [...same.proven, ...payload, ...started.flatMap(({ said }) => (said ? [said] : []))],
    unproven: started.flatMap(({ unproven }) => (unproven ? [unproven] : [])),
    wrong: [...same.wrong, ...wrong, ...started.flatMap(({ problem }) => (problem ? [problem] : []))],
  };
};

/** The list that goes beside the files: what an administrator checks after the transport. */
const writeSums = (signingKey) => {
  const sums = readdirSync(out)
    .filter((name) => /\.(zip|exe)$/.test(name))
    .sort()
    .map((name) => `${fileDigest(join(out, name))}  ${name}\n`);
  if (sums.length === 0) return;
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
  if (signingKey === undefined) return;
  // As `openssl dgst -sha256 -sign KEY` does; `quorate update --certificate` holds it against the certificate.
  const signature = createSign('sha256').update(sums.join('')).sign(readFileSync(signingKey));
  writeFileSync(join(out, 'SHA256SUMS.sig'), signature);
};

/** @param {Artefact} artefact */
const tell = ({ what, path, why, proven = [], unproven = [], wrong = [] }) => {
  if (why) {
    console.log(`not built: ${what}: ${why}`);
    return;
  }
  console.log(`built: ${what}: ${path}`);
  if (path !== undefined && existsSync(path) && statSync(path).isFile())
    console.log(`  ${(statSync(path).size / 1e6).toFixed(1)} MB, SHA-256 ${fileDigest(path)}`);
  for (const one of proven) console.log(`  proven: ${one}`);
  for (const one of unproven) console.log(`  not proven: ${one}`);
  for (const one of wrong) say(`  WRONG: ${one}`);
};

const readOptions = (args) => {
  const options = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if (!['--release-url', '--winget-schemas', '--signing-key', '--certificate'].includes(name))
      throw new Error(
        `npm run dist knows --release-url, --winget-schemas, --signing-key and --certificate, not ${name}.`,
      );
    if (value === undefined) throw new Error(`${name} wants a value.`);
    options[name] = value;
  }
  if (options['--certificate'] !== undefined && options['--signing-key'] === undefined)
    throw new Error('--certificate wants its key as well: --signing-key KEY.pem.');
  for (const name of ['--certificate', '--signing-key'])
    if (options[name] !== undefined && !existsSync(options[name]))
      throw new Error(`${name}: there is no file ${options[name]}.`);
  return options;
};

/** @returns {Promise<import('./sign.mjs').Signing | null>} what programs are signed with; with a key alone only the list of digests is */
const readSigning = async (options) => {
  const [certificate, key] = [options['--certificate'], options['--signing-key']];
  if (certificate === undefined) return null;
  const missing = await signerMissing();
  if (missing) throw new Error(`nothing can be signed: ${missing}`);
  // makensis runs elsewhere.
  return { certificate: resolve(certificate), key: resolve(key) };
};

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 1 when anything that was built is not as it should be, or nothing was built
 */
export const packAll = async (args) => {
  let options;
  let signing;
  try {
    options = readOptions(args);
    signing = await readSigning(options);
  } catch (error) {
    say(reason(error));
    return 2;
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  rmSync(out, { recursive: true, force: true });
  rmSync(again, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  mkdirSync(again, { recursive: true });
  const artefacts = [];
  const add = (artefact) => {
    artefacts.push(artefact);
    tell(artefact);
    return artefact;
  };
  add(await buildBundlesTwice());
  add(await buildCore(manifest.version));
  const installer = add(await buildInstaller(manifest.version, signing));
  add(await buildWinget(options, installer, manifest));
  if (process.platform === 'linux') add(await proveLinux(await buildLinux()));
  const launcher = add(await buildSignedLauncher(signing));
  for (const one of buildWindowsDesktop(launcher.why)) add(one);
  writeSums(options['--signing-key']);
  rmSync(again, { recursive: true, force: true });
  const isWrong = artefacts.some(({ wrong = [] }) => wrong.length > 0);
  const built = artefacts.filter(({ why }) => !why).length;
  console.log(
    `${built} built, ${artefacts.length - built} not built${isWrong ? '; something is WRONG, see above' : ''}.`,
  );
  return isWrong || built === 0 ? 1 : 0;
};
