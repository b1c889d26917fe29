// Reads what a peer sent where it is no matter whether it makes sense.

import { DecodeError } from './decode-error.ts'

/** @returns `undefined` for what `read` refuses with a DecodeError */
export function tryDecode<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}
