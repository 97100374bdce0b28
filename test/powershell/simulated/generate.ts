import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  viewCmdlet,
  type CimClass,
  type Cmdlet,
  type Os,
  type Parameter,
  type ParameterSet,
} from '../signatures/catalogue.ts';
import { ownClasses, ownPrograms } from '../signatures/own-list.ts';
import { addedProperties } from './added-properties.ts';

/**
 * Writes PowerShell modules from the catalogue: functions with the true parameters, sets, aliases, types and accepted
 * values, whose bodies ask the world process. A call that the world does not model throws NotModelled.
 */

const here = import.meta.dirname;
const root = resolve(here, '../../..');
const catalogueFolder = join(here, '../catalogue');

/** Commands of PowerShell's own modules that touch the server and so belong to the world. */
export const worldCommands: Readonly<Record<string, readonly string[]>> = {
  CimCmdlets: [
    'Get-CimInstance',
    'Invoke-CimMethod',
    'New-CimInstance',
    'Set-CimInstance',
    'Remove-CimInstance',
    'Get-CimAssociatedInstance',
    'Get-CimClass',
  ],
  'Microsoft.PowerShell.Management': [
    'Add-Computer',
    'Get-ChildItem',
    'Get-ComputerInfo',
    'Get-Content',
    'Get-HotFix',
    'Get-Service',
    'New-Item',
    'Remove-Computer',
    'Remove-Item',
    'Rename-Computer',
    'Rename-Item',
    'Restart-Computer',
    'Restart-Service',
    'Set-Service',
    'Start-Service',
    'Stop-Service',
    'Test-Path',
  ],
  'Microsoft.PowerShell.Diagnostics': ['Get-WinEvent'],
  'Microsoft.PowerShell.LocalAccounts': ['Get-LocalUser'],
  'Microsoft.PowerShell.Security': ['Get-Acl', 'Set-Acl'],
};

const plainTypes: Readonly<Record<string, string>> = {
  String: 'string',
  Boolean: 'bool',
  Byte: 'byte',
  SByte: 'sbyte',
  Char: 'char',
  Int16: 'int16',
  UInt16: 'uint16',
  Int32: 'int',
  UInt32: 'uint32',
  Int64: 'long',
  UInt64: 'uint64',
  Single: 'single',
  Double: 'double',
  Guid: 'guid',
  DateTime: 'datetime',
  TimeSpan: 'timespan',
  Hashtable: 'hashtable',
  IDictionary: 'System.Collections.IDictionary',
  PSCredential: 'pscredential',
  SecureString: 'securestring',
  ScriptBlock: 'scriptblock',
  Version: 'version',
  Uri: 'uri',
  Object: 'object',
  PSObject: 'psobject',
  SwitchParameter: 'switch',
  StringCollection: 'string[]',
  CultureInfo: 'cultureinfo',
};

/** Types of a module that tell its parameter sets apart when an object comes through the pipeline. */
const moduleTypes: Readonly<Record<string, string>> = {
  VirtualMachine: 'Microsoft.HyperV.PowerShell.VirtualMachine',
  VMSnapshot: 'Microsoft.HyperV.PowerShell.VMSnapshot',
  VMDriveController: 'Microsoft.HyperV.PowerShell.VMDriveController',
};

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface EnumText {
  readonly name: string;
  readonly text: string;
}

/** The numbers of an enumeration, where a CIM class of the catalogue has the same names. */
const findNumbers = (
  names: readonly string[],
  classes: Readonly<Record<string, CimClass>>,
): ReadonlyMap<string, string> | null => {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  for (const one of Object.values(classes)) {
    for (const property of Object.values(one.properties)) {
      if (!property.values) continue;
      const known = new Map(property.values.map(([number, name]) => [plain(name), number]));
      if (names.every((name) => known.has(plain(name))))
        return new Map(names.map((name) => [name, known.get(plain(name))!]));
    }
  }
  return null;
};

const makeEnum = (parameter: Parameter, classes: Readonly<Record<string, CimClass>>): EnumText | null => {
  const type = parameter.type.replace(/\[\]$/, '').replace(/[^A-Za-z0-9]/g, '');
  const names = parameter.accepted;
  if (!names || type === 'String' || plainTypes[type] || !names.every((name) => identifier.test(name))) return null;
  const numbers = findNumbers(names, classes);
  const members = names.map((name, index) => `${name} = ${numbers?.get(name) ?? index}`);
  const digest = createHash('sha256').update(members.join()).digest('hex').slice(0, 6);
  const name = `Simulated_${type}_${digest}`;
  return { name, text: `enum ${name} { ${members.join('; ')} }` };
};

