// The one error class of keymesh. `code` is for programs, `message` and `hint` for people; every code
// has its paragraph in docs/ERRORS.md. TypeError and RangeError mean a caller's mistake instead.

/** What to do about it, in one sentence, for each code. */
export const ERROR_HINTS = {
  INVALID_KEY: 'Check the key: it starts with key_ and must be copied whole.',
  NOT_FOUND: 'Check the key, or ask its owner to come online once.',
  OFFLINE: 'The peer is not connected right now; try again when it is online.',
  REFUSED: 'Ask the owner of the other side whether your key is to be let in.',
  REVOKED: 'Ask its owner for the new key, by a way that you trust.',
  NO_PATH: 'No server of yours reaches one of the peer; add a server that the peer uses.',
  UNREACHABLE: 'No server can be reached; check the server address and your network.',
  TIMEOUT: 'The other side did not answer in time; try again or allow more time.',
  ABORTED: 'The operation was cancelled by its signal.',
  CLOSED: 'This node or peer has been closed; create a new one.',
  QUOTA: 'A limit was reached; wait as long as the message says and try again.',
  TOO_LARGE: 'Send less at once, or split the data.',
  UNAUTHENTICATED: 'The other side could not prove its key; do not trust this address.',
  WRONG_NETWORK: 'The server belongs to another network; check the network option.',
  INCOMPATIBLE: 'The two sides speak different protocol versions; update the older one.',
  PROTOCOL: 'The other side broke the protocol; update it or report the fault.',
  STORAGE: 'The data folder could not be read or written; check its disk and permissions.',
  CORRUPT: 'The stored data is damaged; restore it from a backup or choose another folder.',
  IN_USE: 'Another program uses this port or folder; stop it or choose another.',
  USAGE: 'Check the command and its options with --help.',
} as const

export type ErrorCode = keyof typeof ERROR_HINTS

export interface ErrorDetails {
  /** Overrides the code's own hint. */
  readonly hint?: string
  readonly cause?: unknown
  readonly successor?: string | undefined
}

export class MeshError extends Error {
  override readonly name = 'MeshError'
  readonly code: ErrorCode
  readonly hint: string
  /** Of a revoked key: the one that its holder has named instead, as text `key_…`. */
  readonly successor: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.hint = details.hint ?? ERROR_HINTS[code]
    this.successor = details.successor
  }
}

/** A failure as data, for machines: it becomes a `MeshError` where a caller waits for it. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  /** In the place of the code's own hint. */
  readonly hint?: string
  /** As in `MeshError`. */
  readonly successor?: string | undefined
}

export function toMeshError({ code, message, ...details }: Failure): MeshError {
  return new MeshError(code, message, details)
}
