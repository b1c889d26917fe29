// CRC-32 of ISO-HDLC (polynomial 0x04c11db7 reflected, as in gzip, PNG and STUN). Finds accidents, no attacks.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) * 0xedb88320)
  }
  return remainder
})

/** @returns an unsigned integer of 32 bits */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff
  for (const byte of bytes) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ byte) & 0xff] as number)
  }
  return (remainder ^ 0xffffffff) >>> 0
}
