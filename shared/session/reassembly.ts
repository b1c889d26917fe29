// One incoming message that arrives in pieces, in any order, with overlaps where a piece was sent twice.
// Its memory is charged to the credit before it is made (flow.ts). Pieces that contradict each other are a
// violation.

import { equalBytes } from '../bytes/equal.ts'
import { MESSAGE_MAX_PIECES } from '../wire/limits.ts'
import { ProtocolViolation } from './protocol-violation.ts'

export class Reassembly {
  readonly data: Uint8Array
  #id: Uint8Array | undefined
  // [from, to) pairs of what is here, lowest first, never touching.
  readonly #pieces: number[] = []

  constructor(totalBytes: number) {
    this.data = new Uint8Array(totalBytes)
  }

  /** The id, once every byte is here. */
  get completeId(): Uint8Array | undefined {
    if (this.data.length === 0) return this.#id
    return this.#pieces[0] === 0 && this.#pieces[1] === this.data.length ? this.#id : undefined
  }

  /** `bytes` and `id` are copied. `offset + bytes.length` is within `totalBytes`. */
  add(totalBytes: number, offset: number, id: Uint8Array | undefined, bytes: Uint8Array): void {
    if (totalBytes !== this.data.length) throw new ProtocolViolation('message changes its length')
    if (id !== undefined) this.#setId(id)
    if (bytes.length === 0) return
    const pieces = this.#pieces
    const end = offset + bytes.length
    if (pieces.length === 2 && pieces[1] === offset) pieces[1] = end
    else this.#merge(offset, end, bytes)
    this.data.set(bytes, offset)
  }

  #setId(id: Uint8Array): void {
    if (this.#id === undefined) this.#id = id.slice()
    else if (!equalBytes(this.#id, id)) throw new ProtocolViolation('message changes its id')
  }

  #merge(offset: number, end: number, bytes: Uint8Array): void {
    const pieces = this.#pieces
    let first = 0
    while (first < pieces.length && (pieces[first + 1] as number) < offset) first += 2
    let behind = first
    let [from, to] = [offset, end]
    while (behind < pieces.length && (pieces[behind] as number) <= end) {
      const [pieceFrom, pieceTo] = [pieces[behind] as number, pieces[behind + 1] as number]
      this.#compare(Math.max(pieceFrom, offset), Math.min(pieceTo, end), offset, bytes)
      from = Math.min(from, pieceFrom)
      to = Math.max(to, pieceTo)
      behind += 2
    }
    pieces.splice(first, behind - first, from, to)
    if (pieces.length > 2 * MESSAGE_MAX_PIECES) throw new ProtocolViolation('too many pieces')
  }

  /** What came twice must be the same. */
  #compare(from: number, to: number, offset: number, bytes: Uint8Array): void {
    if (from >= to) return
    if (!equalBytes(this.data.subarray(from, to), bytes.subarray(from - offset, to - offset))) {
      throw new ProtocolViolation('fragments contradict each other')
    }
  }
}
