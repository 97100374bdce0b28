// Writes test/powershell/catalogue: the part of the Windows Server cmdlet catalogue that the scripts use.
// The whole catalogue is not in this repository; its folder is the argument. Run it again when a script uses a new command:
//   node build/catalogue.mjs FOLDER [MACHINE COMMIT]
// MACHINE is desktop-5.1.14393.206-windows.json of PSScriptAnalyzer's Engine/Settings at COMMIT: what Get-Command said on a real
// Windows Server 2016 build; without it, what was written from it before stays.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'test/powershell/catalogue');
/** What is carried besides what the scripts name: see the file. */
const also = JSON.parse(readFileSync(join(root, 'test/powershell/catalogue-also.json'), 'utf8'));
const scriptFolders = ['main/powershell/scripts', 'main/powershell/session', 'test/powershell'];

const licences = {
  'MicrosoftDocs/windows-powershell-docs': 'documentation CC BY 4.0, code MIT',
  'MicrosoftDocs/PowerShell-Docs': 'documentation CC BY 4.0, code MIT',
  'MicrosoftDocs/win32': 'documentation CC BY 4.0, code MIT',
  'MicrosoftDocs/windows-driver-docs': 'documentation CC BY 4.0, code MIT',
  'dsccommunity/FailoverClusterDsc': 'MIT',
  'dsccommunity/HyperVDsc': 'MIT',
};

/** @param {string} folder @returns {string[]} */
const scriptsIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ps1') && !name.includes('node_modules'))
        .map((name) => readFileSync(join(folder, name), 'latin1'))
    : [];

