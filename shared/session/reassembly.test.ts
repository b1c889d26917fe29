import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolViolation } from './protocol-violation.ts'
import { Reassembly } from './reassembly.ts'

const ID = new Uint8Array(16).fill(1)

describe('Reassembly', () => {
  it('is complete with the id and every byte, in any order, with any overlaps', () => {
    const piece = fc.tuple(fc.nat(99), fc.nat(40))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, idComesLast) => {
        const message = Uint8Array.from({ length: 100 }, (_, i) => i)
        const reassembly = new Reassembly(100)
        const seen = new Set<number>()
        const add = (from: number, to: number, id?: Uint8Array) => {
          reassembly.add(100, from, id, message.subarray(from, to))
          for (let i = from; i < to; i++) seen.add(i)
          const isComplete = seen.size === 100 && hasId
          expect(reassembly.completeId).toEqual(isComplete ? ID : undefined)
        }
        let hasId = !idComesLast
        if (!idComesLast) add(0, 1, ID)
        for (const [from, length] of pieces) add(from, Math.min(100, from + length + 1))
        hasId = true
        add(0, 100, ID)
        expect(reassembly.data).toEqual(message)
      }),
      { seed: 11 },
    )
  })

  it('is complete with the id alone when empty', () => {
    const reassembly = new Reassembly(0)
    expect(reassembly.completeId).toBeUndefined()
    reassembly.add(0, 0, ID, new Uint8Array(0))
    expect(reassembly.completeId).toEqual(ID)
  })

  it('takes the same bytes twice, never other ones', () => {
    const reassembly = new Reassembly(10)
    reassembly.add(10, 2, undefined, Uint8Array.of(2, 3, 4))
    reassembly.add(10, 2, undefined, Uint8Array.of(2, 3, 4))
    reassembly.add(10, 1, undefined, Uint8Array.of(1, 2))
    for (const [offset, byte] of [
      [1, 0],
      [4, 9],
    ] as const) {
      const add = () => reassembly.add(10, offset, undefined, Uint8Array.of(byte))
      expect(add).toThrow(ProtocolViolation)
    }
  })
})
