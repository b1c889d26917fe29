// What went wrong with a peer, in the words of its user. Pure.

import { encodeKey } from '../identity/key-text.ts'
import type { MissingRelay } from '../routes/private-path.ts'
import type { EndReason } from '../routing/circuit.ts'
import type { FailureCode } from '../session/effects.ts'
import type { QuotaNotice } from '../wire/registry-bodies.ts'
import type { SessionCloseCode, SessionRefusal } from '../wire/session-close.ts'
import type { ErrorCode, Failure } from './mesh-error.ts'
import { printable } from './printable.ts'

export const ABORTED: Failure = { code: 'ABORTED', message: 'The operation was aborted.' }
export const QUEUE_FULL: Failure = {
  code: 'QUOTA',
  message: 'Too many messages wait for this peer; wait until some are delivered.',
}
export const MESSAGES_UNTAKEN: Failure = {
  code: 'QUOTA',
  message: 'Too many messages of this peer wait for the application; take some first.',
}
export const TOO_MANY_PEERS: Failure = {
  code: 'QUOTA',
  message: 'This node has as many sessions as it can hold; close some first.',
}
export const FORGED_ANSWER: Failure = {
  code: 'UNAUTHENTICATED',
  message: 'Whoever answered does not hold the dialed key.',
}
export const NOT_FOUND: Failure = { code: 'NOT_FOUND', message: 'No server knows this key.' }
export const SERVERS_SILENT: Failure = {
  code: 'TIMEOUT',
  message: 'The servers did not answer in time.',
}
/** In the place of their silence: none was asked. */
export const NOT_CONNECTED: Failure = { code: 'UNREACHABLE', message: 'No server is connected.' }
export const SERVERS_BUSY: Failure = {
  code: 'QUOTA',
  message: 'The servers are too busy for so many requests.',
  hint: 'Ask for fewer keys at once, or try again in a few seconds.',
}
export const PEER_SILENT: Failure = {
  code: 'TIMEOUT',
  message: 'The peer did not answer in time.',
}
export const NO_PATH: Failure = {
  code: 'NO_PATH',
  message: 'None of your servers reaches a server of the peer.',
}
export const NOT_ATTACHED: Failure = {
  code: 'OFFLINE',
  message: 'The peer is not attached to any server.',
}
const MISSING_RELAY: Readonly<Record<MissingRelay, string>> = {
  guard: 'none of your servers relays',
  middle: 'no further server is known',
  last: 'no server of the peer can be used',
  network: 'those that are known share a network or an operator',
  onlyOne: 'only one can be used',
  onlyTwo: 'only two can be used',
}

/** @param missing which of the three relays there is none for, where that is known */
export function failureOfPrivate(missing?: MissingRelay): Failure {
  const why = missing === undefined ? 'too few of them can be used' : MISSING_RELAY[missing]
  return {
    code: 'NO_PATH',
    message: `A private path takes three relays of different networks: ${why}.`,
    hint: 'Add servers of other networks, or choose another mode.',
  }
}

const CLOCKS_APART: Failure = {
  code: 'REFUSED',
  message: 'The clocks of the two sides differ by over ten minutes.',
  hint: 'Set the one that is wrong.',
}
export const NODE_CLOSED: Failure = { code: 'CLOSED', message: 'The node was closed.' }
export const HUNG_UP: Failure = {
  code: 'CLOSED',
  message: 'The connection to the peer was closed.',
}

const FINAL: ReadonlySet<ErrorCode> = new Set([
  'REFUSED',
  'INCOMPATIBLE',
  'UNAUTHENTICATED',
  'REVOKED',
])

/** Whether the peer may be reached all the same in a while. Answers of the peer itself are final. */
export function isPassing({ code }: Failure): boolean {
  return !FINAL.has(code)
}

