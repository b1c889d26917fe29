// A client's servers: dial each of them, keep the link, come back with full jitter, obey retry-after
// (docs/PROTOCOL.md 3.5). Knows links by id only; says nothing over them.

import type { KeyId } from '../identity/node-id.ts'
import { Backoff } from '../link/backoff.ts'
import type { LinkId } from '../link/link-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import type { CloseReason } from '../wire/close-code.ts'
import { RETRY_AFTER_MAX_MS } from '../wire/limits.ts'
import { failureOfClose } from './close-failure.ts'
import type { AttachmentView } from './effects.ts'
import type { Failure } from './mesh-error.ts'
import type { ServerUrl } from './server-url.ts'

export type AttachmentEffect =
  /** The parent dials and answers with `dialing`. */
  | { readonly kind: 'dial'; readonly index: number; readonly url: ServerUrl }
  | { readonly kind: 'changed' }

type State =
  | { readonly kind: 'due' }
  | { readonly kind: 'connecting'; readonly link: LinkId }
  | Open
  | Waiting

/** Online for the user once the server has answered our record: from then on others find us. */
interface Open {
  readonly kind: 'open'
  readonly link: LinkId
  readonly key: KeyId
  rttMs: number | undefined
  isAnswered: boolean
  /** Why the server does not keep our record, though we can dial others through it. */
  failure: Failure | undefined
}

interface Waiting {
  readonly kind: 'waiting'
  readonly untilMs: number
  /** The server asked for that much: also whoever is in a hurry waits. */
  readonly notBeforeMs: number
  readonly failure: Failure
}

interface Attachment {
  readonly url: ServerUrl
  readonly backoff: Backoff
  state: State
}

export interface ClosedLink {
  readonly reason: CloseReason
  readonly hint: string | undefined
  readonly retryAfterMs: number | undefined
}

export class Attachments {
  readonly #attachments: readonly Attachment[]
  readonly #byLink = new Map<LinkId, Attachment>()
  readonly #effects = new EffectQueue<AttachmentEffect>()
  #isStopped = false

