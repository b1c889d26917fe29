// FWD and BWD cells of both classes (docs/PROTOCOL.md 6): layered AEAD forward, so that a flipped bit
// dies at the next honest hop; layered key streams around one AEAD backward. Works on whole cells: the
// header is written with the body, so that each hop allocates one buffer and copies no more than once.
// Counters are implicit; the caller never uses one twice with the same keys.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { CellType } from '../wire/circuit-cells.ts'
import { CELL_HEADER, newCell } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { DataKeys } from './hop-keys.ts'
import { INNER_TAGS, LARGE_BODY, MAC, SMALL_BODY, TAGS } from './onion-layout.ts'

const NO_AD = new Uint8Array(0)
const ZERO_FILL = new Uint8Array(MAC)
const BODY = CELL_HEADER
const CIPHERTEXT = CELL_HEADER + MAC

export interface SealedCell {
  readonly cell: Uint8Array
  /** The tag that the far end sees: it names this cell in a credit. */
  readonly tag: Uint8Array
}

export interface OpenedCell {
  readonly payload: Uint8Array
  readonly tag: Uint8Array
}

/** Room for one cell while its tag moves behind its ciphertext; holds no secrets. */
export function newScratch(): Uint8Array {
  return new Uint8Array(LARGE_BODY)
}

/** Where the payload starts in the plaintext of `sealForward`, which fills what is before. */
export const FORWARD_PAYLOAD = INNER_TAGS

/** Zeros, for the caller to write a payload into. */
export function emptyPlaintext(isLarge: boolean): Uint8Array {
  return new Uint8Array((isLarge ? LARGE_BODY : SMALL_BODY) - MAC)
}

/** As `emptyPlaintext`, but in `memory` of at least that size and with what happens to be there. */
export function plaintextIn(memory: Uint8Array, isLarge: boolean): Uint8Array {
  return memory.subarray(0, (isLarge ? LARGE_BODY : SMALL_BODY) - MAC)
}

/**
 * At the origin. `plaintext` is used up. Takes from `random` 64 - 16 (hops - 1) bytes, if any.
 * `hops`: first hop first.
 */
export function sealForward(
  suite: CryptoSuite,
  random: RandomBytes,
  hops: readonly DataKeys[],
  counter: number,
  circuitId: number,
  plaintext: Uint8Array,
): SealedCell {
  plaintext.set(lastHopHead(suite, random, hops, counter))
  let tag: Uint8Array | undefined
  for (let i = hops.length - 1; i > 0; i--) {
    const layerTag = new Uint8Array(MAC)
    const key = (hops[i] as DataKeys).forward
    suite.sealInto(key, counter, NO_AD, plaintext, plaintext, layerTag)
    // ciphertext and tag become tag | first 48 | the rest, in place; the 16 bytes between are the fill,
    // which the relay makes itself.
    plaintext.copyWithin(MAC, 0, INNER_TAGS - MAC)
    plaintext.set(layerTag)
    tag ??= layerTag
  }
  const isLarge = plaintext.length === LARGE_BODY - MAC
  const cell = newCell(isLarge ? FRAME.cellForwardLarge : FRAME.cellForward, circuitId)
  const firstTag = sealBody(suite, (hops[0] as DataKeys).forward, counter, plaintext, cell)
  return { cell, tag: tag ?? firstTag.slice() }
}

/** @returns the whole cell for the next hop, or `undefined` when this one was forged. */
export function openForwardAtRelay(
  suite: CryptoSuite,
  keys: DataKeys,
  counter: number,
  cell: Uint8Array,
  nextCircuitId: number,
  scratch: Uint8Array,
): Uint8Array | undefined {
  const plaintext = suite.open(keys.forward, counter, NO_AD, tagLast(cell, BODY, scratch))
  if (plaintext === undefined) return undefined
  const next = newCell(cell[0] as CellType, nextCircuitId)
  next.set(plaintext.subarray(0, INNER_TAGS), BODY)
  next.set(suite.xorStream(keys.fill, counter, 0, ZERO_FILL), BODY + INNER_TAGS)
  next.set(plaintext.subarray(INNER_TAGS), BODY + TAGS)
  return next
}

