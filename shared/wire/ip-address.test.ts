import { describe, expect, it } from 'vitest'
import { parseIpv4, parseIpv6 } from './ip-address.ts'

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
