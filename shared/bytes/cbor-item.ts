// Data items of the CBOR dialect (docs/PROTOCOL.md 1.2): as values here, and the numbers that stand for
// them on the wire. Numbers are safe integers; there are no floats, tags, bignums or `undefined`.

export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | CborMap

export type CborMap = ReadonlyMap<string, CborValue>

/** The top three bits of an item (RFC 8949 3.1). */
export const MAJOR = {
  uint: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const

/** Arguments of major type 7 (RFC 8949 3.3). */
export const SIMPLE = { false: 20, true: 21, null: 22 } as const
