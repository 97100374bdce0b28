// The fuses of a packed program: switches of the Electron runtime that nothing outside the program can set
// (https://www.electronjs.org/docs/latest/tutorial/fuses). What is wanted is in electron-builder.yml; here it is read back.
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';

/**
 * Each with why.
 * @type {Readonly<Record<string, boolean>>}
 */
export const wantedFuses = {
  // The console program runs the command line inside this runtime (docs/adr/one-console-program.md).
  RunAsNode: true,
  EnableCookieEncryption: true,
  // NODE_OPTIONS of an account reaches elevated processes; neither it nor --inspect has the program load or open anything.
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  // On Windows the digest of the archive is in the program, and nothing but the archive is loaded.
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
};

/**
 * What a packed program's fuses are and should not be; none when they are right.
 * @param {string} program the packed Electron executable
 * @returns {Promise<string[]>}
 */
export const fuseProblems = async (program) => {
  const wire = await getCurrentFuseWire(program);
  return Object.entries(wantedFuses).flatMap(([name, isOn]) => {
    // One character each: 0 off, 1 on, r taken out of this runtime.
    const state = String.fromCharCode(wire[FuseV1Options[name]] ?? 0);
    const words = { 0: 'off', 1: 'on', r: 'removed' };
    return state === (isOn ? '1' : '0')
      ? []
      : [`the fuse ${name} is ${words[state] ?? 'not there'}, not ${isOn ? 'on' : 'off'}`];
  });
};
