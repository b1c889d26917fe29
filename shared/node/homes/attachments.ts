// A client's servers: dial each of them, keep the link, come back with full jitter, obey retry-after
// (docs/PROTOCOL.md 3.5). With too few of them it tries servers it has heard of, and drops those again that
// are no use. Knows links by id only; says nothing over them.

import type { KeyId } from '../../identity/node-id.ts'
import { Backoff } from '../../link/backoff.ts'
import { unitInterval } from '../../link/jitter.ts'
import type { LinkId } from '../../link/link-id.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import {
  ALONE_RETRY_MS,
  LEARNED_MAX_FAILURES,
  MAX_LEARNED_ATTACHMENTS,
  NUDGE_HOLDS_MS,
  RETRY_AFTER_MAX_MS,
  TARGET_ATTACHMENTS,
} from '../../wire/limits.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { AttachmentView } from '../effects.ts'
import { failureOfClose } from '../links/close-failure.ts'
import type { Failure } from '../mesh-error.ts'
import type {
  Attachment,
  AttachmentEffect,
  AttachmentState,
  ClosedLink,
  OpenAttachment,
} from './attachment.ts'
import { dueAt, failureAmong, hurried, isLive, isServerAt, viewOf } from './attachment.ts'
import type { HeardServer } from './heard-servers.ts'
import { HeardServers } from './heard-servers.ts'

export type { AttachmentEffect, ClosedLink } from './attachment.ts'

export class Attachments {
  readonly #random: RandomBytes
  /** By index, the configured ones first. An index is never used again. */
  readonly #attachments = new Map<number, Attachment>()
  readonly #byLink = new Map<LinkId, Attachment>()
  readonly #heard = new HeardServers()
  readonly #effects = new EffectQueue<AttachmentEffect>()
  #nextIndex = 0
  #isStopped = false
  /** Links that end until then were lost with the network before: their servers are dialed at once. */
  #hurriesUntil = 0
  /** Why no server will ever take us again. */
  #verdict: Failure | undefined

  constructor(servers: readonly ServerUrl[], random: RandomBytes) {
    this.#random = random
    for (const url of servers) this.#add({ url, isUntrusted: false }, false)
  }

  start(): void {
    for (const attachment of this.#attachments.values()) {
      if (attachment.state.kind === 'due') this.#dial(attachment)
    }
  }

