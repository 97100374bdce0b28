import { win32 } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What Windows' own programs and modules read, and nothing that makes them load code: no COR_PROFILER, no DOTNET_ or COMPlus_
 * switch, no PSModulePath. A user's own variables reach elevated processes as well.
 */
const kept = new Set(
  `ALLUSERSPROFILE APPDATA CommonProgramFiles CommonProgramFiles(x86) CommonProgramW6432 COMPUTERNAME HOMEDRIVE HOMEPATH
  LOCALAPPDATA LOGONSERVER NUMBER_OF_PROCESSORS OS PROCESSOR_ARCHITECTURE PROCESSOR_IDENTIFIER PROCESSOR_LEVEL
  PROCESSOR_REVISION ProgramData ProgramFiles ProgramFiles(x86) ProgramW6432 PUBLIC SESSIONNAME TEMP TMP USERDNSDOMAIN
  USERDOMAIN USERDOMAIN_ROAMINGPROFILE USERNAME USERPROFILE`
    .split(/\s+/)
    .map((name) => name.toLowerCase()),
);

/** The folder of the modules that come with Windows; Documents\WindowsPowerShell\Modules is any program's of that user. */
export const windowsModules = (windows: string): string =>
  win32.join(windows, 'System32', 'WindowsPowerShell', 'v1.0', 'Modules');

/** The environment of a PowerShell on Windows: what is kept of the given one, and programs and modules of Windows alone. */
export const windowsEnvironment = (given: Environment, windows: string): Environment => {
  const system = win32.join(windows, 'System32');
  return {
    ...Object.fromEntries(Object.entries(given).filter(([name]) => kept.has(name.toLowerCase()))),
    SystemRoot: windows,
    windir: windows,
    SystemDrive: win32.parse(windows).root.slice(0, 2),
    ComSpec: win32.join(system, 'cmd.exe'),
    PATHEXT: '.COM;.EXE;.BAT;.CMD',
    PATH: [system, windows, win32.join(system, 'Wbem'), win32.join(system, 'WindowsPowerShell', 'v1.0')].join(';'),
    PSModulePath: windowsModules(windows),
  };
};
