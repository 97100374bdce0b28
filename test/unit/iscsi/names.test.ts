import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSendTargets,
  encodeSendTargets,
  formatPortal,
  formatTargetAddress,
  IscsiError,
  parseIscsiName,
  parsePortal,
  toPortal,
  parseTargetAddress,
} from '../../../main/iscsi/index.ts';

const errorOf = (act: () => unknown): IscsiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('names', () => {
  test.each([
    // The examples of RFC 7143 sections 4.2.7.4 to 4.2.7.6.
    ['iqn.2001-04.com.example:storage:diskarrays-sn-a8675309', 'iqn'],
    ['iqn.2001-04.com.example', 'iqn'],
    ['iqn.2001-04.com.example:storage.tape1.sys1.xyz', 'iqn'],
    ['eui.02004567a425678d', 'eui'],
    ['naa.52004567ba64678d', 'naa'],
    ['naa.62004567ba64678d0123456789abcdef', 'naa'],
    ['iqn.1991-05.com.microsoft:node1.contoso.com', 'iqn'],
    ['iqn.2026-01.example:münchen', 'iqn'],
  ])('%s is one', (name, type) => {
    expect(parseIscsiName(name)).toEqual({ name, type });
  });

  test('capitals are lowered', () => {
    expect(parseIscsiName('IQN.2001-04.Com.Example:Disk').name).toBe('iqn.2001-04.com.example:disk');
    expect(parseIscsiName('eui.02004567A425678D').name).toBe('eui.02004567a425678d');
  });

  test('223 bytes are the most', () => {
    const longest = `iqn.2026-01.example:${'a'.repeat(203)}`;
    expect(longest).toHaveLength(223);
    expect(parseIscsiName(longest).name).toBe(longest);
    const error = errorOf(() => parseIscsiName(`${longest}a`));
    expect(error.code).toBe('NAME_MALFORMED');
    expect(error.message).toContain('224 bytes');
    // Counted in bytes of UTF-8, not in characters.
    expect(errorOf(() => parseIscsiName(`iqn.2026-01.example:${'ä'.repeat(102)}`)).code).toBe('NAME_MALFORMED');
  });

  test.each([
    '',
    'disk1',
    'iqn',
    'iqn.2001-4.com.example',
    'iqn.2001-13.com.example',
    'iqn.2001-00.com.example',
    'iqn.2001-04.',
    'iqn.2001-04.com..example',
    'iqn.2001-04.com.example:a b',
    'iqn.2001-04.com.example:a_b',
    'iqn.2001-04.com.example:a\u0000b',
    'iqn.2001-04.com.example:a,b',
    'eui.02004567a425678',
    'eui.02004567a425678g',
    'naa.123',
    'naa.62004567ba64678d0123456789abcde',
  ])('%j is none', (name) => {
    expect(errorOf(() => parseIscsiName(name))).toMatchObject({ code: 'NAME_MALFORMED', phase: 'input' });
  });

  test('the underscore is taken where it is allowed', () => {
    expect(parseIscsiName('iqn.2001-04.com.example:a_b', { allowUnderscore: true }).type).toBe('iqn');
  });
});

describe('portals', () => {
  test.each([
    ['192.0.2.10', { host: '192.0.2.10', port: 3260 }],
    ['192.0.2.10:860', { host: '192.0.2.10', port: 860 }],
    [' 192.0.2.10 ', { host: '192.0.2.10', port: 3260 }],
    ['[2001:db8::1]', { host: '2001:db8::1', port: 3260 }],
    ['[2001:db8::1]:3261', { host: '2001:db8::1', port: 3261 }],
    ['2001:db8::1', { host: '2001:db8::1', port: 3260 }],
    ['[fe80::1%eth0]:3260', { host: 'fe80::1%eth0', port: 3260 }],
    ['storage', { host: 'storage', port: 3260 }],
    ['SAN_A.example.com:3261', { host: 'SAN_A.example.com', port: 3261 }],
  ])('%s', (text, portal) => {
    expect(parsePortal(text)).toEqual(portal);
  });

  test.each([
    '',
    ':3260',
    '192.0.2.10:',
    '192.0.2.10:0',
    '192.0.2.10:65536',
    '192.0.2.10:x',
    '192.0.2.300',
    '1.2.3',
    '[192.0.2.1]',
    '[::1',
    '[::1]x',
    'a b',
    '-a',
    'http://a',
    'a/b',
    `${'a'.repeat(254)}`,
  ])('%j is none', (text) => {
    expect(errorOf(() => parsePortal(text))).toMatchObject({ code: 'PORTAL_MALFORMED', phase: 'input' });
  });

  test('are written as they are read', () => {
    const portal = fc.record({
      host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('storage.example.com')),
      port: fc.integer({ min: 1, max: 65535 }),
    });
    fc.assert(
      fc.property(portal, (one) => {
        expect(parsePortal(formatPortal(one))).toEqual(one);
      }),
    );
  });
});

