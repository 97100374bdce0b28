// The installer for Windows, made by Debian's makensis: no Wine, no plug-in but those of NSIS.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installSystemPackages, root, run } from '../setup/steps.mjs';
import { loadingVariables } from './core-zip.mjs';
import { signProgram, uninstallerCommand } from './sign.mjs';

export const nsis = {
  what: 'the NSIS compiler',
  probe: () => run('makensis', ['-VERSION']).ok,
  packages: ['nsis'],
};

/** Text inside double quotes of a script of NSIS. */
const quoted = (text) => `"${text.replaceAll('$', '$$$$').replaceAll('"', '$\\"')}"`;
const windowsPath = (name) => name.split('/').join('\\');

/**
 * The part of the script that depends on the files: what is installed, in the order given, and what is deleted. Folders are deleted whole.
 * @param {{ name: string, from: string }[]} files
 */
export const filesScript = (files) => {
  const lines = ['!macro InstallFiles'];
  let folder = null;
  for (const { name, from } of files) {
    const inside = dirname(name);
    if (inside !== folder) lines.push(`  SetOutPath "$INSTDIR${inside === '.' ? '' : `\\${windowsPath(inside)}`}"`);
    folder = inside;
    lines.push(`  File ${quoted(`/oname=${name.slice(name.lastIndexOf('/') + 1)}`)} ${quoted(from)}`);
  }
  lines.push('!macroend', '!macro DeleteFiles');
  const folders = new Set(files.filter(({ name }) => name.includes('/')).map(({ name }) => name.split('/', 1)[0]));
  for (const one of folders) lines.push(`  RMDir /r "$INSTDIR\\${one}"`);
  for (const { name } of files) if (!name.includes('/')) lines.push(`  Delete "$INSTDIR\\${name}"`);
  lines.push('!macroend', '!macro ClearVariables');
  for (const name of loadingVariables)
    lines.push(`  System::Call 'kernel32::SetEnvironmentVariable(t "${name}", p 0)'`);
  return [...lines, '!macroend', ''].join('\n');
};

/**
 * @param {object} wanted
 * @param {string} wanted.version
 * @param {{ name: string, path?: string, content?: string }[]} wanted.files as they shall lie in the program's folder, one of them LICENSE.txt
 * @param {string} wanted.target
 * @param {import('./sign.mjs').Signing | null} [wanted.signing] what setup and uninstaller are signed with
 * @returns {Promise<string | null>} why it was not built, or null
 */
export const writeInstaller = async ({ version, files, target, signing = null }) => {
  const [missing] = process.platform === 'win32' ? [] : await installSystemPackages([nsis]);
  if (missing) return missing.why;
  const made = join(root, '.cache', `installer-${process.pid}`);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  let bytes = 0;
  const placed = files.map(({ name, path, content }, index) => {
    const from = content === undefined ? path : join(made, `content-${index}`);
    if (content !== undefined) writeFileSync(from, content);
    bytes += statSync(from).size;
    return { name, from };
  });
  const script = join(made, 'files.nsh');
  writeFileSync(script, filesScript(placed));
  mkdirSync(dirname(target), { recursive: true });
  const { ok, output } = run(
    'makensis',
    [
      '-V2',
      '-INPUTCHARSET',
      'UTF8',
      `-DVERSION=${version}`,
      `-DFILES=${script}`,
      `-DLICENCE=${placed.find(({ name }) => name === 'LICENSE.txt')?.from}`,
      `-DOUTPUT=${target}`,
      `-DSIZE_KB=${Math.ceil(bytes / 1024)}`,
      ...(signing ? [`-DSIGN=${uninstallerCommand(signing)}`] : []),
      join(root, 'build', 'delivery', 'installer.nsi'),
    ],
    // The time in the head of the program.
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(Date.UTC(2026, 0, 1) / 1000) } },
  );
  rmSync(made, { recursive: true, force: true });
  if (!ok) return output.trim().split('\n').slice(-4).join(' ');
  if (signing) signProgram(target, signing);
  return null;
};
