// Turns the end of a link into the sentence that its user reads. No state, no protocol.

import type { CloseReason } from '../../wire/close-code.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { ErrorCode, Failure } from '../mesh-error.ts'
import { printable } from '../printable.ts'

const SENTENCES: Readonly<Record<CloseReason, readonly [ErrorCode, string]>> = {
  normal: ['UNREACHABLE', 'closed the connection'],
  shutdown: ['UNREACHABLE', 'is restarting'],
  protocol: ['PROTOCOL', 'broke the protocol, or we did'],
  unauthenticated: ['UNAUTHENTICATED', 'could not be authenticated'],
  wrongNetwork: ['WRONG_NETWORK', 'belongs to another network'],
  incompatible: ['INCOMPATIBLE', 'speaks another protocol version'],
  wrongKey: ['UNAUTHENTICATED', 'has another key than the one in its address'],
  selfDial: ['REFUSED', 'has our own key'],
  timeout: ['UNREACHABLE', 'did not answer in time'],
  tooSlow: ['UNREACHABLE', 'was too slow to take what we sent'],
  busy: ['QUOTA', 'is full right now'],
  quota: ['QUOTA', 'refused because a limit was reached'],
  refused: ['REFUSED', 'refused the connection'],
  replaced: ['REFUSED', 'closed this link for a newer one of the same key'],
  tooLarge: ['PROTOCOL', 'was sent a message over the size limit'],
  unreachable: ['UNREACHABLE', 'cannot be reached'],
  revoked: ['REVOKED', 'refused our key, as it has been revoked'],
}

/** Sentences that say it all: what the other side adds is nothing more. */
const COMPLETE: readonly CloseReason[] = ['wrongKey', 'selfDial', 'revoked']

/** @param hint what the other side said, if anything; kept short and shown after the sentence */
export function failureOfClose(
  url: ServerUrl,
  reason: CloseReason,
  hint: string | undefined,
): Failure {
  const [code, sentence] = SENTENCES[reason]
  const isComplete = hint === undefined || hint === '' || COMPLETE.includes(reason)
  const detail = isComplete ? '' : ` (${printable(hint)})`
  const advice = adviceFor(url, reason, hint)
  return {
    code,
    message: `The server ${originOf(url)} ${sentence}${detail}.`,
    ...(advice !== undefined && { hint: advice }),
  }
}

/** Where more is known than the code tells. */
function adviceFor(
  { scheme, key }: ServerUrl,
  reason: CloseReason,
  hint: string | undefined,
): string | undefined {
  if (reason === 'revoked') return 'This identity was given up for good; use another.'
  if (reason === 'wrongKey')
    return 'Copy its address anew, with the key, from where it was started.'
  // It never came to a login: the certificate is not one that this machine trusts.
  const isUnpinned = reason === 'unauthenticated' && scheme === 'wss' && key === undefined
  return isUnpinned && hint === undefined
    ? 'Give its address with its key, as it says at its start: wss://host:port/#key_….'
    : undefined
}
