// One authenticated hop (docs/PROTOCOL.md 3) as a machine: a login, then an open channel, then nothing.
// Owns the outbox and the end of the link; login.ts and channel.ts decide. Knows no transport: messages
// come in whole and in order, and `transmit` effects must go out whole and in order.

import { EffectQueue } from '../machine/effect-queue.ts'
import type { Machine, Time } from '../machine/machine.ts'
import { CLOSE_CODE } from '../wire/close-code.ts'
import { FRAME, isCell } from '../wire/frame-type.ts'
import { WS_MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import { encodeGoodbye } from '../wire/link-messages.ts'
import { Channel } from './channel.ts'
import { endedHere } from './ending.ts'
import { initiatorPolicy, responderPolicy } from './keepalive.ts'
import type { LinkClosed, LinkConfig, LinkEffect, LinkInput, LinkSide } from './link-types.ts'
import type { LoginStep } from './login.ts'
import { Login } from './login.ts'

export type {
  LinkClosed,
  LinkConfig,
  LinkEffect,
  LinkInput,
  LinkPeer,
  LinkSide,
  ResponderSide,
} from './link-types.ts'

type LinkState =
  | { readonly kind: 'login'; readonly login: Login; isFull: boolean }
  | { readonly kind: 'open'; readonly channel: Channel }
  | { readonly kind: 'closed' }

type LoginDone = Extract<LoginStep, { kind: 'done' }>

const CLOSED: LinkState = { kind: 'closed' }

export class Link implements Machine<LinkInput, LinkEffect> {
  readonly #config: LinkConfig
  readonly #maxMessageBytes: number
  readonly #out = new EffectQueue<LinkEffect>()
  #state: LinkState
  #now: number

  constructor(config: LinkConfig, side: LinkSide, time: Time) {
    this.#config = config
    this.#maxMessageBytes = side.maxMessageBytes ?? WS_MAX_MESSAGE_BYTES
    this.#state = { kind: 'login', login: new Login(config, side, time), isFull: false }
    this.#now = time.now
  }

  /** Open and not paused. */
  get canSend(): boolean {
    return this.#state.kind === 'open' && this.#state.channel.canSend
  }

  get queuedBytes(): number {
    return this.#state.kind === 'open' ? this.#state.channel.queuedBytes : 0
  }

  /** @throws RangeError for a `send` of what is no application frame or longer than a message: a caller's mistake. */
  handle(time: Time, input: LinkInput): void {
    this.#now = time.now
    if (this.#state.kind === 'closed') return
    switch (input.kind) {
      case 'opened':
        this.#onOpened(time)
        break
      case 'message':
        this.#onMessage(time, input.bytes)
        break
      case 'full':
        this.#onFull(time)
        break
      case 'writable':
        this.#onWritable(time)
        break
      case 'lost':
        this.#end({ kind: 'closed', reason: input.reason, side: 'transport' })
        break
      case 'send':
        this.#onSend(time, input.bytes)
        break
      case 'close':
        this.#end(endedHere(input.reason, undefined, input.retryAfterMs))
        break
      case 'doubt':
        if (this.#state.kind === 'open') this.#endIf(this.#state.channel.doubt(time))
        break
      case 'timeout':
        this.#onTimeout(time)
        break
    }
  }

  poll(): LinkEffect | undefined {
    const effect = this.#out.shift()
    if (effect !== undefined) return effect
    return this.#state.kind === 'open' ? this.#state.channel.take(this.#now) : undefined
  }

  nextTimeout(): number | undefined {
    switch (this.#state.kind) {
      case 'login':
        return this.#state.login.deadlineMs
      case 'open':
        return this.#state.channel.alarmAt
      case 'closed':
        return undefined
    }
  }

  #onOpened(time: Time): void {
    if (this.#state.kind !== 'login') return
    const step = this.#state.login.opened(time)
    if (step !== undefined) this.#advance(time, step)
  }

  #onMessage(time: Time, bytes: Uint8Array): void {
    if (bytes.length > this.#maxMessageBytes) {
      this.#end(endedHere('tooLarge', 'a message is too long'))
    } else if (this.#state.kind === 'login') {
      this.#advance(time, this.#state.login.received(time, bytes))
    } else if (this.#state.kind === 'open') {
      this.#endIf(this.#state.channel.received(time, bytes))
    }
  }

  #onFull(time: Time): void {
    if (this.#state.kind === 'login') this.#state.isFull = true
    else if (this.#state.kind === 'open') this.#state.channel.full(time.now)
  }

  #onWritable(time: Time): void {
    if (this.#state.kind === 'login') this.#state.isFull = false
    else if (this.#state.kind === 'open') this.#state.channel.writable(time.now)
  }

  #onSend(time: Time, bytes: Uint8Array): void {
    if (!isApplicationFrame(bytes)) throw new RangeError('not an application frame')
    if (bytes.length > this.#maxMessageBytes) throw new RangeError('the frame is too long')
    if (this.#state.kind === 'open') this.#endIf(this.#state.channel.send(time, bytes))
  }

  #onTimeout(time: Time): void {
    if (this.#state.kind === 'open') this.#endIf(this.#state.channel.alarm(time))
    else if (this.#state.kind === 'login' && time.now >= this.#state.login.deadlineMs) {
      this.#end(this.#state.login.timedOut())
    }
  }

  #advance(time: Time, step: LoginStep): void {
    if (step.kind === 'closed') {
      this.#end(step)
      return
    }
    if (step.send !== undefined) this.#out.push({ kind: 'transmit', bytes: step.send })
    if (step.kind === 'done') this.#open(time, step)
  }

  #open(time: Time, { peer, welcome, rttMs }: LoginDone): void {
    const isFull = this.#state.kind === 'login' && this.#state.isFull
    const policy =
      welcome === undefined ? responderPolicy(peer.type) : initiatorPolicy(welcome.keepaliveMs)
    const channel = new Channel(this.#config.random, this.#out, policy, time.now)
    if (isFull) channel.full(time.now)
    this.#state = { kind: 'open', channel }
    this.#out.push({ kind: 'open', peer, welcome })
    this.#out.push({ kind: 'rtt', ms: rttMs })
  }

  #endIf(closed: LinkClosed | undefined): void {
    if (closed !== undefined) this.#end(closed)
  }

  /** What was queued is dropped: the goodbye goes ahead of it, and sessions send again elsewhere. */
  #end(closed: LinkClosed): void {
    const goodbye = closed.side === 'local' ? this.#goodbye(closed) : undefined
    if (goodbye !== undefined) this.#out.push({ kind: 'transmit', bytes: goodbye })
    this.#out.push(closed)
    this.#state = CLOSED
  }

  /** The reason in full, as a bare code, or not at all, by what the peer has earned so far. */
  #goodbye({ reason, hint, retryAfterMs }: LinkClosed): Uint8Array | undefined {
    const bare = {
      code: CLOSE_CODE[reason],
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    }
    const full = encodeGoodbye(hint === undefined ? bare : { ...bare, reason: hint })
    if (this.#state.kind !== 'login') return full
    const { login } = this.#state
    if (login.mayReply(full.length)) return full
    const short = encodeGoodbye(bare)
    return login.mayReply(short.length) ? short : undefined
  }
}

function isApplicationFrame(bytes: Uint8Array): boolean {
  const type = bytes[0] ?? 0
  return isCell(type) || type === FRAME.request || type === FRAME.response || type === FRAME.push
}
