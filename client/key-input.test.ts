import { describe, expect, it } from 'vitest'
import { readKey, readPeerKey } from './key-input.ts'
import { ANN, ME } from './testing/explanations.ts'

describe('a key as callers give it', () => {
  it('is text', () => {
    expect(() => readKey(ANN)).not.toThrow()
    expect(readPeerKey(ANN, readKey(ME))).toBe(readKey(ANN))
  })

  it.each([
    [undefined, 'not undefined'],
    [null, 'not null'],
    [5, 'not a number'],
    [{}, 'not an object'],
    [new Uint8Array(32), 'not an object'],
  ])('is refused in a sentence where it is %s', (given, what) => {
    expect(() => readKey(given as never)).toThrow(
      expect.objectContaining({
        name: 'MeshError',
        code: 'INVALID_KEY',
        message: `A key is text that starts with "key_", ${what}.`,
      }),
    )
  })

  it('is not our own, where others are meant', () => {
    const refused = expect.objectContaining({ code: 'REFUSED' })
    expect(() => readPeerKey(ME, readKey(ME))).toThrow(refused)
  })
})