describe('target addresses', () => {
  // The forms of RFC 7143 section 13.8.
  test.each([
    ['10.0.0.1:5003,1', { host: '10.0.0.1', port: 5003, tag: 1 }],
    ['10.0.0.1,1', { host: '10.0.0.1', port: 3260, tag: 1 }],
    ['[1080:0:0:0:8:800:200C:417A],65', { host: '1080:0:0:0:8:800:200C:417A', port: 3260, tag: 65 }],
    ['[1080::8:800:200C:417A]:5003,1', { host: '1080::8:800:200C:417A', port: 5003, tag: 1 }],
    ['computingcenter.example.com,23', { host: 'computingcenter.example.com', port: 3260, tag: 23 }],
    ['10.0.0.1:5003', { host: '10.0.0.1', port: 5003, tag: undefined }],
  ])('%s', (text, portal) => {
    expect(parseTargetAddress(text)).toEqual(portal);
    expect(parseTargetAddress(formatTargetAddress(portal))).toEqual(portal);
  });

  test.each(['10.0.0.1,', '10.0.0.1,65536', '10.0.0.1,x', ',1'])('%j is none', (text) => {
    expect(errorOf(() => parseTargetAddress(text)).code).toBe('PORTAL_MALFORMED');
  });
});

describe('SendTargets answers', () => {
  test('several targets, portals and groups', () => {
    const targets = [
      {
        name: 'iqn.2026-01.example:a',
        portals: [
          { host: '192.0.2.1', port: 3260, tag: 1 },
          { host: '2001:db8::1', port: 3260, tag: 2 },
        ],
      },
      { name: 'iqn.2026-01.example:b', portals: [] },
    ];
    expect(decodeSendTargets(encodeSendTargets(targets))).toEqual({ targets, unusable: [] });
  });

  test('a target that comes twice is one, and so is a portal', () => {
    const { targets } = decodeSendTargets([
      ['TargetName', 'iqn.2026-01.example:a'],
      ['TargetAddress', '192.0.2.1:3260,1'],
      ['TargetName', 'iqn.2026-01.example:a'],
      ['TargetAddress', '192.0.2.1:3260,1'],
      ['TargetAddress', '192.0.2.2:3260,1'],
    ]);
    expect(targets.map(({ portals }) => portals.length)).toEqual([2]);
  });

  test('names stay as they came, addresses that cannot be understood are listed', () => {
    const { targets, unusable } = decodeSendTargets([
      ['TargetName', 'Disk_1'],
      ['TargetAddress', '999.0.0.1:3260,1'],
    ]);
    // Not "at the portal that was asked", which no address and nothing else would mean.
    expect(targets).toEqual([{ name: 'Disk_1', portals: [], unusableAddresses: ['999.0.0.1:3260,1'] }]);
    expect(unusable).toEqual(['999.0.0.1:3260,1']);
  });

  test('unusable addresses stay with their target', () => {
    const { targets, unusable } = decodeSendTargets([
      ['TargetName', 'a'],
      ['TargetAddress', 'not an address'],
      ['TargetAddress', '192.0.2.1:3260,1'],
      ['TargetName', 'b'],
    ]);
    expect(targets).toEqual([
      { name: 'a', portals: [{ host: '192.0.2.1', port: 3260, tag: 1 }], unusableAddresses: ['not an address'] },
      { name: 'b', portals: [] },
    ]);
    expect(unusable).toEqual(['not an address']);
  });

  test('an address before any target is refused', () => {
    expect(errorOf(() => decodeSendTargets([['TargetAddress', '192.0.2.1:3260,1']])).code).toBe('DISCOVERY_FAILED');
  });
});

describe('a portal that is no text', () => {
  test.each([
    { host: '', port: 3260 },
    { host: 'bad host!', port: 3260 },
    { host: '999.0.0.1', port: 3260 },
    { host: '[::1]', port: 3260 },
    { host: '192.0.2.1', port: 0 },
    { host: '192.0.2.1', port: 70000 },
    { host: '192.0.2.1', port: 1.5 },
    { host: '192.0.2.1', port: NaN },
  ])('$host:$port is refused like its text', (portal) => {
    expect(errorOf(() => toPortal(portal))).toMatchObject({ code: 'PORTAL_MALFORMED', phase: 'input' });
  });

  test.each([
    { host: '192.0.2.1', port: 1 },
    { host: '::1', port: 65535 },
    { host: 'fe80::1%eth0', port: 3260 },
    { host: 'array_1.example', port: 3260 },
  ])('$host:$port is taken', (portal) => {
    expect(toPortal(portal)).toEqual(portal);
  });
});
