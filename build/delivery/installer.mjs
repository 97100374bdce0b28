// The installer for Windows, made by Debian's makensis: no Wine, no plug-in but those of NSIS.
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync, copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installSystemPackages, root, run } from '../setup/steps.mjs';

export const nsis = {
  what: 'the NSIS compiler',
  probe: () => run('makensis', ['-VERSION']).ok,
  packages: ['nsis'],
};

/**
 * @param {{ version: string, files: { name: string, path?: string, content?: string }[], target: string }} wanted
 *   the files as they shall lie in the program's folder
 * @returns {string | null} why it was not built, or null
 */
export const writeInstaller = ({ version, files, target }) => {
  const [missing] = process.platform === 'win32' ? [] : installSystemPackages([nsis]);
  if (missing) return missing.why;
  const payload = join(root, '.cache', 'installer-payload');
  rmSync(payload, { recursive: true, force: true });
  let bytes = 0;
  // The same times in every build: NSIS keeps none of them, but sorts nothing either.
  const time = new Date(Date.UTC(2026, 0, 1));
  for (const { name, path, content } of files) {
    const to = join(payload, ...name.split('/'));
    mkdirSync(dirname(to), { recursive: true });
    if (content === undefined) copyFileSync(path, to);
    else writeFileSync(to, content);
    utimesSync(to, time, time);
    bytes += statSync(to).size;
  }
  mkdirSync(dirname(target), { recursive: true });
  const made = run(
    'makensis',
    [
      '-V2',
      '-INPUTCHARSET',
      'UTF8',
      `-DVERSION=${version}`,
      `-DPAYLOAD=${payload}`,
      `-DOUTPUT=${target}`,
      `-DSIZE_KB=${Math.ceil(bytes / 1024)}`,
      join(root, 'build', 'delivery', 'installer.nsi'),
    ],
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(time.getTime() / 1000) } },
  );
  rmSync(payload, { recursive: true, force: true });
  return made.ok && readdirSync(dirname(target)).length > 0 ? null : made.output.trim().split('\n').slice(-4).join(' ');
};
