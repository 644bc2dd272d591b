// Addresses in one spelling.
import { describe, expect, it } from 'vitest';
import { canonicalAddress, canonicalSubnet, isInSubnet } from '../../src/probes/ip.ts';

describe('addresses', () => {
  it.each([
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fd00:77::', 'fd00:77::'],
    ['::', '::'],
    ['::1', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['10.77.0.1', '10.77.0.1'],
    ['fd00:77::0201/128', 'fd00:77::201/128'],
    ['not-an-address', 'not-an-address'],
  ])('spells %s as %s', (given, canonical) => expect(canonicalAddress(given)).toBe(canonical));

  it.each([
    ['10.77.0.17/24', '10.77.0.0/24'],
    ['fd00:77::11/64', 'fd00:77::/64'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.77.0.130/25', '10.77.0.128/25'],
    ['10.1.2.3/40', '10.1.2.3/40'],
  ])('clears host bits of %s', (given, canonical) => expect(canonicalSubnet(given)).toBe(canonical));

  it('tells whether a subnet holds an address', () => {
    expect(isInSubnet('10.77.0.201', '10.77.0.0/24')).toBe(true);
    expect(isInSubnet('10.78.0.201', '10.77.0.0/24')).toBe(false);
    expect(isInSubnet('fd00:77::201', 'fd00:77::/64')).toBe(true);
    expect(isInSubnet('fd00:77::201', '10.77.0.0/24')).toBe(false);
    expect(isInSubnet('10.0.0.1', '0.0.0.0/0')).toBe(true);
  });
});
