import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandFactFiles } from '../../../main/cli/fact-files.ts';
import { titled } from '../../support/skipped.ts';

describe('the files that --facts names', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'quorate-facts-')));
    for (const name of ['Win32_BIOS.wmi', 'Win32_Processor.WMI', 'a10.json', 'a9.json', 'photo.jpg', 'a+b[1].wmi'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'below.wmi'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const namesOf = (given: string[], platform: NodeJS.Platform = 'linux'): string[] =>
    expandFactFiles(given, platform).map(({ path }) => basename(path));

  it('are the collected ones of a folder, in the order of their names', () => {
    expect(namesOf([folder])).toEqual(['a+b[1].wmi', 'a9.json', 'a10.json', 'Win32_BIOS.wmi', 'Win32_Processor.WMI']);
    expect(namesOf([`${folder}/`])).toHaveLength(5);
  });

  it('are what wildcards match, which the shells of Windows hand on; letter case counts where the system says so', () => {
    expect(namesOf([join(folder, '*.wmi')])).toEqual(['a+b[1].wmi', 'Win32_BIOS.wmi']);
    expect(namesOf([join(folder, 'WIN32_*.wmi')], 'win32')).toEqual(['Win32_BIOS.wmi', 'Win32_Processor.WMI']);
    expect(namesOf([join(folder, 'a?.json')])).toEqual(['a9.json']);
    expect(namesOf([join(folder, 'a+b[1].*')])).toEqual(['a+b[1].wmi']);
    expect(namesOf([join(folder, 'a??.json'), join(folder, 'a9.json')])).toEqual(['a10.json', 'a9.json']);
  });

  it('are themselves where they are plain names, also ones that are not there, so that the reading says so', () => {
    expect(namesOf([join(folder, 'photo.jpg'), join(folder, 'none.json')])).toEqual(['photo.jpg', 'none.json']);
  });

  it.skipIf(process.platform === 'win32')(
    titled(
      'may really be named with a wildcard, where the system allows it',
      process.platform === 'win32' ? 'Windows allows no such name' : null,
    ),
    () => {
      writeFileSync(join(folder, 'a*.json'), '');
      expect(namesOf([join(folder, 'a*.json')])).toEqual(['a*.json']);
    },
  );

  it('are said to be missing where a folder or wildcards give none', () => {
    const gone = join(folder, 'gone', '*.wmi');
    for (const text of [join(folder, 'below.wmi'), join(folder, '*.xml'), gone])
      expect(() => expandFactFiles([text])).toThrow(`${text} holds no file with facts.`);
  });

  it('end where a quotation mark stayed behind a folder of cmd.exe', () => {
    expect(namesOf([`${folder}"`], 'win32')).toHaveLength(5);
  });
});
