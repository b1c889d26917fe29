import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../bytes/hex.ts'
import {
  PACKET_HEADER_BYTES,
  PACKET_OVERHEAD_BYTES,
  packetTagOf,
  readPacketHeader,
  writePacketHeader,
} from './session-packet.ts'

describe('session packet headers', () => {
  it.each([
    [0, 0, '00000000' + '0000000000000000'],
    [0x01020304, 5, '01020304' + '0000000000000005'],
    [0xfffefdfc, 2 ** 32, 'fffefdfc' + '0000000100000000'],
    [0x80000000, 2 ** 53 - 1, '80000000' + '001fffffffffffff'],
  ])('tag %i, counter %i', (tag, counter, hex) => {
    const header = new Uint8Array(PACKET_HEADER_BYTES)
    writePacketHeader(header, tag, counter)
    expect(toHex(header)).toBe(hex)
    const packet = fromHex(hex + '00'.repeat(PACKET_OVERHEAD_BYTES - PACKET_HEADER_BYTES))
    expect(readPacketHeader(packet)).toEqual({ tag, counter })
    for (let length = 0; length < packet.length; length++) {
      expect(readPacketHeader(packet.subarray(0, length))).toBeUndefined()
    }
  })

  it('refuses a counter that no number holds', () => {
    const tail = '00'.repeat(16)
    expect(readPacketHeader(fromHex(`000000000020000000000000${tail}`))).toBeUndefined()
    expect(readPacketHeader(fromHex(`00000000ffffffffffffffff${tail}`))).toBeUndefined()
  })

  it('names an epoch by the first bytes of its tag', () => {
    expect(packetTagOf(fromHex('f1020304ffffffffffffffffffffffff'))).toBe(0xf1020304)
  })
})
