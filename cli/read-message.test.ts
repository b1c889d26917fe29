import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readMessage } from './read-message.ts'

const MAX_BYTES = 1_048_576

function read(...chunks: Uint8Array[]) {
  const stdin = new PassThrough()
  for (const chunk of chunks) stdin.write(chunk)
  stdin.end()
  return readMessage(stdin, new AbortController().signal)
}

describe('a message from stdin', () => {
  it.each([MAX_BYTES - 1, MAX_BYTES])('may have %i bytes', async size => {
    expect(await read(new Uint8Array(size).fill(65))).toHaveLength(size)
  })

  it('has at most as many as the library takes, and says how many', async () => {
    const tooMuch = read(new Uint8Array(MAX_BYTES), Uint8Array.of(65))
    await expect(tooMuch).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'A message has at most 1048576 bytes; stdin has more.',
    })
  })

  it('is text where it is UTF-8, also when a character comes in two pieces', async () => {
    expect(await read(Uint8Array.of(0xc3), Uint8Array.of(0xa9))).toBe('é')
    expect(await read(Uint8Array.of(0xc3))).toEqual(Uint8Array.of(0xc3))
  })

  it('is given up with the command', async () => {
    const aborting = new AbortController()
    const message = readMessage(new PassThrough(), aborting.signal)
    aborting.abort()
    await expect(message).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
