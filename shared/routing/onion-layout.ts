// Byte layouts of the onion format (docs/PROTOCOL.md 6). Every number of the section stands here once.
//
//   SETUP body   X 32 | mac 16 | beta 480 (5 blocks of 96) | delta 488
//   block        u8 cmd (1 relay, 2 end) | u8 flags (bit 0: large cells) | u16 0 | u32 expiry unix s
//                | next id 32 | next X 32 | next mac 16 | zero 8
//   delta        u16 length | data ≤ 486 | zeros
//   ACK body     Y 32 | auth 16 | c 968 (4 slots of 48, epsilon 776 = u16 length | data ≤ 774 | zeros)
//   FWD body     tags 80 (5 of 16) | payload        = at each hop: tag 16 | ciphertext of (T 64 | payload)
//   BWD body     tag 16 | ciphertext

import { CELL_HEADER, LARGE_CELL, PAYLOAD_HEADER, SMALL_CELL } from '../wire/circuit-cells.ts'
import { MAX_HOPS } from '../wire/limits.ts'

export const POINT = 32
export const MAC = 16

export const SMALL_BODY = SMALL_CELL - CELL_HEADER
export const LARGE_BODY = LARGE_CELL - CELL_HEADER

export const BLOCK = 96
export const BETA = BLOCK * MAX_HOPS
export const BETA_OFFSET = POINT + MAC
export const DELTA_OFFSET = BETA_OFFSET + BETA
export const DELTA = SMALL_BODY - DELTA_OFFSET
/** Key stream of one setup hop: beta, one more block that fills up behind it, delta. */
export const SETUP_STREAM = BETA + BLOCK + DELTA
export const SETUP_DATA_MAX = DELTA - 2

export const SLOT = POINT + MAC
export const SLOTS = SLOT * (MAX_HOPS - 1)
export const ACK_BODY_STREAM = SMALL_BODY - SLOT
export const ACK_DATA_MAX = ACK_BODY_STREAM - SLOTS - 2

/** Tags that a forward cell carries for the hops behind the next one. */
export const INNER_TAGS = MAC * (MAX_HOPS - 1)
export const TAGS = MAC * MAX_HOPS

/** Application bytes of one data cell, by direction and class. */
export const FORWARD_SMALL_DATA = SMALL_BODY - TAGS - PAYLOAD_HEADER
export const FORWARD_LARGE_DATA = LARGE_BODY - TAGS - PAYLOAD_HEADER
export const BACKWARD_SMALL_DATA = SMALL_BODY - MAC - PAYLOAD_HEADER
export const BACKWARD_LARGE_DATA = LARGE_BODY - MAC - PAYLOAD_HEADER
