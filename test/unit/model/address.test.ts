import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import {
  findAddressProblem,
  findGatewayProblem,
  isInPrefix,
  isSameAddress,
  networkOf,
  networksOverlap,
  normaliseAddress,
  normaliseMac,
  parseAddressWithPrefix,
  prefixLengthOfMask,
} from '../../../shared/model/address.ts';

describe('addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['192.0.2', null],
    ['192.0.2.01', null],
    ['192.0.2.256', null],
    ['0x7f.1', null],
    [' 192.0.2.1', null],
    ['fe80::1%12', null],
    ['2001:db8::1::', null],
    ['', null],
  ])('%s is %s', (text, expected) => {
    expect(normaliseAddress(text)).toBe(expected);
  });

  it('compares addresses and not their spelling', () => {
    expect(isSameAddress('2001:db8::1', '2001:0DB8:0:0:0:0:0:1')).toBe(true);
    expect(isSameAddress('nothing', 'nothing')).toBe(false);
  });

  it.each([
    ['10.0.0.0', 24, 'networkAddress'],
    ['10.0.0.255', 24, 'broadcastAddress'],
    ['10.0.0.1', 24, undefined],
    ['10.0.0.0', 31, undefined],
    ['10.0.0.1', 31, undefined],
    ['10.0.0.0', 32, undefined],
    ['10.0.0.127', 25, 'broadcastAddress'],
    ['10.0.0.128', 25, 'networkAddress'],
    ['10.0.0.1', 0, 'prefixLength'],
    ['10.0.0.1', 33, 'prefixLength'],
    ['10.0.0.1', 24.5, 'prefixLength'],
    ['127.0.0.1', 8, 'loopback'],
    ['224.0.0.1', 24, 'multicast'],
    ['169.254.1.1', 16, 'linkLocal'],
    ['0.0.0.0', 24, 'unspecified'],
    ['255.255.255.255', 24, 'broadcastAddress'],
    ['250.1.1.1', 24, 'reserved'],
    ['2001:db8::', 64, 'networkAddress'],
    ['2001:db8::ffff:ffff:ffff:ffff', 64, undefined],
    ['2001:db8::1', 129, 'prefixLength'],
    ['::1', 128, 'loopback'],
    ['ff02::1', 64, 'multicast'],
    ['ten', 24, 'malformed'],
  ])('%s/%s: %s', (address, prefixLength, code) => {
    expect(findAddressProblem(address, prefixLength)?.code).toBe(code);
  });

  it('knows a gateway outside the network, and a router by its link-local address', () => {
    expect(findGatewayProblem('10.0.1.1', '10.0.0.5', 24)?.code).toBe('outsidePrefix');
    expect(findGatewayProblem('10.0.0.0', '10.0.0.5', 24)?.code).toBe('networkAddress');
    expect(findGatewayProblem('10.0.0.1', '10.0.0.5', 24)).toBeNull();
    expect(findGatewayProblem('fe80::1', '2001:db8::5', 64)).toBeNull();
    expect(findGatewayProblem('2001:db8::1', '10.0.0.5', 24)?.code).toBe('outsidePrefix');
  });

  it('finds networks that share an address', () => {
    expect(
      networksOverlap({ address: '10.0.0.1', prefixLength: 24 }, { address: '10.0.0.200', prefixLength: 25 }),
    ).toBe(true);
    expect(
      networksOverlap({ address: '10.0.0.1', prefixLength: 25 }, { address: '10.0.0.200', prefixLength: 25 }),
    ).toBe(false);
    expect(networksOverlap({ address: '10.0.0.1', prefixLength: 8 }, { address: '2001:db8::1', prefixLength: 8 })).toBe(
      false,
    );
  });

  it('reads the prefix of each mask', () => {
    for (let length = 0; length <= 32; length += 1) {
      const bits = '1'.repeat(length).padEnd(32, '0');
      const mask = [0, 8, 16, 24].map((at) => parseInt(bits.slice(at, at + 8), 2)).join('.');
      expect(prefixLengthOfMask(mask)).toBe(length);
    }
    expect(prefixLengthOfMask('255.0.255.0')).toBeNull();
    expect(parseAddressWithPrefix('10.0.0.7/24')).toEqual({ address: '10.0.0.7', prefixLength: 24 });
    expect(parseAddressWithPrefix('10.0.0.7/33')).toBeNull();
    expect(parseAddressWithPrefix('10.0.0.7')).toBeNull();
  });

  it('has every address in its own network, and its network in itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 128 }), (address, length) => {
        const network = networkOf(address, length);
        if (network === null) return;
        const base = network.slice(0, network.lastIndexOf('/'));
        expect(isInPrefix(address, base, length)).toBe(true);
        expect(networkOf(base, length)).toBe(network);
      }),
    );
  });

  it.each([
    ['00:15:5d:0a:0B:0c', '00-15-5D-0A-0B-0C'],
    ['00-15-5D-0A-0B-0C', '00-15-5D-0A-0B-0C'],
    ['00155D0A0B0C', '00-15-5D-0A-0B-0C'],
    ['0015.5d0a.0b0c', '00-15-5D-0A-0B-0C'],
    ['00:15-5d:0a:0b:0c', null],
    ['00155D0A0B0', null],
    ['00155D0A0B0G', null],
  ])('MAC %s is %s', (text, expected) => {
    expect(normaliseMac(text)).toBe(expected);
  });
});
