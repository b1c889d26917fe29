import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { toHex } from '../bytes/hex.ts'
import { MESH_RELAYS_PER_ANSWER, RECORD_MAX_BYTES } from './limits.ts'
import { readRelaysAnswer, relaysAnswer } from './relays-body.ts'

function body(relays: CborValue): CborMap {
  return new Map([['relays', relays]])
}

describe('the answer to relays', () => {
  it('is a list of records', () => {
    const records = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    const answer = relaysAnswer(records)
    expect(toHex(encodeCbor(answer))).toBe('a16672656c617973824201024103')
    expect(readRelaysAnswer(answer)).toEqual(records)
    expect(readRelaysAnswer(relaysAnswer([]))).toEqual([])
  })

  it.each([MESH_RELAYS_PER_ANSWER - 1, MESH_RELAYS_PER_ANSWER, MESH_RELAYS_PER_ANSWER + 1])(
    'names of %i as many as it may',
    count => {
      const records = Array.from({ length: count }, () => Uint8Array.of(1))
      const told = Math.min(count, MESH_RELAYS_PER_ANSWER)
      expect(readRelaysAnswer(relaysAnswer(records))).toHaveLength(told)
    },
  )

  it.each<[string, CborMap]>([
    ['nothing', new Map()],
    ['no list', body('relays')],
    ['a record that is none', body(['record'])],
    ['a record that is too long', body([new Uint8Array(RECORD_MAX_BYTES + 1)])],
    ['too many', body(Array.from({ length: MESH_RELAYS_PER_ANSWER + 1 }, () => new Uint8Array(1)))],
  ])('that holds %s is refused', (_, wrong) => {
    expect(() => readRelaysAnswer(wrong)).toThrow(DecodeError)
  })

  it('throws its own error only, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        try {
          readRelaysAnswer(body(decodeCbor(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
