// The fingerprint of a run: everything that crosses a host boundary is folded into one running hash.
// Equal seeds must give equal digests; a difference means that something outside the seed had a say.
// Two 32-bit lanes of multiply-and-rotate mixing: finds accidents, withstands no adversary.

const TRACE_KIND = {
  wake: 1,
  dial: 2,
  opened: 3,
  accepted: 4,
  message: 5,
  writable: 6,
  lost: 7,
  close: 8,
  save: 9,
  storage: 10,
  boot: 11,
  kill: 12,
  fault: 13,
  note: 14,
  signal: 15,
} as const

export type TraceKind = keyof typeof TRACE_KIND

export class Trace {
  #low = 0x243f6a88
  #high = 0x85a308d3
  #count = 0
  readonly #microseconds = new DataView(new ArrayBuffer(8))

  /** How many entries were folded in. */
  get count(): number {
    return this.#count
  }

  /** @param node number of the node it happened to; @param detail link id, code or other small number */
  add(atMs: number, node: number, kind: TraceKind, detail: number, bytes?: Uint8Array): void {
    this.#count += 1
    this.#microseconds.setFloat64(0, atMs)
    this.#fold(this.#microseconds.getUint32(0))
    this.#fold(this.#microseconds.getUint32(4))
    this.#fold((node << 8) | TRACE_KIND[kind])
    this.#fold(detail)
    if (bytes !== undefined) this.#foldBytes(bytes)
  }

  /** What a scenario itself wants in the fingerprint: a message delivered, a phase reached. */
  note(atMs: number, text: string): void {
    this.add(atMs, 0, 'note', text.length)
    for (let at = 0; at < text.length; at += 1) this.#fold(text.charCodeAt(at))
  }

  /** 16 hex digits. */
  digest(): string {
    return hex32(this.#low) + hex32(this.#high)
  }

  #foldBytes(bytes: Uint8Array): void {
    this.#fold(bytes.length)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const whole = bytes.length & ~3
    for (let at = 0; at < whole; at += 4) this.#fold(view.getUint32(at))
    for (let at = whole; at < bytes.length; at += 1) this.#fold(view.getUint8(at))
  }

  #fold(word: number): void {
    const low = Math.imul(this.#low ^ word, 0xcc9e2d51)
    const high = Math.imul(this.#high + word, 0x1b873593)
    this.#low = (((low << 15) | (low >>> 17)) + high) | 0
    this.#high = ((high << 13) | (high >>> 19)) ^ low
  }
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
