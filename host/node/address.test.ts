import { describe, expect, it } from 'vitest'
import { addressClassOf, addressGroupOf, alternateFamilies, isSameAddress } from './address.ts'

describe('the class of an address', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['9.255.255.255', 'public'],
    ['11.0.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.4.5', 'private'],
    ['192.169.0.1', 'public'],
    ['169.254.169.254', 'private'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'private'],
    ['100.127.255.255', 'private'],
    ['100.128.0.0', 'public'],
    ['::ffff:192.168.0.1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['fc00::1', 'private'],
    ['fdff:ffff::', 'private'],
    ['fe00::1', 'public'],
    ['fe80::1%eth0', 'private'],
    ['febf::1', 'private'],
    ['fec0::1', 'public'],
    ['2001:db8::1', 'public'],
    ['::', 'public'],
    ['::2', 'public'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
    ['256.0.0.1', 'unknown'],
    ['1.2.3', 'unknown'],
    ['1::2::3', 'unknown'],
    ['1:2:3:4:5:6:7', 'unknown'],
    ['1:2:3:4:5:6:7:8:9', 'unknown'],
    ['1:2:3:4:5:6:7::8', 'unknown'],
    ['12345::', 'unknown'],
    ['g::1', 'unknown'],
  ] as const)('of %s is %s', (address, expected) => {
    expect(addressClassOf(address)).toBe(expected)
  })
})

describe('the group of an address', () => {
  it('is an IPv4 address itself, in whatever form it comes', () => {
    const group = { network: '192.0.2.1', site: undefined }
    expect(addressGroupOf('192.0.2.1')).toEqual(group)
    expect(addressGroupOf('::ffff:192.0.2.1')).toEqual(group)
    expect(addressGroupOf('::FFFF:c000:0201')).toEqual(group)
    expect(addressGroupOf('192.0.2.2').network).not.toBe('192.0.2.1')
  })

  it('is an IPv6 /56 within a /48', () => {
    const { network, site } = addressGroupOf('2001:db8:1:1234::1')
    expect(site).toBe('2001:db8:1/48')
    expect(network).toBe('2001:db8:1:1200/56')
    expect(addressGroupOf('2001:db8:1:12ff:ffff::').network).toBe(network)
    expect(addressGroupOf('2001:db8:1:1300::').network).not.toBe(network)
    expect(addressGroupOf('2001:db8:1:1300::').site).toBe(site)
    expect(addressGroupOf('2001:db8:2::').site).not.toBe(site)
  })

  it('is one for all that cannot be read', () => {
    expect(addressGroupOf('what')).toEqual(addressGroupOf(undefined))
  })
})

describe('two addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
    ['fe80::1', 'fe80::1%eth0', true],
    ['192.0.2.1', '192.0.2.10', false],
    ['1.2.3.4', '102:304::', false],
    ['localhost', 'localhost', false],
    [undefined, undefined, false],
  ])('%s and %s are the same: %s', (one, other, isSame) => {
    expect(isSameAddress(one, other)).toBe(isSame)
    expect(isSameAddress(other, one)).toBe(isSame)
  })
})

it('families take turns, each in its order', () => {
  expect(alternateFamilies([])).toEqual([])
  expect(alternateFamilies(['::1', '::2', '1.1.1.1', '::3'])).toEqual([
    '1.1.1.1',
    '::1',
    '::2',
    '::3',
  ])
  expect(alternateFamilies(['1.1.1.1', '2.2.2.2'])).toEqual(['1.1.1.1', '2.2.2.2'])
})