/** @returns `undefined` when the cell was forged. The tag is a view of `cell`. */
export function openForwardAtEnd(
  suite: CryptoSuite,
  keys: DataKeys,
  counter: number,
  cell: Uint8Array,
  scratch: Uint8Array,
): OpenedCell | undefined {
  const plaintext = suite.open(keys.forward, counter, NO_AD, tagLast(cell, BODY, scratch))
  if (plaintext === undefined) return undefined
  return { payload: plaintext.subarray(INNER_TAGS), tag: cell.subarray(BODY, CIPHERTEXT) }
}

/** At the end. */
export function sealBackward(
  suite: CryptoSuite,
  keys: DataKeys,
  counter: number,
  circuitId: number,
  plaintext: Uint8Array,
): SealedCell {
  const isLarge = plaintext.length === LARGE_BODY - MAC
  const cell = newCell(isLarge ? FRAME.cellBackwardLarge : FRAME.cellBackward, circuitId)
  const tag = sealBody(suite, keys.backward, counter, plaintext, cell)
  return { cell, tag: tag.slice() }
}

/** At a relay. @returns the whole cell for the hop before. */
export function wrapBackward(
  suite: CryptoSuite,
  keys: DataKeys,
  counter: number,
  cell: Uint8Array,
  previousCircuitId: number,
): Uint8Array {
  const previous = newCell(cell[0] as CellType, previousCircuitId)
  previous.set(suite.xorStream(keys.backward, counter, 1, cell.subarray(BODY)), BODY)
  return previous
}

/** At the origin. @returns `undefined` when any hop changed the cell. The tag is a view of `scratch`. */
export function openBackward(
  suite: CryptoSuite,
  hops: readonly DataKeys[],
  counter: number,
  cell: Uint8Array,
  scratch: Uint8Array,
): OpenedCell | undefined {
  const last = hops.length - 1
  let body = cell.subarray(BODY)
  for (let i = 0; i < last; i++) {
    body = suite.xorStream((hops[i] as DataKeys).backward, counter, 1, body)
  }
  const sealed = tagLast(body, 0, scratch)
  const payload = suite.open((hops[last] as DataKeys).backward, counter, NO_AD, sealed)
  return payload && { payload, tag: sealed.subarray(payload.length) }
}

/**
 * The 64 plaintext bytes which make the last hop's ciphertext begin with random bytes and then with the
 * fills of the relays before it, so that every layer lines up.
 */
function lastHopHead(
  suite: CryptoSuite,
  random: RandomBytes,
  hops: readonly DataKeys[],
  counter: number,
): Uint8Array {
  const head = new Uint8Array(INNER_TAGS)
  const last = hops.length - 1
  for (let i = 0; i < last; i++) {
    const keys = hops[i] as DataKeys
    // What this relay decrypts at the end of the head: the fills of the relays before it.
    if (i > 0) head.set(suite.xorStream(keys.forward, counter, 1, head))
    head.copyWithin(0, MAC)
    head.set(suite.xorStream(keys.fill, counter, 0, ZERO_FILL), INNER_TAGS - MAC)
  }
  const randomBytes = INNER_TAGS - MAC * last
  if (randomBytes > 0) head.set(random(randomBytes))
  return suite.xorStream((hops[last] as DataKeys).forward, counter, 1, head)
}

/** Seals into the body of `cell`, tag first. @returns the tag, a view of the cell */
function sealBody(
  suite: CryptoSuite,
  key: Uint8Array,
  counter: number,
  plaintext: Uint8Array,
  cell: Uint8Array,
): Uint8Array {
  const tag = cell.subarray(BODY, CIPHERTEXT)
  suite.sealInto(key, counter, NO_AD, plaintext, cell.subarray(CIPHERTEXT), tag)
  return tag
}

/** Ciphertext | tag, as the suite opens it, from a body at `offset` whose tag comes first. */
function tagLast(bytes: Uint8Array, offset: number, scratch: Uint8Array): Uint8Array {
  const size = bytes.length - offset - MAC
  scratch.set(bytes.subarray(offset + MAC))
  scratch.set(bytes.subarray(offset, offset + MAC), size)
  return scratch.subarray(0, size + MAC)
}
