import { describe, expect, it } from 'vitest';
import { parseLimit, parseListen, parseLun } from '../../../main/cli/commands/target.ts';

describe('--listen', () => {
  it.each([
    ['127.0.0.1', { host: '127.0.0.1', port: 3260 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['localhost:13260,2', { host: 'localhost', port: 13260, portalGroupTag: 2 }],
    ['[::1]:3261', { host: '::1', port: 3261 }],
    ['::1', { host: '::1', port: 3260 }],
  ])('%s', (text, listen) => expect(parseListen(text)).toEqual(listen));

  it.each(['', ':3260', 'host:70000', 'host:1,0', 'a:b:c', '1:2:3', '[::1', 'host:1,70000'])('not %s', (text) => {
    expect(() => parseListen(text)).toThrow(/HOST/);
  });
});

describe('--lun', () => {
  it.each([
    ['512', { sizeBytes: '512', file: null }],
    ['64k', { sizeBytes: '65536', file: null }],
    ['10G', { sizeBytes: '10737418240', file: null }],
    ['2TiB', { sizeBytes: '2199023255552', file: null }],
    ['disk.img', { sizeBytes: null, file: 'disk.img' }],
    ['C:\\luns\\disk.img,1G', { sizeBytes: '1073741824', file: 'C:\\luns\\disk.img' }],
    ['with,comma.img', { sizeBytes: null, file: 'with,comma.img' }],
  ])('%s', (text, lun) => expect(parseLun(text)).toEqual(lun));
});

describe('--max-sessions and --max-registrations', () => {
  it('are numbers from 1 to 65535', () => {
    expect([parseLimit('1'), parseLimit('65535')]).toEqual([1, 65_535]);
    for (const text of ['', '0', '-1', '65536', '1.5', '1e3', 'many']) expect(() => parseLimit(text)).toThrow(/65535/);
  });
});