const text = scriptFolders.flatMap((folder) => scriptsIn(join(root, folder))).join('\n');
const named = new Set(
  [...text.matchAll(/(?<![\w$.-])[A-Za-z]+-[A-Za-z][A-Za-z0-9]*/g)].map((match) => match[0].toLowerCase()),
);
for (const name of also.commands) named.add(name.toLowerCase());
const classes = new Set([...text.matchAll(/\b(?:Win32|MSFT|CIM)_\w+/gi)].map((match) => match[0].toLowerCase()));
for (const name of also.classes) classes.add(name.toLowerCase());

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const write = (name, value) => {
  const path = join(target, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 1)}\n`);
};
const sources = new Map();
const note = (source) => sources.set(`${source.repository}@${source.commit}`, source);

/** @param {string} from @param {string} to */
const pickModules = (from, to) => {
  const found = new Set();
  for (const file of readdirSync(from).sort()) {
    if (!file.endsWith('.json')) continue;
    const module = read(join(from, file));
    if (!module.cmdlets || !module.source) continue;
    const cmdlets = Object.fromEntries(
      Object.entries(module.cmdlets).filter(([name]) => named.has(name.toLowerCase())),
    );
    if (Object.keys(cmdlets).length === 0) continue;
    for (const name of Object.keys(cmdlets)) found.add(name);
    if (module.source.repository) note(module.source);
    const source = { ...module.source, licence: licences[module.source.repository] ?? 'see the repository' };
    delete source.help;
    const enums = module.enums
      ? {
          enums: Object.fromEntries(
            Object.entries(module.enums).filter(([name]) =>
              JSON.stringify(cmdlets).includes(name.replace(/^.*\./, '')),
            ),
          ),
        }
      : {};
    write(`${to}/${file}`, { module: module.module, source, cmdlets, ...enums });
  }
  return found;
};

/**
 * The second catalogue: the parameter sets that a running Windows PowerShell 5.1 printed, as it printed them.
 * @param {string} path @param {string} commit
 */
const pickMachine = (path, commit) => {
  const asList = (value) => (Array.isArray(value) ? value : value ? [value] : []);
  const found = new Map();
  for (const module of JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')).Modules) {
    for (const command of asList(module.ExportedCommands)) {
      // Hyper-V is there in two versions; a session takes the newer one, which comes first.
      if (
        typeof command.ParameterSets !== 'string' ||
        found.has(command.Name) ||
        !named.has(command.Name.toLowerCase())
      )
        continue;
      const sets = command.ParameterSets.split('[<CommonParameters>]').map((set) => set.trim());
      found.set(command.Name, { module: module.Name, sets: sets.slice(0, Math.max(1, sets.length - 1)) });
    }
  }
  const source = {
    repository: 'PowerShell/PSScriptAnalyzer',
    path: `Engine/Settings/${path.replace(/^.*[\\/]/, '')}`,
    commit,
    licence: 'MIT',
  };
  write('machine.json', {
    what: 'Windows build 14393.206 with Windows PowerShell 5.1: the parameter sets as Get-Command -Syntax printed them',
    source,
    commands: Object.fromEntries([...found].sort(([left], [right]) => left.localeCompare(right))),
  });
};

const main = () => {
  const [, , from, machine, commit] = process.argv;
  if (!from || !existsSync(join(from, 'schema.json'))) {
    console.error('Usage: node build/catalogue.mjs FOLDER (the folder that holds schema.json and <Module>.json)');
    process.exit(2);
  }
  const kept = join(target, 'machine.json');
  const machineText = existsSync(kept) ? readFileSync(kept) : null;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  if (machine && commit) pickMachine(machine, commit);
  else if (machineText) writeFileSync(kept, machineText);
  const windows = pickModules(from, 'windows');
  const builtIn = pickModules(join(from, 'extra'), 'powershell-5.1');
  pickModules(join(from, 'live'), 'live');
  const all = read(join(from, 'cim-classes.json')).classes;
  const wanted = new Set();
  const want = (name) => {
    const key = Object.keys(all).find((one) => one.toLowerCase() === name.toLowerCase());
    if (!key || wanted.has(key)) return;
    wanted.add(key);
    if (all[key].base) want(all[key].base);
  };
  for (const name of classes) want(name);
  write('cim-classes.json', {
    licence: 'facts from Microsoft documentation, CC BY 4.0; each class names its page',
    classes: Object.fromEntries([...wanted].sort().map((name) => [name, all[name]])),
  });
  const lines = [
    '# Catalogue of the cmdlets that the scripts use',
    '',
    "Generated by `node build/catalogue.mjs FOLDER`; do not edit. Facts (names, types, parameter sets) from Microsoft's public documentation, no descriptions.",
    "`windows/` is Windows Server 2016 to 2025, `powershell-5.1/` Windows PowerShell's own modules, `live/` metadata taken from running systems by others, `cim-classes.json` CIM classes.",
    '`machine.json` is a second catalogue, from another source: what Get-Command printed on a real Windows of build 14393 (Windows Server 2016), from',
    "PSScriptAnalyzer's settings (MIT). Every call is checked against both.",
    'What no page of these holds is in `../signatures/own-list.ts`, each entry with its public page.',
    '',
    '| Source | Commit | Licence |',
    '| --- | --- | --- |',
    ...[...sources.values()]
      .sort((left, right) => left.repository.localeCompare(right.repository))
      .map(
        (source) =>
          `| https://github.com/${source.repository} | ${source.commit} | ${licences[source.repository] ?? 'see there'} |`,
      ),
    ...[...new Set([...wanted].map((name) => all[name].source.replace(/ \(stored.*$/, '').split(':')[0]))]
      .sort()
      .map((source) => {
        const [repository, commit] = source.split('@');
        return commit
          ? `| https://github.com/${repository} (CIM classes) | ${commit} | ${licences[repository] ?? 'see there'} |`
          : `| ${source} (CIM classes) | - | Microsoft documentation |`;
      }),
    '',
    `${windows.size} cmdlets of Windows Server, ${builtIn.size} of Windows PowerShell 5.1, ${wanted.size} CIM classes.`,
    '',
  ];
  writeFileSync(join(target, 'README.md'), lines.join('\n'));
  const unknown = also.commands.filter(
    (name) => ![...windows, ...builtIn].some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  if (unknown.length > 0) console.warn(`In no catalogue: ${unknown.join(', ')}`);
  console.log(lines.at(-2));
};
main();
