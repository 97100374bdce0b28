// `node build/testing/prepare.mjs PART`: one part of what the storeys need, in a process of its own so that several go at once.
import { ensureElectron } from '../setup/electron-runtime.mjs';
import { ensurePowerShell } from '../setup/powershell.mjs';
import { buildBundles, say } from '../setup/steps.mjs';
import { ensureWineEngine } from '../setup/wine-engine.mjs';
import { winePackages } from '../setup/wine.mjs';

/** @type {Record<string, () => Promise<void>>} */
const parts = {
  bundles: buildBundles,
  powershell: async () => {
    const found = ensurePowerShell();
    say(
      'missing' in found
        ? `No PowerShell: ${found.missing}. Unless another one is found, the tests that need it are skipped and say so.`
        : `PowerShell: ${found.origin}.`,
    );
  },
  electron: async () => {
    const found = await ensureElectron();
    say(
      'missing' in found
        ? `No Electron: ${found.missing}. The tests that need it are skipped and say so.`
        : `Electron: ${found.origin}.`,
    );
  },
  // Without Wine nothing runs it.
  'the engine for Windows': async () => {
    const why = winePackages.every(({ probe }) => probe()) ? ensureWineEngine() : null;
    if (why)
      say(`Not here: the engine of PowerShell for Windows; ${why}. The test that needs it is skipped and says so.`);
  },
};

const part = parts[process.argv[2] ?? ''];
if (!part) throw new Error(`Name one of these parts: ${Object.keys(parts).join(', ')}.`);
await part();
