// Why a session ends, and why one is refused (docs/PROTOCOL.md 7). The numbers travel in the CLOSE frame
// and in the answer to a circuit's setup; the names are what programs and logs see.

export const SESSION_CLOSE = {
  /** One side is done. */
  NORMAL: 0,
  /** The peer broke the protocol. */
  PROTOCOL: 1,
  /** No path for too long, or the initiator never confirmed. */
  TIMEOUT: 2,
  /** The keys are past twice their limit: a new handshake is due. */
  EXPIRED: 3,
  /** A newer session with the same peer took over. */
  REPLACED: 4,
  /** The application does not want this peer. */
  REFUSED: 5,
} as const

export type SessionCloseCode = keyof typeof SESSION_CLOSE

export const SESSION_REFUSAL = {
  busy: 1,
  incompatible: 2,
  unknownSession: 3,
  refused: 4,
  /** The two clocks differ by more than the slack, or the handshake is not newer than the last one. */
  clock: 5,
  /** Both dialed at once; the other handshake goes on. */
  superseded: 6,
  malformed: 7,
} as const

export type SessionRefusal = keyof typeof SESSION_REFUSAL

const CLOSE_NAMES = new Map<number, SessionCloseCode>(
  Object.entries(SESSION_CLOSE).map(([name, code]) => [code, name as SessionCloseCode]),
)
const REFUSAL_NAMES = new Map<number, SessionRefusal>(
  Object.entries(SESSION_REFUSAL).map(([name, code]) => [code, name as SessionRefusal]),
)

/** An unknown code (a newer peer's) reads as NORMAL. */
export function sessionCloseOf(code: number): SessionCloseCode {
  return CLOSE_NAMES.get(code) ?? 'NORMAL'
}

/** An unknown code (a newer peer's) reads as `refused`. */
export function sessionRefusalOf(code: number): SessionRefusal {
  return REFUSAL_NAMES.get(code) ?? 'refused'
}
