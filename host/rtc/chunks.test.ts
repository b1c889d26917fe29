import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../shared/bytes/equal.ts'
import { toHex } from '../../shared/bytes/hex.ts'
import { CLOSE_CODE } from '../../shared/wire/close-code.ts'
import { WS_MAX_MESSAGE_BYTES } from '../../shared/wire/limits.ts'
import { CHUNK_MAX_BYTES, ChunkJoiner, endChunk, sendChunks } from './chunks.ts'

const BODY = CHUNK_MAX_BYTES - 1

function chunksOf(message: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  sendChunks(message, chunk => void chunks.push(chunk.slice()))
  return chunks
}

function filled(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff)
}

/** A chunk of this head and length. */
function chunk(head: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes[0] = head
  return bytes
}

describe('chunks', () => {
  it('have a head of one byte', () => {
    expect(chunksOf(Uint8Array.of(1, 2, 3)).map(toHex)).toEqual(['00010203'])
    expect(chunksOf(new Uint8Array()).map(toHex)).toEqual(['00'])
    expect(toHex(endChunk('quota'))).toBe('020b')
  })

  it.each([
    [0, [1]],
    [1, [2]],
    [BODY - 1, [CHUNK_MAX_BYTES - 1]],
    [BODY, [CHUNK_MAX_BYTES]],
    [BODY + 1, [CHUNK_MAX_BYTES, 2]],
    [2 * BODY, [CHUNK_MAX_BYTES, CHUNK_MAX_BYTES]],
    [
      WS_MAX_MESSAGE_BYTES,
      [...Array(4).fill(CHUNK_MAX_BYTES), WS_MAX_MESSAGE_BYTES - 4 * BODY + 1],
    ],
  ])('a message of %i bytes goes in chunks of %j', (length, lengths) => {
    expect(chunksOf(filled(length)).map(one => one.length)).toEqual(lengths)
  })

  it('are joined to the messages they were', () => {
    const joiner = new ChunkJoiner()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: WS_MAX_MESSAGE_BYTES }), length => {
        const joined = chunksOf(filled(length)).map(one => joiner.take(one))
        const last = joined.pop()
        expect(joined.every(({ kind }) => kind === 'more')).toBe(true)
        expect(last?.kind === 'message' && equalBytes(last.bytes, filled(length))).toBe(true)
      }),
      { seed: 5, numRuns: 50 },
    )
  })

  it.each(Object.keys(CLOSE_CODE) as (keyof typeof CLOSE_CODE)[])('say the end: %s', reason => {
    expect(new ChunkJoiner().take(endChunk(reason))).toEqual({ kind: 'end', reason })
  })
})

describe('a joiner', () => {
  it.each([
    ['is empty', new Uint8Array()],
    ['has an unknown head', chunk(3, 10)],
    ['is over the limit', chunk(0, CHUNK_MAX_BYTES + 1)],
    ['has more to follow and is not full', chunk(1, CHUNK_MAX_BYTES - 1)],
    ['has more to follow and is too full', chunk(1, CHUNK_MAX_BYTES + 1)],
    ['ends without a reason', chunk(2, 1)],
    ['ends with more than a reason', chunk(2, 3)],
  ])('takes none that %s', (_, bytes) => {
    expect(new ChunkJoiner().take(bytes)).toEqual({ kind: 'violation', reason: 'protocol' })
  })

  it('takes no end in the middle of a message', () => {
    const joiner = new ChunkJoiner()
    expect(joiner.take(chunk(1, CHUNK_MAX_BYTES)).kind).toBe('more')
    expect(joiner.take(endChunk('normal'))).toEqual({ kind: 'violation', reason: 'protocol' })
  })

  it('reads an unknown reason, of a newer peer, as none in particular', () => {
    expect(new ChunkJoiner().take(Uint8Array.of(2, 250))).toEqual({ kind: 'end', reason: 'normal' })
  })

  it.each([
    [WS_MAX_MESSAGE_BYTES - 1, 'message'],
    [WS_MAX_MESSAGE_BYTES, 'message'],
    [WS_MAX_MESSAGE_BYTES + 1, 'violation'],
  ])('takes messages up to the limit: %i bytes', (length, kind) => {
    const joiner = new ChunkJoiner()
    expect(
      chunksOf(filled(length))
        .map(one => joiner.take(one).kind)
        .pop(),
    ).toBe(kind)
  })

  it('holds no more than one message, whatever comes', () => {
    const joiner = new ChunkJoiner()
    const kinds = Array.from({ length: 5 }, () => joiner.take(chunk(1, CHUNK_MAX_BYTES)))
    expect(kinds.slice(0, 4).every(({ kind }) => kind === 'more')).toBe(true)
    expect(kinds.pop()).toEqual({ kind: 'violation', reason: 'tooLarge' })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), chunks => {
        const joiner = new ChunkJoiner()
        for (const one of chunks) joiner.take(one)
      }),
      { seed: 6 },
    )
  })
})