/** @param successor the key that the holder named instead, 32 bytes */
export function failureOfRevocation(successor: Uint8Array | undefined): Failure {
  const message = 'The holder of this key has revoked it.'
  if (successor === undefined) return { code: 'REVOKED', message }
  const key = encodeKey(successor)
  return { code: 'REVOKED', message, hint: `Its successor is ${key}.`, successor: key }
}

export const OWN_SUCCESSOR: Failure = {
  code: 'USAGE',
  message: 'A key cannot be its own successor.',
  hint: 'Name the identity that takes its place.',
}

/** Our own key: servers do not take us any more. */
export function failureOfOwnRevocation(successor: Uint8Array | undefined): Failure {
  return {
    code: 'REVOKED',
    message: 'This key has been revoked; nobody can be reached with it any more.',
    hint:
      successor === undefined
        ? 'Start with another identity.'
        : `Start with the identity of its successor, ${encodeKey(successor)}.`,
  }
}

export function failureOfDestroy(reason: EndReason): Failure {
  switch (reason) {
    case 'unreachable':
      return { code: 'OFFLINE', message: 'The peer is not connected to the server right now.' }
    case 'quota':
    case 'busy':
      return { code: 'QUOTA', message: 'The server is at its limit for new circuits.' }
    case 'protocol':
      return { code: 'PROTOCOL', message: 'The circuit to the peer broke the protocol.' }
    case 'timeout':
      return PEER_SILENT
    case 'closed':
      return { code: 'OFFLINE', message: 'The way to the peer was cut.' }
    case 'linkLost':
      return {
        code: 'UNREACHABLE',
        message: 'The link that the way began with was lost.',
      }
  }
}

/** Names the limit, and when it is worth another try. */
export function failureOfQuota({ limit, retryAfterMs }: QuotaNotice): Failure {
  const seconds = Math.ceil(retryAfterMs / 1000)
  const until = seconds > 0 ? `in ${seconds} s` : 'as soon as something in use is closed'
  return {
    code: 'QUOTA',
    message: `The server's limit ${printable(limit)} is reached; it is free again ${until}.`,
  }
}

export function failureOfRefusal(reason: SessionRefusal): Failure {
  switch (reason) {
    case 'busy':
      return { code: 'QUOTA', message: 'The peer has as many sessions or messages as it can hold.' }
    case 'incompatible':
      return { code: 'INCOMPATIBLE', message: 'The peer speaks another version of the protocol.' }
    case 'refused':
      return { code: 'REFUSED', message: 'The peer does not accept this connection.' }
    case 'clock':
      return CLOCKS_APART
    case 'superseded':
      return { code: 'TIMEOUT', message: 'Both sides dialed at once and neither came through.' }
    case 'unknownSession':
    case 'malformed':
      return { code: 'PROTOCOL', message: 'The peer did not understand the handshake.' }
  }
}

/** @returns `undefined` when one of the two sides closed on purpose */
export function failureOfClose(code: SessionCloseCode): Failure | undefined {
  switch (code) {
    case 'NORMAL':
      return undefined
    case 'PROTOCOL':
      return { code: 'PROTOCOL', message: 'The session broke the protocol and was closed.' }
    case 'TIMEOUT':
      return { code: 'OFFLINE', message: 'The peer could not be reached any more.' }
    case 'EXPIRED':
      return { code: 'OFFLINE', message: 'The session grew too old to go on.' }
    case 'REPLACED':
      return { code: 'CLOSED', message: 'A newer session took over.' }
    case 'REFUSED':
      return { code: 'REFUSED', message: 'The peer does not accept this connection.' }
  }
}

export function failureOfMessage(code: FailureCode): Failure {
  switch (code) {
    case 'FULL':
      return QUEUE_FULL
    case 'TOO_LARGE':
      return { code: 'TOO_LARGE', message: 'The message is over the size limit.' }
    case 'TIMEOUT':
      return { code: 'TIMEOUT', message: 'The message was not delivered in time.' }
    case 'ABORTED':
      return ABORTED
    case 'CLOSED':
      return HUNG_UP
  }
}
