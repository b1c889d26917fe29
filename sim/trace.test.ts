// The fingerprint notices any change in what happened, and nothing else.

import { describe, expect, it } from 'vitest'
import { Trace } from './trace.ts'

function digestOf(write: (trace: Trace) => void): string {
  const trace = new Trace()
  write(trace)
  return trace.digest()
}

const bytes = Uint8Array.from({ length: 11 }, (_, index) => index)
const base = digestOf(trace => trace.add(1.5, 2, 'message', 3, bytes))

describe('Trace', () => {
  it('is 16 hex digits, the same for the same history', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/)
    expect(digestOf(trace => trace.add(1.5, 2, 'message', 3, bytes.slice()))).toBe(base)
  })

  it('differs by time, node, kind, detail and each byte', () => {
    const others = [
      digestOf(trace => trace.add(1.5000001, 2, 'message', 3, bytes)),
      digestOf(trace => trace.add(1.5, 3, 'message', 3, bytes)),
      digestOf(trace => trace.add(1.5, 2, 'lost', 3, bytes)),
      digestOf(trace => trace.add(1.5, 2, 'message', 4, bytes)),
      digestOf(trace => trace.add(1.5, 2, 'message', 3)),
      ...Array.from(bytes, (_, at) => {
        const changed = bytes.slice()
        changed[at] = 255
        return digestOf(trace => trace.add(1.5, 2, 'message', 3, changed))
      }),
    ]
    expect(new Set([base, ...others]).size).toBe(others.length + 1)
  })

  it('differs by order', () => {
    const one = (trace: Trace) => trace.add(1, 1, 'wake', 0)
    const two = (trace: Trace) => trace.add(1, 2, 'wake', 0)
    const oneTwo = digestOf(trace => {
      one(trace)
      two(trace)
    })
    const twoOne = digestOf(trace => {
      two(trace)
      one(trace)
    })
    expect(oneTwo).not.toBe(twoOne)
  })

  it('takes the notes of a scenario in, and counts entries', () => {
    const trace = new Trace()
    const before = trace.digest()
    trace.note(0, 'all online')
    expect(trace.digest()).not.toBe(before)
    expect(trace.count).toBe(1)
  })
})
