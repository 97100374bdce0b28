import { describe, expect, it } from 'vitest';
import { busTypes, offlineReasons } from '../../../shared/model/disk.ts';
import { blankAsNull, nameOf, nameOr } from '../../../main/windows/names.ts';

describe('names that Windows shows', () => {
  const bus = nameOr(Object.values(busTypes), 'unknown', { 1394: 'ieee1394', spaces: 'storageSpaces' });
  // The class page's names and those of the module's type file (Get-Disk's page filters by "iSCSI" itself).
  it.each([
    ['iSCSI', 'iscsi'],
    ['Fibre Channel', 'fibreChannel'],
    ['File Backed Virtual', 'fileBackedVirtual'],
    ['Storage Spaces', 'storageSpaces'],
    ['Spaces', 'storageSpaces'],
    ['1394', 'ieee1394'],
    ['NVMe', 'nvme'],
    ['something of 2031', 'unknown'],
    [null, 'unknown'],
  ])('%s is %s', (shown, name) => expect(bus.parse(shown)).toBe(name));

  it('keeps null for a reason that is not there', () => {
    const reason = nameOr(Object.values(offlineReasons), null);
    expect(reason.parse(null)).toBeNull();
    expect(reason.parse('Redundant Path')).toBe('redundantPath');
  });

  it('refuses a name that decides something and is not known', () => {
    expect(nameOf(['raw', 'mbr', 'gpt']).safeParse('APM').success).toBe(false);
    expect(nameOf(['raw', 'mbr', 'gpt'], { unknown: 'raw' }).parse('Unknown')).toBe('raw');
  });

  it('takes blank text for none', () => {
    expect(blankAsNull.parse('  ')).toBeNull();
    expect(blankAsNull.parse(null)).toBeNull();
    expect(blankAsNull.parse(' x ')).toBe(' x ');
  });
});
