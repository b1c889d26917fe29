// A CryptoSuite and a source of randomness that tell an observer everything which passes through them: each
// argument and each result, copied at that moment. With what a node receives this is all that it can ever know.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { RandomBytes } from '../../machine/machine.ts'

export type Note = (bytes: Uint8Array) => void

export function observeSuite(suite: CryptoSuite, note: Note): CryptoSuite {
  const noteAll = (values: readonly unknown[]): void => {
    for (const value of values) if (value instanceof Uint8Array) note(value.slice())
  }
  return new Proxy(suite, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        // Before, as some are written to or wiped by their caller, and after, for what was written.
        noteAll(args)
        const result: unknown = Reflect.apply(member, target, args)
        noteAll([...args, result])
        return result
      }
    },
  })
}

export function observeRandom(random: RandomBytes, note: Note): RandomBytes {
  return length => {
    const bytes = random(length)
    note(bytes.slice())
    return bytes
  }
}
