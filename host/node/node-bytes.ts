// Buffers of node:crypto as plain byte arrays. A Buffer must not leak into the core: its `slice` is a
// view where the core's is a copy, and a slice of Node's shared pool would pin 8 KiB for 32 bytes.

/** The same memory when the Buffer owns all of it (which node:crypto's results do), else a copy. */
export function plainBytes(buffer: Buffer): Uint8Array {
  const { buffer: memory, length } = buffer
  return memory.byteLength === length ? new Uint8Array(memory) : new Uint8Array(buffer)
}
