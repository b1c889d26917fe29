// Walks the heads of a CBOR item and refuses everything outside the dialect of docs/PROTOCOL.md 1.2
// before anything is allocated for it: RFC 8949 5.3.1 (well-formed), 4.2.1 (deterministic), and our own
// bounds. It builds no values. Every length is compared with what is left before it is believed.

import { DecodeError } from './decode-error.ts'
import { compareBytes } from './equal.ts'
import { checkUtf8 } from './utf8.ts'

export interface CborLimits {
  /** Arrays and maps inside one another. */
  readonly maxDepth: number
  /** Data items in all: every key, value, element and container counts one. */
  readonly maxItems: number
}

const MAJOR = {
  uint: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const
const FALSE = 20
const NULL = 22
// First value that needs the 1, 2, 4 or 8 bytes of additional information 24-27.
const SHORTEST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

/** @throws DecodeError unless `bytes` are exactly one item of the dialect within `limits`. */
export function scanCbor(bytes: Uint8Array, limits: CborLimits): void {
  const scan: Scan = { bytes, offset: 0, itemsLeft: limits.maxItems, depthLeft: limits.maxDepth }
  scanItem(scan)
  if (scan.offset !== bytes.length) throw new DecodeError('CBOR has trailing bytes')
}

interface Scan {
  readonly bytes: Uint8Array
  offset: number
  itemsLeft: number
  depthLeft: number
}

/** Moves past one item. Returns its major type. */
function scanItem(scan: Scan): number {
  if (scan.itemsLeft-- === 0) throw new DecodeError('CBOR has too many items')
  const initial = nextByte(scan)
  const major = initial >> 5
  const argument = scanArgument(scan, initial & 31)
  switch (major) {
    case MAJOR.uint:
    case MAJOR.negative:
      // The value of a negative one is -1 - argument.
      if (argument + major > Number.MAX_SAFE_INTEGER)
        throw new DecodeError('CBOR integer is too large')
      break
    case MAJOR.bytes:
    case MAJOR.text:
      if (argument > left(scan)) throw new DecodeError('CBOR string is longer than the input')
      if (major === MAJOR.text) checkUtf8(scan.bytes, scan.offset, scan.offset + argument)
      scan.offset += argument
      break
    case MAJOR.array:
    case MAJOR.map:
      scanContainer(scan, major, argument)
      break
    case MAJOR.tag:
      throw new DecodeError('CBOR tags are not used')
    default:
      if (argument < FALSE || argument > NULL) throw new DecodeError('CBOR simple value or float')
  }
  return major
}

/** The argument of a head: its value, length or count (RFC 8949 3), in the shortest form only. */
function scanArgument(scan: Scan, information: number): number {
  if (information < 24) return information
  if (information > 27) throw new DecodeError('CBOR length is indefinite or reserved')
  const step = information - 24
  let argument = 0
  for (let i = 0; i < 1 << step; i++) argument = argument * 256 + nextByte(scan)
  if (argument < (SHORTEST[step] as number)) throw new DecodeError('CBOR head is not the shortest')
  return argument
}

function scanContainer(scan: Scan, major: number, count: number): void {
  const itemsPerEntry = major === MAJOR.map ? 2 : 1
  if (count * itemsPerEntry > left(scan))
    throw new DecodeError('CBOR container is longer than the input')
  if (scan.depthLeft-- === 0) throw new DecodeError('CBOR is nested too deep')
  let previousKey: Uint8Array | undefined
  for (let i = 0; i < count; i++) {
    if (major === MAJOR.map) previousKey = scanKey(scan, previousKey)
    scanItem(scan)
  }
  scan.depthLeft++
}

/** Keys are text, and each encoding is greater, byte by byte, than the one before: sorted and unique. */
function scanKey(scan: Scan, previous: Uint8Array | undefined): Uint8Array {
  const start = scan.offset
  if (scanItem(scan) !== MAJOR.text) throw new DecodeError('CBOR map key is not text')
  const key = scan.bytes.subarray(start, scan.offset)
  if (previous !== undefined && compareBytes(previous, key) >= 0) {
    throw new DecodeError('CBOR map keys are not sorted and unique')
  }
  return key
}

function left(scan: Scan): number {
  return scan.bytes.length - scan.offset
}

function nextByte(scan: Scan): number {
  const byte = scan.bytes[scan.offset]
  if (byte === undefined) throw new DecodeError('CBOR ends too early')
  scan.offset++
  return byte
}
