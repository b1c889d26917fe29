// Why a link ends (docs/PROTOCOL.md 3.4). The number travels in GOODBYE; where a transport has its own
// code space (WebSocket) it becomes 4000 + code. The name is what programs and logs see.

export const CLOSE_CODE = {
  normal: 0,
  shutdown: 1,
  protocol: 2,
  unauthenticated: 3,
  wrongNetwork: 4,
  incompatible: 5,
  wrongKey: 6,
  selfDial: 7,
  timeout: 8,
  tooSlow: 9,
  busy: 10,
  quota: 11,
  refused: 12,
  replaced: 13,
  tooLarge: 14,
  unreachable: 15,
  revoked: 16,
} as const

export type CloseReason = keyof typeof CLOSE_CODE

const NAMES = new Map<number, CloseReason>(
  Object.entries(CLOSE_CODE).map(([name, code]) => [code, name as CloseReason]),
)

/** The name of a code from the wire; an unknown one (a newer peer's) reads as `normal`. */
export function closeReasonOf(code: number): CloseReason {
  return NAMES.get(code) ?? 'normal'
}
