import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AddressRange } from '../../shared/wire/testing/local-ranges.ts'
import { LOCAL_V4_RANGES } from '../../shared/wire/testing/local-ranges.ts'
import { isPublicAddress, networkOf } from './public-address.ts'

const V4_RANGES: readonly AddressRange[] = [
  ...LOCAL_V4_RANGES,
  ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
]

describe('public addresses', () => {
  it.each(V4_RANGES)('are not from %s to %s', (first, last, before, after) => {
    expect(isPublicAddress(first)).toBe(false)
    expect(isPublicAddress(last)).toBe(false)
    for (const neighbour of [before, after]) {
      if (neighbour !== undefined) expect(isPublicAddress(neighbour)).toBe(true)
    }
  })

  it.each([
    ['::', false],
    ['::1', false],
    ['::8.8.8.8', false],
    ['::ffff:8.8.8.8', true],
    ['::ffff:10.0.0.1', false],
    ['::FFFF:a9fe:a9fe', false],
    ['::ffff:0:8.8.8.8', false],
    ['64:ff9b::8.8.8.8', true],
    ['64:ff9b::127.0.0.1', false],
    ['64:ff9b::a9fe:a9fe', false],
    ['64:ff9b:1::8.8.8.8', false],
    ['64:ff9b:0:0:0:1::808', false],
    ['100::1', false],
    ['1fff:ffff::', false],
    ['2000::', true],
    ['2001::1', false],
    ['2001:0:808:808::1', false],
    ['2001:1ff:ffff::', false],
    ['2001:200::', true],
    ['2001:db7:ffff::', true],
    ['2001:db8::', false],
    ['2001:db8:ffff:ffff::', false],
    ['2001:db9::', true],
    ['2002:808:808::1', true],
    ['2002:a00:1::1', false],
    ['2002:7f00:1::', false],
    ['2002:c0a8:101::1', false],
    ['2606:4700::1111', true],
    ['3ffe:ffff::', true],
    ['3fff::', false],
    ['3fff:fff:ffff::', false],
    ['3fff:1000::', true],
    ['4000::', false],
    ['5f00::1', false],
    ['fc00::1', false],
    ['fdff:ffff::1', false],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['fec0::1', false],
    ['ff02::1', false],
    ['localhost', false],
    ['one.example', false],
    ['8.8.8', false],
    ['8.8.8.8.8', false],
    ['0x8.8.8.8', false],
    ['', false],
  ])('%s: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic)
  })

  it('are the same in every writing of IPv4 inside IPv6', () => {
    const byte = fc.nat(255)
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const text = `${a}.${b}.${c}.${d}`
        const isPublic = isPublicAddress(text)
        const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)]
        for (const other of [
          `::ffff:${text}`,
          `64:ff9b::${high}:${low}`,
          `2002:${high}:${low}::1`,
        ]) {
          expect(isPublicAddress(other)).toBe(isPublic)
        }
      }),
    )
  })

  it('are never made out of arbitrary text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        fc.pre(!/^[\d.]+$/.test(text) && !text.includes(':'))
        expect(isPublicAddress(text)).toBe(false)
      }),
    )
  })
})

describe('the network of an address', () => {
  it.each([
    ['8.8.4.77', '8.8.4.0/24'],
    ['::ffff:8.8.4.77', '8.8.4.0/24'],
    ['64:ff9b::8.8.4.77', '8.8.4.0/24'],
    ['2002:808:44d::1', '8.8.4.0/24'],
    ['2a00:1450:4001:81b::200e', '2a00:1450:4001::/48'],
    ['2a00::1', '2a00:0:0::/48'],
    // Not public either, and yet nobody gets more by it.
    ['198.18.3.4', '198.18.3.0/24'],
    ['what', 'unknown'],
    [undefined, 'unknown'],
    ['127.0.0.1', undefined],
    ['::1', undefined],
    ['::ffff:192.168.1.2', undefined],
    ['10.1.2.3', undefined],
    ['fd00::1', undefined],
    ['fe80::1%eth0', undefined],
  ])('%s: %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