  constructor(servers: readonly ServerUrl[], random: RandomBytes) {
    this.#attachments = servers.map(url => ({
      url,
      backoff: new Backoff(random),
      state: { kind: 'due' },
    }))
  }

  start(): void {
    this.#attachments.forEach((attachment, index) => {
      if (attachment.state.kind === 'due') this.#dial(attachment, index)
    })
  }

  /** The network changed or the page came back: every server that does not forbid it is tried now. */
  nudge(time: Time): void {
    this.#attachments.forEach((attachment, index) => {
      const { state } = attachment
      if (state.kind !== 'waiting' || time.now < state.notBeforeMs) return
      this.#dial(attachment, index)
    })
  }

  /** The node closes: nothing is dialed or told any more. */
  stop(): void {
    this.#isStopped = true
    this.#effects.clear()
    this.#byLink.clear()
    for (const attachment of this.#attachments) attachment.state = { kind: 'due' }
  }

  dialing(index: number, link: LinkId): void {
    const attachment = this.#attachments[index]
    if (attachment === undefined) return
    attachment.state = { kind: 'connecting', link }
    this.#byLink.set(link, attachment)
    this.#effects.push({ kind: 'changed' })
  }

  /** @returns whether the link is one of ours */
  opened(time: Time, link: LinkId, key: KeyId): boolean {
    const attachment = this.#byLink.get(link)
    if (attachment === undefined) return false
    attachment.backoff.up(time.now)
    attachment.state = {
      kind: 'open',
      link,
      key,
      rttMs: undefined,
      isAnswered: false,
      failure: undefined,
    }
    this.#effects.push({ kind: 'changed' })
    return true
  }

  /** The server keeps our record, or (with `failure`) says why not. */
  published(link: LinkId, failure: Failure | undefined): void {
    const state = this.#byLink.get(link)?.state
    if (state?.kind !== 'open') return
    if (state.isAnswered && state.failure?.code === failure?.code) return
    state.isAnswered = true
    state.failure = failure
    this.#effects.push({ kind: 'changed' })
  }

  measured(link: LinkId, rttMs: number): void {
    const state = this.#byLink.get(link)?.state
    if (state?.kind !== 'open') return
    const isFirst = state.rttMs === undefined
    state.rttMs = rttMs
    if (isFirst) this.#effects.push({ kind: 'changed' })
  }

  closed(time: Time, link: LinkId, closed: ClosedLink): void {
    const attachment = this.#byLink.get(link)
    if (attachment === undefined) return
    this.#byLink.delete(link)
    attachment.backoff.down(time.now)
    const { retryAfterMs = 0 } = closed
    attachment.backoff.retryAfter(retryAfterMs)
    attachment.state = {
      kind: 'waiting',
      untilMs: time.now + attachment.backoff.nextDelayMs(),
      notBeforeMs: time.now + Math.min(retryAfterMs, RETRY_AFTER_MAX_MS),
      failure: failureOfClose(attachment.url, closed.reason, closed.hint),
    }
    this.#effects.push({ kind: 'changed' })
  }

  timeout(time: Time): void {
    this.#attachments.forEach((attachment, index) => {
      const { state } = attachment
      if (state.kind === 'waiting' && state.untilMs <= time.now) this.#dial(attachment, index)
    })
  }

  poll(): AttachmentEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isStopped) return undefined
    let next: number | undefined
    for (const { state } of this.#attachments) {
      if (state.kind === 'waiting' && (next === undefined || state.untilMs < next))
        next = state.untilMs
    }
    return next
  }

  knows(link: LinkId): boolean {
    return this.#byLink.has(link)
  }

  get hasOpen(): boolean {
    return this.#attachments.some(({ state }) => state.kind === 'open')
  }

  /** Whether some server is being dialed right now. */
  get isConnecting(): boolean {
    return this.#attachments.some(
      ({ state }) => state.kind === 'due' || state.kind === 'connecting',
    )
  }

  /** Servers with an open link, nearest first. Two addresses of one server are two of them. */
  open(): { readonly link: LinkId; readonly key: KeyId }[] {
    const open = this.#attachments.flatMap(({ state }) => (state.kind === 'open' ? [state] : []))
    return open.sort((a, b) => (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity))
  }

  /** The reason of the first server that is not online, for errors that need one. */
  failure(): Failure {
    for (const { state } of this.#attachments) if (state.kind === 'waiting') return state.failure
    if (this.#attachments.length === 0) return NO_SERVER
    return this.hasOpen ? NO_CIRCUITS : NO_ANSWER
  }

  views(time: Time): AttachmentView[] {
    return this.#attachments.map(({ url, state }) => viewOf(time, url, state))
  }

  #dial(attachment: Attachment, index: number): void {
    if (this.#isStopped) return
    attachment.state = { kind: 'due' }
    this.#effects.push({ kind: 'dial', index, url: attachment.url })
  }
}

const NO_SERVER: Failure = { code: 'UNREACHABLE', message: 'This node was given no server.' }
const NO_ANSWER: Failure = { code: 'UNREACHABLE', message: 'No server has answered yet.' }
const NO_CIRCUITS: Failure = {
  code: 'UNREACHABLE',
  message: 'The server shows no valid record of its own, so nothing can be sent through it.',
}

function viewOf(time: Time, url: ServerUrl, state: State): AttachmentView {
  switch (state.kind) {
    case 'due':
    case 'connecting':
      return { url, state: 'connecting' }
    case 'open':
      return {
        url,
        state: state.isAnswered ? 'online' : 'connecting',
        key: state.key,
        ...(state.rttMs === undefined ? {} : { rttMs: state.rttMs }),
        ...(state.failure === undefined ? {} : { failure: state.failure }),
      }
    case 'waiting':
      return {
        url,
        state: 'waiting',
        failure: state.failure,
        retryInMs: Math.max(0, state.untilMs - time.now),
      }
  }
}