/** The type of a parameter with the attributes that Windows' own function has for it. */
const writeType = (parameter: Parameter, enumeration: EnumText | null): string => {
  const list = parameter.type.endsWith('[]') ? '[]' : '';
  const type = parameter.type.replace(/\[\]$/, '');
  if (enumeration) return `[${enumeration.name}${list}]`;
  const cim = /^CimInstance(?:#(.+))?$/.exec(type);
  if (cim) {
    const className = parameter.cimClass ?? cim[1];
    return `[PSTypeName(${quote(`Microsoft.Management.Infrastructure.CimInstance${className ? `#${className}` : ''}`)})] [object${list}]`;
  }
  const object = moduleTypes[type];
  if (object) return `[PSTypeName(${quote(object)})] [object${list}]`;
  const plain = plainTypes[type];
  const accepted =
    parameter.accepted && plain === 'string' ? `[ValidateSet(${parameter.accepted.map(quote).join(', ')})] ` : '';
  return `${accepted}[${plain ?? 'object'}${list}]`;
};

const writeAttributes = (name: string, sets: readonly ParameterSet[]): string[] => {
  const holding = sets.filter((set) => name in set.parameters);
  if (holding.length === 0) return ['[Parameter()]'];
  return holding.map((set) => {
    const one = set.parameters[name]!;
    const parts = [
      set.name === null ? null : `ParameterSetName = ${quote(set.name)}`,
      one.mandatory ? 'Mandatory = $true' : null,
      one.position === undefined ? null : `Position = ${one.position}`,
      one.pipeline?.includes('ByValue') ? 'ValueFromPipeline = $true' : null,
      one.pipeline?.includes('ByPropertyName') ? 'ValueFromPipelineByPropertyName = $true' : null,
    ].filter((part) => part !== null);
    return `[Parameter(${parts.join(', ')})]`;
  });
};

const writeFunction = (
  cmdlet: Cmdlet,
  docset: string,
  classes: Readonly<Record<string, CimClass>>,
  enums: Map<string, string>,
): string => {
  const view = viewCmdlet(cmdlet, docset);
  const confirms = 'Confirm' in view.parameters || 'WhatIf' in view.parameters;
  const preset = view.parameterSets.find((set) => set.default)?.name;
  const parameters = Object.entries(view.parameters)
    .filter(([name]) => name !== 'WhatIf' && name !== 'Confirm')
    .map(([name, parameter]) => {
      const enumeration = makeEnum(parameter, classes);
      if (enumeration) enums.set(enumeration.name, enumeration.text);
      const aliases = parameter.aliases?.length ? `        [Alias(${parameter.aliases.map(quote).join(', ')})]\n` : '';
      return `${writeAttributes(name, view.parameterSets)
        .map((line) => `        ${line}\n`)
        .join('')}${aliases}        ${writeType(parameter, enumeration)} \${${name}}`;
    });
  // A reader that takes objects from the pipeline asks the world once for all of them.
  const piped = /^Get-(Cluster|VM)/.test(cmdlet.name)
    ? Object.entries(view.parameters).find(
        ([name]) =>
          (name === 'InputObject' || name === 'VM') &&
          view.parameterSets.some((set) => set.parameters[name]?.pipeline?.includes('ByValue')),
      )?.[0]
    : undefined;
  const body = piped
    ? `begin { $batch = [System.Collections.Generic.List[object]]::new() }
    process { if ($MyInvocation.ExpectingInput) { foreach ($one in @(\${${piped}})) { $batch.Add($one) } } }
    end { Invoke-SimulatedBatch $PSCmdlet $PSBoundParameters ${quote(piped)} $batch $MyInvocation.ExpectingInput }`
    : `process { Invoke-SimulatedCall $PSCmdlet $PSBoundParameters $${confirms} }`;
  const binding = [
    preset ? `DefaultParameterSetName = ${quote(preset)}` : null,
    confirms ? 'SupportsShouldProcess = $true' : null,
    'PositionalBinding = $false',
  ].filter((part) => part !== null);
  return `function ${cmdlet.name} {
    [CmdletBinding(${binding.join(', ')})]
    param(
${parameters.join(',\n')}
    )
    ${body}
}
`;
};

const writeModule = (
  target: string,
  name: string,
  cmdlets: readonly Cmdlet[],
  docset: string,
  classes: Readonly<Record<string, CimClass>>,
): void => {
  const enums = new Map<string, string>();
  const functions = cmdlets.map((cmdlet) => writeFunction(cmdlet, docset, classes, enums));
  const folder = join(target, name);
  mkdirSync(folder, { recursive: true });
  const head =
    "Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', 'QuorateSimulation', 'QuorateSimulation.psm1'))";
  writeFileSync(join(folder, `${name}.psm1`), `${[head, ...enums.values(), ...functions].join('\n')}\n`);
  writeFileSync(
    join(folder, `${name}.psd1`),
    `@{\n    ModuleVersion = '2.0.0.0'\n    RootModule = '${name}.psm1'\n    CmdletsToExport = @()\n    AliasesToExport = @()\n    FunctionsToExport = @(${cmdlets.map((cmdlet) => quote(cmdlet.name)).join(', ')})\n}\n`,
  );
};

/** The native programs that scripts may run, as functions: a function comes before a program of the same name. */
const programModule = 'Simulated.Programs';
const writePrograms = (target: string): void => {
  const folder = join(target, programModule);
  mkdirSync(folder, { recursive: true });
  const names = ownPrograms.map(({ program }) => program);
  const head =
    "Import-Module ([System.IO.Path]::Combine($PSScriptRoot, '..', 'QuorateSimulation', 'QuorateSimulation.psm1'))";
  const functions = names.map((name) => `function ${name} { Invoke-SimulatedProgram ${quote(name)} $args }`);
  writeFileSync(join(folder, `${programModule}.psm1`), `${[head, ...functions].join('\n')}\n`);
  writeFileSync(
    join(folder, `${programModule}.psd1`),
    `@{\n    ModuleVersion = '2.0.0.0'\n    RootModule = '${programModule}.psm1'\n    CmdletsToExport = @()\n    AliasesToExport = @()\n    FunctionsToExport = @(${names.map(quote).join(', ')})\n}\n`,
  );
};

const readModules = (folder: string): { module: string; cmdlets: Cmdlet[] }[] =>
  readdirSync(join(catalogueFolder, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const module = JSON.parse(readFileSync(join(catalogueFolder, folder, name), 'utf8')) as {
        module: string;
        cmdlets: Record<string, Cmdlet>;
      };
      return { module: module.module, cmdlets: Object.values(module.cmdlets) };
    });

/** What the shared module has to know of the CIM classes: a text for each, read when an object of the class is made. */
const writeFacts = (classes: Readonly<Record<string, CimClass>>): ReadonlyMap<string, string> => {
  const bases = (name: string): string[] => {
    const base = classes[name]?.base;
    return base ? [base, ...bases(base)] : [];
  };
  const properties = (name: string): Record<string, string> => {
    const one = classes[name];
    if (!one) return {};
    const own = Object.fromEntries(Object.entries(one.properties).map(([property, { type }]) => [property, type]));
    return one.base ? { ...properties(one.base), ...own } : own;
  };
  return new Map(
    Object.entries(classes).map(([name, one]) => [
      name,
      JSON.stringify({
        namespace: one.namespace,
        bases: bases(name),
        properties: properties(name),
        added: addedProperties[name] ?? [],
        open: ownClasses.some((own) => own.name === name),
      }).replace(/[\u007f-\uffff]/g, '?'),
    ]),
  );
};

export interface SimulatedModules {
  /** To be put before PSModulePath. */
  readonly folder: string;
  /** All modules by name: import them, so that no real command of the same name is ever called. */
  readonly names: readonly string[];
}

/**
 * The simulated modules of one Windows Server, generated once for each state of the catalogue. `without` names modules
 * that a server lacks because the feature that brings them is not installed.
 */
export const simulatedModules = (os: Os = '2025', without: readonly string[] = []): SimulatedModules => {
  const windows = readModules('windows').map(({ module, cmdlets }) => ({
    module,
    docset: os,
    cmdlets: cmdlets.filter((one) => one.docsets.includes(os)),
  }));
  const builtIn = readModules('powershell-5.1').map(({ module, cmdlets }) => ({
    module: module === 'CimCmdlets' ? module : `Simulated.${module}`,
    docset: '5.1',
    // A provider's own parameters come while a command runs; as sets of their own they would make every call ambiguous.
    cmdlets: cmdlets
      .filter((one) => worldCommands[module]?.includes(one.name))
      .map((one) => ({
        ...one,
        parameterSets: one.parameterSets.filter(({ name }) => !/ - (?!All ).*provider/.test(name ?? '')),
      })),
  }));
  const modules = [...windows, ...builtIn].filter(
    ({ module, cmdlets }) => cmdlets.length > 0 && !without.includes(module),
  );
  const carried = (
    JSON.parse(readFileSync(join(catalogueFolder, 'cim-classes.json'), 'utf8')) as { classes: Record<string, CimClass> }
  ).classes;
  const classes = { ...carried, ...Object.fromEntries(ownClasses.map((one) => [one.name, one])) };
  const shared = ['QuorateSimulation.psm1', 'WorldAnswers.cs'].map((name) => join(here, 'QuorateSimulation', name));
  const facts = writeFacts(classes);
  const digest = createHash('sha256')
    .update(os)
    .update(JSON.stringify(modules))
    .update(JSON.stringify([...facts]))
    .update(JSON.stringify(ownPrograms))
    .update(shared.map((path) => readFileSync(path, 'utf8')).join())
    .update(readFileSync(join(here, 'generate.ts')))
    .update(readFileSync(join(here, '../signatures/catalogue.ts')))
    .digest('hex')
    .slice(0, 16);
  const target = join(root, '.cache/powershell-modules', `${os}-${digest}`);
  const names = [...modules.map(({ module }) => module), programModule];
  if (existsSync(target)) return { folder: target, names };
  const half = `${target}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(join(half, 'QuorateSimulation/classes'), { recursive: true });
  for (const path of shared) copyFileSync(path, join(half, 'QuorateSimulation', basename(path)));
  for (const [name, text] of facts) writeFileSync(join(half, 'QuorateSimulation/classes', `${name}.json`), text);
  for (const { module, docset, cmdlets } of modules) writeModule(half, module, cmdlets, docset, classes);
  writePrograms(half);
  try {
    renameSync(half, target);
  } catch {
    // Another test process was quicker; what it wrote is the same.
    rmSync(half, { recursive: true, force: true });
  }
  return { folder: target, names };
};
