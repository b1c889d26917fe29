// The one CBOR dialect of keymesh (docs/PROTOCOL.md 1.2), as the rest of the core uses it.

export { decodeCbor } from './cbor-decode.ts'
export { encodeCbor } from './cbor-encode.ts'
export type { CborMap, CborValue } from './cbor-item.ts'
