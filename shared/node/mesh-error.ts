// The one error class of keymesh. `code` is for programs, `message` and `hint` for people; every code
// has its paragraph in docs/ERRORS.md. TypeError and RangeError mean a caller's mistake instead.

/** What to do about it, in one sentence, for each code; what happened is said by the message already. */
export const ERROR_HINTS = {
  INVALID_KEY: 'Check the key: it starts with key_ and must be copied whole.',
  NOT_FOUND: 'Check the key, or ask its owner to come online once.',
  OFFLINE: 'Try again when the peer is online.',
  REFUSED: 'Ask the owner of the other side whether your key is to be let in.',
  REVOKED: 'Ask its owner for the new key, by a way that you trust.',
  NO_PATH: 'Add a server that the peer uses.',
  UNREACHABLE: 'Check the address of the server, and your network.',
  TIMEOUT: 'Try again, or allow more time.',
  ABORTED: 'Try again, if it is wanted after all.',
  CLOSED: 'Create a new node, or dial the key again.',
  QUOTA: 'Wait a while, or for as long as the message says, and try again.',
  TOO_LARGE: 'Send less at once, or split the data.',
  UNAUTHENTICATED: 'Do not trust this address; ask its owner for the right one.',
  WRONG_NETWORK: 'Check the network option: both sides must have the same.',
  INCOMPATIBLE: 'Update the older one of the two sides.',
  PROTOCOL: 'Update the other side, or report the fault.',
  STORAGE: 'Check the disk and the permissions of the data folder.',
  CORRUPT: 'Restore it from a backup, or choose another folder.',
  IN_USE: 'Stop the other program, or choose another port or folder.',
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
