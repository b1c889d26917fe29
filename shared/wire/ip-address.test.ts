import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLocalIpv4, isLocalIpv6, parseIpv4, parseIpv6 } from './ip-address.ts'

describe('parseIpv4', () => {
  it.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['192.0.2.255', [192, 0, 2, 255]],
  ])('%s', (text, octets) => {
    expect(parseIpv4(text)).toEqual(octets)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '0x1.2.3.4',
    '1.2.3.4 ',
    '1..2.3',
    '1',
  ])('refuses %s', text => {
    expect(parseIpv4(text)).toBeUndefined()
  })
})

describe('parseIpv6', () => {
  it.each([
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['2001:DB8::a', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 10]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201]],
    ['64:ff9b::10.0.0.1', [0x64, 0xff9b, 0, 0, 0, 0, 0xa00, 1]],
  ])('%s', (text, groups) => {
    expect(parseIpv6(text)).toEqual(groups)
  })

  it.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'fe80::1%eth0',
    '[::1]',
    '::1.2.3',
    '1.2.3.4::',
    '1.2.3.4',
    'g::',
  ])('refuses %s', text => {
    expect(parseIpv6(text)).toBeUndefined()
  })
})

/** The first and last address of each range, and the neighbours outside of it. */
const V4_RANGES: [string, string, string | undefined, string | undefined][] = [
  ['0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
]

const V6_RANGES: [string, string, string | undefined, string | undefined][] = [
  ['::', '::', undefined, undefined],
  ['::1', '::fffe:ffff:ffff', undefined, '0:0:0:0:1::'],
  ['::ffff:10.0.0.0', '::ffff:10.255.255.255', '::ffff:9.255.255.255', '::ffff:11.0.0.0'],
  ['64:ff9b::192.168.0.0', '64:ff9b::192.168.255.255', '64:ff9b::8.8.8.8', '64:ff9b::192.169.0.0'],
  ['64:ff9b:1::', '64:ff9b:1:ffff::', '64:ff9a::', '64:ff9c::'],
  ['2002:a00::', '2002:aff:ffff::1', '2002:9ff:ffff::', '2002:b00::'],
  ['fc00::', 'fdff:ffff::', 'fbff:ffff::', 'fe00::'],
  ['fe80::', 'fe80::ffff:1', 'fe7f:ffff::', undefined],
  ['fec0::', 'feff:ffff::', undefined, undefined],
  ['ff00::', 'ffff::ffff', undefined, undefined],
]

const isLocal4 = (text: string): boolean => isLocalIpv4(parseIpv4(text) ?? [])
const isLocal6 = (text: string): boolean => isLocalIpv6(parseIpv6(text) ?? [])

describe('local addresses', () => {
  it.each([
    ...V4_RANGES.map(range => [...range, isLocal4] as const),
    ...V6_RANGES.map(range => [...range, isLocal6] as const),
  ])('%s to %s', (first, last, before, behind, isLocal) => {
    expect([first, last].map(isLocal)).toEqual([true, true])
    for (const outside of [before, behind]) if (outside) expect(isLocal(outside)).toBe(false)
  })

  it.each(['8.8.8.8', '192.0.2.1', '198.51.100.7', '203.0.113.9', '1.1.1.1'])('not %s', text => {
    expect(isLocal4(text)).toBe(false)
    expect(isLocal6(`::ffff:${text}`)).toBe(false)
  })

  it.each(['2001:db8::1', '2606:4700::1111', '2a00:1450:4001::200e', '2001::1'])('not %s', text => {
    expect(isLocal6(text)).toBe(false)
  })

  it('are the same in IPv6 as in IPv4', () => {
    const octet = fc.nat(255)
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), octets => {
        const text = octets.join('.')
        expect(isLocal6(`::ffff:${text}`)).toBe(isLocalIpv4(octets))
        expect(isLocal6(`64:ff9b::${text}`)).toBe(isLocalIpv4(octets))
      }),
      { seed: 3, numRuns: 1_000 },
    )
  })
})
