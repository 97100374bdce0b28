// `node build/setup/wine-engine.mjs`: the engine of PowerShell for Windows, with the .NET for Windows that it runs on, into .cache (119 MB; what NuGet loads
// for it is twice that). `npm test` does so before the storey test/wine, one test of which needs it, where there are Wine and a dotnet.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { powershellVersion } from './powershell.mjs';
import { root, run, say } from './steps.mjs';

const folder = join(root, '.cache', `wine-engine-${powershellVersion}`);

/** The published program `engine.exe` and what lies beside it. @returns {{ folder: string } | { missing: string }} */
export const findWineEngine = () =>
  existsSync(join(folder, 'engine.exe'))
    ? { folder }
    : {
        missing:
          'the engine of PowerShell for Windows is not here; node build/setup/wine-engine.mjs fetches it (119 MB)',
      };

/** Publishes it with the dotnet on the PATH; throws an Error with what dotnet said. */
const publish = () => {
  const work = `${folder}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // Beside the source dotnet would leave its own folders.
  cpSync(join(root, 'build', 'setup', 'wine-engine'), work, { recursive: true });
  const published = run(
    'dotnet',
    [
      ...['publish', join(work, 'engine.csproj'), '-c', 'Release', '--nologo', '-v', 'q', '-o', join(work, 'out')],
      ...[`-p:PowerShellVersion=${powershellVersion}`, '-nodeReuse:false', '-p:UseSharedCompilation=false'],
    ],
    { timeout: 300_000, env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' } },
  );
  if (published.ok) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'out'), folder);
  }
  rmSync(work, { recursive: true, force: true });
  if (!published.ok) throw new Error(published.output.trim());
};

/** Publishes it unless it is here. @returns {string | null} why it cannot be had; null: it is here. */
export const ensureWineEngine = () => {
  if ('folder' in findWineEngine()) return null;
  if (!run('dotnet', ['--version']).ok) return 'there is no dotnet';
  say('Publishing the engine of PowerShell for Windows (119 MB) ...');
  try {
    publish();
    return null;
  } catch (error) {
    return error.message.split('\n')[0] || 'dotnet did not end in time';
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  publish();
  say(`The engine of PowerShell ${powershellVersion} for Windows is in ${folder}.`);
}
