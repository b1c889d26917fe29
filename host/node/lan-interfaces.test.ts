import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { LAN_MAX_INTERFACES } from '../../shared/wire/limits.ts'
import { LanInterfaces, plainAddress, readInterfaces } from './lan-interfaces.ts'

function info(cidr: string, isInternal = false): NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/')
  const base = { address, netmask: '', mac: '', internal: isInternal, cidr }
  return address.includes(':')
    ? { ...base, family: 'IPv6', scopeid: 0 }
    : { ...base, family: 'IPv4' }
}

describe('the interfaces of a machine', () => {
  const interfaces = new LanInterfaces({
    lo: [info('127.0.0.1/8', true), info('::1/128', true)],
    eth0: [
      info('192.168.1.5/24'),
      info('10.0.0.5/30'),
      info('2001:db8:1::5/64'),
      info('fe80::5/64'),
    ],
    vpn: [info('100.64.1.2/32')],
    tap: [info('fe80::9/64')],
    odd: [{ ...info('172.20.0.1/16'), cidr: null }, info('0.0.0.1/0')],
  })

  it('are those that lead out, each with what the system knows it by', () => {
    expect(interfaces.all).toEqual([
      { name: 'eth0', v4: '192.168.1.5', zone: 'eth0' },
      { name: 'vpn', v4: '100.64.1.2', zone: undefined },
      { name: 'tap', v4: undefined, zone: 'tap' },
      { name: 'odd', v4: '172.20.0.1', zone: undefined },
    ])
  })

  it.each([
    ['192.168.1.1', true],
    ['192.168.1.255', true],
    ['192.168.2.1', false],
    ['10.0.0.6', true],
    ['10.0.0.8', false],
    ['100.64.1.2', true],
    ['100.64.1.3', false],
    ['2001:db8:1::ffff', true],
    ['2001:db8:2::1', false],
    ['fe80::1234', true],
    ['FEBF::1', true],
    ['fec0::1', false],
    ['172.20.0.2', false],
    ['203.0.113.1', false],
    ['8.8.8.8', false],
    ['127.0.0.1', false],
    ['::1', false],
    ['', false],
    ['eth0', false],
  ])('%s is on one of their networks: %s', (address, expected) => {
    expect(interfaces.isOnLink({ address, zone: undefined })).toBe(expected)
  })

  it('show a change of addresses, and nothing else', () => {
    const table = { eth0: [info('192.168.1.5/24')] }
    const before = new LanInterfaces(table).fingerprint
    expect(new LanInterfaces(table).fingerprint).toBe(before)
    expect(new LanInterfaces({ eth0: [info('192.168.1.6/24')] }).fingerprint).not.toBe(before)
    expect(new LanInterfaces({ ...table, eth1: [info('fe80::1/64')] }).fingerprint).not.toBe(before)
    expect(new LanInterfaces({ ...table, lo: [info('127.0.0.1/8', true)] }).fingerprint).toBe(
      before,
    )
  })

  it('are only so many', () => {
    const names = Array.from({ length: LAN_MAX_INTERFACES + 5 }, (_, n) => `veth${n}`)
    const table = Object.fromEntries(names.map(name => [name, [info('fe80::1/64')]]))
    expect(new LanInterfaces(table).all).toHaveLength(LAN_MAX_INTERFACES)
  })

  it('can be read on this machine', () => {
    expect(readInterfaces().isOnLink({ address: '127.0.0.1', zone: undefined })).toBe(false)
  })
})

describe('an address as a socket tells it', () => {
  it.each([
    ['192.168.1.7', '192.168.1.7', undefined],
    ['::ffff:192.168.1.7', '192.168.1.7', undefined],
    ['fe80::1%eth0', 'fe80::1', 'eth0'],
    ['fe80::1%12', 'fe80::1', '12'],
    ['fd00::1', 'fd00::1', undefined],
    ['fd00::1%eth0', 'fd00::1', undefined],
    ['', '', undefined],
  ])('%s is %s behind %s', (told, address, zone) => {
    expect(plainAddress(told)).toEqual({ address, zone })
  })
})
