// The order of versions, by the examples of deb-version(7) and of rpm's own tests.
import { describe, expect, it } from 'vitest';
import { compareDebian, compareRpm } from '../../src/probes/version.ts';

describe('Debian versions', () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.0', '1.1', -1],
    ['1:0.4', '0.9', 1],
    ['1.0~beta1', '1.0', -1],
    ['1.0~beta1~svn1245', '1.0~beta1', -1],
    ['1.0', '1.0-1', -1],
    ['2.4.7-1', '2.4.7-z', -1],
    ['1.002-1+b2', '1.00', 1],
    ['0:1.2.3', '1.2.3', 0],
    ['1.2.3-1~deb7u1', '1.2.3-1', -1],
    ['5.2.15-2+b8', '5.2.15-2+b13', -1],
    ['1.10', '1.9', 1],
    ['1.a', '1.+', -1],
  ])('%s against %s', (a, b, order) => {
    expect(Math.sign(compareDebian(a, b))).toBe(order);
    expect(Math.sign(compareDebian(b, a))).toBe(order === 0 ? 0 : -order);
  });
});

describe('rpm versions', () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.0', '2.0', -1],
    ['2.0.1a', '2.0.1', 1],
    ['5.5p10', '5.5p1', 1],
    ['xyz10', 'xyz10.1', -1],
    ['1.0~rc1', '1.0', -1],
    ['1.0^git1', '1.0', 1],
    ['1.0^git1', '1.0.1', -1],
    ['1.0^', '1.0^git1', -1],
    ['10.0001', '10.1', 0],
    ['1:1.0-1', '2.0-1', -1],
    ['1:1.0-1', '0:2.0-1', 1],
    ['1.20.1-9.el9', '1.20.1', 0],
    ['1.20.1-9.el9', '1.20.1-10.el9', -1],
  ])('%s against %s', (a, b, order) => {
    expect(Math.sign(compareRpm(a, b))).toBe(order);
    expect(Math.sign(compareRpm(b, a))).toBe(order === 0 ? 0 : -order);
  });
});
