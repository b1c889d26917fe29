// Messages that carry a number and are otherwise filled from it, so that a damaged one is recognised.

/** @param length at least 4 bytes */
export function numberedMessage(number: number, length: number): Uint8Array {
  if (length < 4) throw new RangeError('A number takes 4 bytes.')
  const message = new Uint8Array(length).fill(number & 0xff)
  new DataView(message.buffer).setUint32(0, number)
  return message
}

/** @returns -1 for a message that is not as it was made */
export function numberOf(message: Uint8Array): number {
  if (message.length < 4) return -1
  const number = new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(0)
  return message.subarray(4).every(byte => byte === (number & 0xff)) ? number : -1
}
