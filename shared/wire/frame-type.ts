// The one registry of link frame types (docs/PROTOCOL.md 3.4) and the table of which type is legal
// in which phase of a link. A frame is one binary message: u8 type, then the body.

export const FRAME = {
  hello: 0x01,
  challenge: 0x02,
  proof: 0x03,
  welcome: 0x04,
  ping: 0x05,
  pong: 0x06,
  goodbye: 0x07,
  cellSetup: 0x10,
  cellAck: 0x11,
  cellForward: 0x12,
  cellBackward: 0x13,
  cellDestroy: 0x14,
  cellPad: 0x15,
  cellForwardLarge: 0x16,
  cellBackwardLarge: 0x17,
  request: 0x20,
  response: 0x21,
  push: 0x22,
} as const

export type FrameType = (typeof FRAME)[keyof typeof FRAME]

/** What a link waits for: the four handshake steps, then open. */
export type LinkPhase = 'awaitHello' | 'awaitChallenge' | 'awaitProof' | 'awaitWelcome' | 'open'

const HANDSHAKE: Readonly<Record<Exclude<LinkPhase, 'open'>, FrameType>> = {
  awaitHello: FRAME.hello,
  awaitChallenge: FRAME.challenge,
  awaitProof: FRAME.proof,
  awaitWelcome: FRAME.welcome,
}

const HANDSHAKE_TYPES: ReadonlySet<number> = new Set(Object.values(HANDSHAKE))
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(FRAME))

/** A goodbye is legal in every phase; before `open` otherwise only the awaited handshake frame. */
export function isLegalIn(phase: LinkPhase, type: number): type is FrameType {
  if (type === FRAME.goodbye) return true
  if (phase !== 'open') return type === HANDSHAKE[phase]
  return KNOWN_TYPES.has(type) && !HANDSHAKE_TYPES.has(type)
}

/** Circuit cells carry their own type byte first, so a cell is the whole frame. */
export function isCell(type: number): boolean {
  return type >= FRAME.cellSetup && type <= FRAME.cellBackwardLarge
}
