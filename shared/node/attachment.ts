// One server of a client: where it is, who told us of it, and how our link to it stands. Data, and the view
// of it that the application sees.

import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Backoff } from '../link/backoff.ts'
import type { LinkId } from '../link/link-id.ts'
import type { Time } from '../machine/machine.ts'
import type { AttachmentView } from './effects.ts'
import type { Failure } from './mesh-error.ts'
import type { ServerUrl } from './server-url.ts'
import { originOf } from './server-url.ts'

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
  readonly failure: Failure
}

export const NO_SERVER: Failure = { code: 'UNREACHABLE', message: 'This node was given no server.' }
export const NO_ANSWER: Failure = { code: 'UNREACHABLE', message: 'No server has answered yet.' }
export const NO_CIRCUITS: Failure = {
  code: 'UNREACHABLE',
  message: 'The server shows no valid record of its own, so nothing can be sent through it.',
}

/** Whether it is, or is about to be, of use. */
export function isLive({ state }: Attachment): boolean {
  return state.kind !== 'waiting'
}

/** By the address, or by the key: a server can have several addresses. */
export function isServerAt({ url: known, state }: Attachment, url: ServerUrl): boolean {
  if (originOf(known) === originOf(url)) return true
  const knownKey = state.kind === 'open' ? state.key : known.key && keyIdOf(known.key)
  return url.key !== undefined && knownKey === keyIdOf(url.key)
}

export function viewOf(time: Time, { url, state, isLearned }: Attachment): AttachmentView {
  const base = isLearned ? ({ url, isLearned } as const) : { url }
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
        failure: state.failure,
        ...(Number.isFinite(state.untilMs) && {
          retryInMs: Math.max(0, state.untilMs - time.now),
        }),
      }
  }
}
