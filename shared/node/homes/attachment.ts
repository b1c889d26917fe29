// One server of a client: where it is, who told us of it, and how our link to it stands. Data, and the view
// of it that the application sees.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Backoff } from '../../link/backoff.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { AttachmentView } from '../effects.ts'
import type { Failure } from '../mesh-error.ts'

export interface Attachment {
  readonly index: number
  readonly url: ServerUrl
  /** Nobody configured it: it goes when it is no use. */
  readonly isLearned: boolean
  /** The address is somebody else's word, as for `DialOptions`. */
  readonly isUntrusted: boolean
  readonly backoff: Backoff
  /** Attempts in a row that did not open a link. */
  failures: number
  /** Why there is no link, as far as known: also while another attempt runs. */
  lastFailure: Failure | undefined
  state: AttachmentState
}

export type AttachmentState =
  | { readonly kind: 'due' }
  | { readonly kind: 'connecting'; readonly link: LinkId }
  | OpenAttachment
  | WaitingAttachment

/** Online for the user once the server has answered our record: from then on others find us. */
export interface OpenAttachment {
  readonly kind: 'open'
  readonly link: LinkId
  readonly key: KeyId
  /** As of the attachment. */
  readonly isLearned: boolean
  rttMs: number | undefined
  isAnswered: boolean
  /** Why the server does not keep our record, though we can dial others through it. */
  failure: Failure | undefined
}

export interface WaitingAttachment {
  readonly kind: 'waiting'
  /** Infinite when it is not tried any more. */
  readonly untilMs: number
  /** The server asked for that much: also whoever is in a hurry waits. */
  readonly notBeforeMs: number
}

export type AttachmentEffect =
  /** The parent dials and answers with `dialing`. */
  | {
      readonly kind: 'dial'
      readonly index: number
      readonly url: ServerUrl
      readonly isUntrusted: boolean
    }
  | { readonly kind: 'changed' }

export interface ClosedLink {
  readonly reason: CloseReason
  readonly hint: string | undefined
  readonly retryAfterMs: number | undefined
}

const NO_SERVER: Failure = { code: 'UNREACHABLE', message: 'This node was given no server.' }
const NO_ANSWER: Failure = { code: 'UNREACHABLE', message: 'No server has answered yet.' }
const NO_CIRCUITS: Failure = {
  code: 'UNREACHABLE',
  message: 'The server shows no valid record of its own, so nothing can be sent through it.',
}

/** Whether it is, or is about to be, of use. */
export function isLive({ state }: Attachment): boolean {
  return state.kind !== 'waiting'
}

/** Tried sooner, unless the server forbids it or nobody will try it again. */
export function hurried(state: WaitingAttachment, untilMs: number): WaitingAttachment {
  if (!Number.isFinite(state.untilMs)) return state
  const soonestMs = Math.max(state.notBeforeMs, untilMs)
  return { ...state, untilMs: Math.min(state.untilMs, soonestMs) }
}

/** By the address, or by the key: a server can have several addresses. */
export function isServerAt({ url: known, state }: Attachment, url: ServerUrl): boolean {
  if (originOf(known) === originOf(url)) return true
  const knownKey = state.kind === 'open' ? state.key : known.key && keyIdOf(known.key)
  return url.key !== undefined && knownKey === keyIdOf(url.key)
}

/** When it is tried again, in `Time.now` milliseconds. */
export function dueAt(state: AttachmentState): number {
  return state.kind === 'waiting' ? state.untilMs : Number.POSITIVE_INFINITY
}

/** Why none of them serves: the reason of the first that failed. */
export function failureAmong(attachments: readonly Attachment[]): Failure {
  for (const { lastFailure } of attachments) if (lastFailure !== undefined) return lastFailure
  if (attachments.length === 0) return NO_SERVER
  return attachments.some(({ state }) => state.kind === 'open') ? NO_CIRCUITS : NO_ANSWER
}

/** @param verdict why no server will ever take us again */
export function viewOf(
  time: Time,
  { url, state, isLearned, lastFailure }: Attachment,
  verdict: Failure | undefined,
): AttachmentView {
  if (verdict !== undefined) return { url, state: 'waiting', failure: verdict }
  const base = {
    url,
    ...(isLearned && { isLearned }),
    ...(lastFailure !== undefined && { failure: lastFailure }),
  }
  switch (state.kind) {
    case 'due':
    case 'connecting':
      return { ...base, state: 'connecting' }
    case 'open':
      return {
        ...base,
        state: state.isAnswered ? 'online' : 'connecting',
        key: state.key,
        ...(state.rttMs === undefined ? {} : { rttMs: state.rttMs }),
        ...(state.failure === undefined ? {} : { failure: state.failure }),
      }
    case 'waiting':
      return {
        ...base,
        state: 'waiting',
        ...(Number.isFinite(state.untilMs) && {
          retryInMs: Math.max(0, state.untilMs - time.now),
        }),
      }
  }
}
