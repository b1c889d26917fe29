import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIpv4, parseIpv6 } from './ip-address.ts'
import { isLocalIpv4, isLocalIpv6 } from './ip-range.ts'
import type { AddressRange } from './testing/local-ranges.ts'
import { LOCAL_V4_RANGES } from './testing/local-ranges.ts'

const V6_RANGES: readonly AddressRange[] = [
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
    ...LOCAL_V4_RANGES.map(range => [...range, isLocal4] as const),
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
