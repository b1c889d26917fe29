import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import type { CellType, DestroyReason } from './circuit-cells.ts'
import {
  decodeCellHeader,
  decodeDestroy,
  decodePayload,
  encodeCell,
  encodeDestroy,
  LARGE_CELL,
  SMALL_CELL,
  writePayload,
} from './circuit-cells.ts'
import { FRAME } from './frame-type.ts'

const TYPES: readonly [CellType, number][] = [
  [FRAME.cellSetup, SMALL_CELL],
  [FRAME.cellAck, SMALL_CELL],
  [FRAME.cellForward, SMALL_CELL],
  [FRAME.cellBackward, SMALL_CELL],
  [FRAME.cellDestroy, SMALL_CELL],
  [FRAME.cellForwardLarge, LARGE_CELL],
  [FRAME.cellBackwardLarge, LARGE_CELL],
]

describe('cell headers', () => {
  it.each(TYPES)('type %i: one size, id kept', (type, size) => {
    for (const circuitId of [1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const cell = encodeCell(type, circuitId, Uint8Array.of(9))
      expect(cell).toHaveLength(size)
      expect(decodeCellHeader(cell)).toEqual({ type, circuitId })
    }
    const cell = encodeCell(type, 1, new Uint8Array(0))
    for (const length of [0, 1, 7, 8, size - 1]) {
      expect(() => decodeCellHeader(cell.subarray(0, length))).toThrow(DecodeError)
    }
    expect(() => decodeCellHeader(new Uint8Array([...cell, 0]))).toThrow(DecodeError)
  })

  it('is byte exact', () => {
    const cell = encodeCell(FRAME.cellForward, 0x8102_0304, Uint8Array.of(0xaa, 0xbb))
    // type 0x12 | version 1 | zero | circuit id | body
    expect(toHex(cell.subarray(0, 11))).toBe('120100008102' + '0304' + 'aabb00')
  })

  it('refuses another type, version, reserved bytes, and a wrong use of id 0', () => {
    const cell = encodeCell(FRAME.cellForward, 5, new Uint8Array(0))
    for (const [index, value] of [
      [0, 0x0f],
      [0, 0x18],
      [0, FRAME.cellForwardLarge],
      [1, 0],
      [1, 2],
      [2, 1],
      [3, 1],
      [7, 0],
    ] as const) {
      const wrong = cell.slice()
      wrong[index] = value
      expect(() => decodeCellHeader(wrong)).toThrow(DecodeError)
    }
    expect(decodeCellHeader(encodeCell(FRAME.cellPad, 0, new Uint8Array(0))).circuitId).toBe(0)
    const pad = encodeCell(FRAME.cellPad, 1, new Uint8Array(0))
    expect(() => decodeCellHeader(pad)).toThrow(DecodeError)
  })

  it('throws only its own error, whatever the bytes', () => {
    const sizes = fc.constantFrom(0, 7, 8, SMALL_CELL, LARGE_CELL)
    fc.assert(
      fc.property(sizes, fc.uint8Array({ minLength: 8, maxLength: 8 }), (size, head) => {
        const cell = new Uint8Array(size)
        cell.set(head.subarray(0, size))
        try {
          decodeCellHeader(cell)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })
})

describe('destroy reasons', () => {
  it.each([
    ['protocol', 1],
    ['busy', 2],
    ['timeout', 3],
    ['closed', 4],
    ['quota', 5],
    ['unreachable', 6],
  ] as const)('%s is %i', (reason: DestroyReason, code) => {
    const cell = encodeDestroy(3, reason)
    expect(toHex(cell.subarray(0, 10))).toBe(`14010000000000030${code}00`)
    expect(decodeDestroy(cell)).toBe(reason)
  })

  it('reads an unknown reason as closed', () => {
    for (const code of [0, 7, 255]) {
      expect(decodeDestroy(encodeCell(FRAME.cellDestroy, 1, Uint8Array.of(code)))).toBe('closed')
    }
  })
})

describe('payloads', () => {
  it('is byte exact and reads back', () => {
    const target = new Uint8Array(12)
    writePayload(target, 2, 'credit', Uint8Array.of(7, 8))
    expect(toHex(target)).toBe('0000' + '02000002' + '0708' + '00000000')
    expect(decodePayload(target.subarray(2))).toEqual({
      command: 'credit',
      data: Uint8Array.of(7, 8),
    })
  })

  it('leaves nothing of what was there before', () => {
    const target = new Uint8Array(12).fill(0xff)
    writePayload(target, 2, 'credit', Uint8Array.of(7, 8))
    expect(toHex(target)).toBe('ffff' + '02000002' + '0708' + '00000000')
  })

  it('carries every length up to its end', () => {
    for (const size of [936, 1_000, 16_296, 16_360]) {
      for (const length of [0, 1, 255, 256, size - 5, size - 4]) {
        const target = new Uint8Array(size)
        writePayload(target, 0, 'data', new Uint8Array(length).fill(1))
        expect(decodePayload(target).data).toHaveLength(length)
      }
    }
  })

  it.each(['', '01', '0100', '010000', '0000000000', '0300000000', '0101000000', '0100000200'])(
    'refuses %s',
    hex => {
      expect(() => decodePayload(fromHex(hex))).toThrow(DecodeError)
    },
  )
})