  /** Somebody told of a server; it is tried now, or once there are too few. */
  learn(server: HeardServer): void {
    if (this.#isKnown(server.url)) return
    this.#heard.add(server)
    this.#tryHeard()
  }

  /** A newer sample is about to be told. */
  forgetHearsay(): void {
    this.#heard.forgetHearsay()
  }

  /** The network changed or the page came back: every server that does not forbid it is tried now. */
  nudge(time: Time): void {
    this.#hurriesUntil = time.now + NUDGE_HOLDS_MS
    for (const attachment of this.#attachments.values()) {
      const { state } = attachment
      if (state.kind === 'waiting' && time.now >= state.notBeforeMs) this.#dial(attachment)
    }
  }

  /** Our key is revoked: no server is dialed any more, and all of them show why. */
  giveUp(verdict: Failure): void {
    this.#verdict = verdict
    for (const attachment of this.#attachments.values()) {
      if (attachment.state.kind === 'waiting') this.#wait(attachment, Infinity, 0, verdict)
    }
    this.#effects.push({ kind: 'changed' })
  }

  /** The node closes: nothing is dialed or told any more. */
  stop(): void {
    this.#isStopped = true
    this.#effects.clear()
    this.#byLink.clear()
    for (const attachment of this.#attachments.values()) attachment.state = { kind: 'due' }
  }

  dialing(index: number, link: LinkId): void {
    const attachment = this.#attachments.get(index)
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
    attachment.failures = 0
    attachment.lastFailure = undefined
    attachment.state = {
      kind: 'open',
      link,
      key,
      isLearned: attachment.isLearned,
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
    const wasOpen = attachment.state.kind === 'open'
    if (wasOpen && this.open().length === 1) this.#hurry(time.now)
    attachment.backoff.down(time.now)
    attachment.failures += 1
    const { retryAfterMs = 0 } = closed
    // A verdict for good, though not proven: we ask again, but seldom.
    const pauseMs = closed.reason === 'revoked' ? RETRY_AFTER_MAX_MS : retryAfterMs
    attachment.backoff.retryAfter(pauseMs)
    const delayMs = attachment.backoff.nextDelayMs()
    const isHurried = wasOpen && pauseMs === 0 && time.now < this.#hurriesUntil
    this.#wait(
      attachment,
      time.now + (isHurried ? 0 : delayMs),
      time.now + Math.min(retryAfterMs, RETRY_AFTER_MAX_MS),
      failureOfClose(attachment.url, closed.reason, closed.hint),
    )
    if (this.#isUseless(attachment)) this.#attachments.delete(attachment.index)
    this.#tryHeard()
    this.#effects.push({ kind: 'changed' })
  }

  timeout(time: Time): void {
    for (const attachment of this.#attachments.values()) {
      const { state } = attachment
      if (state.kind === 'waiting' && state.untilMs <= time.now) this.#dial(attachment)
    }
  }

  poll(): AttachmentEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isStopped) return undefined
    const next = Math.min(...this.#states().map(dueAt))
    return Number.isFinite(next) ? next : undefined
  }

  knows(link: LinkId): boolean {
    return this.#byLink.has(link)
  }

  get hasOpen(): boolean {
    return this.#states().some(({ kind }) => kind === 'open')
  }

  /** Whether some server is being dialed right now. */
  get isConnecting(): boolean {
    return this.#states().some(({ kind }) => kind === 'due' || kind === 'connecting')
  }

  /** Whether servers that we hear of are of use. */
  get wantsMore(): boolean {
    return this.#liveCount() < TARGET_ATTACHMENTS || this.#heard.size < TARGET_ATTACHMENTS
  }

  /** There are too few, and nobody is left to try, but one to ask. */
  get isOutOfServers(): boolean {
    return this.hasOpen && this.#liveCount() < TARGET_ATTACHMENTS && this.#heard.size === 0
  }

  /** The address under which this link was dialed. */
  urlOf(link: LinkId): ServerUrl | undefined {
    return this.#byLink.get(link)?.url
  }

  /** Servers with an open link, nearest first. Two addresses of one server are two of them. */
  open(): OpenAttachment[] {
    const open = this.#states().filter(state => state.kind === 'open')
    return open.sort((a, b) => (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity))
  }

  /** The reason of the first server that failed, for errors that need one. */
  failure(): Failure {
    return this.#verdict ?? failureAmong(this.#list())
  }

  views(time: Time): AttachmentView[] {
    return this.#list().map(attachment => viewOf(time, attachment, this.#verdict))
  }

  #list(): Attachment[] {
    return [...this.#attachments.values()]
  }

  #states(): AttachmentState[] {
    return this.#list().map(({ state }) => state)
  }

  #liveCount(): number {
    return this.#list().filter(isLive).length
  }

  #add({ url, isUntrusted }: HeardServer, isLearned: boolean): Attachment {
    const attachment: Attachment = {
      index: this.#nextIndex++,
      url,
      isLearned,
      isUntrusted,
      backoff: new Backoff(this.#random),
      failures: 0,
      lastFailure: undefined,
      state: { kind: 'due' },
    }
    this.#attachments.set(attachment.index, attachment)
    return attachment
  }

  #dial(attachment: Attachment): void {
    if (this.#isStopped || this.#verdict !== undefined) return
    attachment.state = { kind: 'due' }
    const { index, url, isUntrusted } = attachment
    this.#effects.push({ kind: 'dial', index, url, isUntrusted })
  }

  /** The last one is gone: the others may have come back since they failed. */
  #hurry(now: number): void {
    for (const attachment of this.#attachments.values()) {
      const untilMs = now + unitInterval(this.#random) * ALONE_RETRY_MS
      if (attachment.state.kind === 'waiting') attachment.state = hurried(attachment.state, untilMs)
    }
  }

  #wait(attachment: Attachment, untilMs: number, notBeforeMs: number, failure: Failure): void {
    const isOver = this.#verdict !== undefined
    attachment.lastFailure = failure
    attachment.state = { kind: 'waiting', untilMs: isOver ? Infinity : untilMs, notBeforeMs }
  }

  /** A learned one that failed too often, or that others stand in for. */
  #isUseless({ isLearned, failures }: Attachment): boolean {
    if (!isLearned) return false
    return failures >= LEARNED_MAX_FAILURES || this.#liveCount() >= TARGET_ATTACHMENTS
  }

  #tryHeard(): void {
    while (!this.#isStopped && this.#liveCount() < TARGET_ATTACHMENTS) {
      const learned = this.#list().filter(({ isLearned }) => isLearned)
      if (learned.length >= MAX_LEARNED_ATTACHMENTS) return
      const server = this.#heard.take(url => this.#isKnown(url))
      if (server === undefined) return
      this.#dial(this.#add(server, true))
    }
  }

  #isKnown(url: ServerUrl): boolean {
    return this.#list().some(attachment => isServerAt(attachment, url))
  }
}
