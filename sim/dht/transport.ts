// What lies between virtual servers: calls become messages with latency over links, dials take round trips,
// and dead processes, vanished computers and cut networks each fail in their own way. Follows what
// shared/node/server/server-links.ts and server-mesh.ts do for the machine.

import type { Contact } from '../../shared/dht/contact.ts'
import type { CallAnswer } from '../../shared/dht/dht-effects.ts'
import {
  SERVER_CALL_TIMEOUT_MS,
  SERVER_DIAL_TIMEOUT_MS,
  SERVER_RETRY_MS,
  WELCOME_MAX_SAMPLE,
} from '../../shared/wire/limits.ts'
import type { Rng } from '../rng.ts'
import type { Call, CallEffect } from './calls.ts'
import type { DhtServer, RpcReply } from './dht-server.ts'
import type { DhtWorld } from './dht-world.ts'
import { contactOfRecord } from './identities.ts'
import type { NetworkProfile } from './network-profile.ts'
import { linkedWith, openLink } from './server-links.ts'
import type { Traffic } from './traffic.ts'

const NO_ANSWER: CallAnswer = { kind: 'noAnswer' }

export class Transport {
  readonly #world: DhtWorld
  readonly #profile: NetworkProfile
  readonly #traffic: Traffic
  readonly #jitter: Rng
  readonly #contacts = new WeakMap<Uint8Array, Contact>()

  constructor(world: DhtWorld, profile: NetworkProfile) {
    this.#world = world
    this.#profile = profile
    this.#traffic = world.traffic
    this.#jitter = world.rng.fork('jitter')
  }

  /** A machine wants an answer: over the link there is, or over a new one. */
  call(from: DhtServer, effect: CallEffect, round: number): void {
    const deadline = this.#world.queue.schedule(this.#world.nowMs + SERVER_CALL_TIMEOUT_MS, () => {
      this.#traffic.timeouts += 1
      this.#settle(call, NO_ANSWER)
    })
    const call: Call = { from, effect, round, deadline, isOver: false }
    const { contact } = effect
    const to = linkedWith(from, contact.key, this.#world.nowMs)
    if (to !== undefined) this.#send(call, to)
    else if ((from.failedUntil.peek(contact.key) ?? 0) <= this.#world.nowMs) {
      this.#dial(from, contact, call)
    } else this.#world.after(0, () => this.#settle(call, NO_ANSWER))
  }

  /** A machine wants to know whether there is a server: only a link that it dialed itself tells. */
  check(from: DhtServer, contact: Contact): void {
    const link = from.outbound.get(contact.key)
    // As with a real link: the news comes with the next turn of the loop, not within this one.
    if (link?.acceptor.contact.url === contact.url) {
      this.#world.after(0, () => this.#proven(from, link.acceptor))
    } else this.#dial(from, contact, undefined)
  }

  #send(call: Call, to: DhtServer): void {
    const { method, body } = call.effect
    this.#traffic.request(method, body)
    this.#world.after(this.#oneWayMs(), () => this.#arrive(call, to))
  }

  #arrive(call: Call, to: DhtServer): void {
    const { from, effect } = call
    if (!this.#world.canReach(from, to) || to.life === 'gone') return
    this.#world.trace.add(this.#world.nowMs, to.number, 'message', from.number)
    // Counts as a use of the link at this end too.
    linkedWith(to, from.contact.key, this.#world.nowMs)
    const asker = { key: from.contact.key, network: from.network }
    const reply = to.life === 'up' ? to.request(asker, effect.method, effect.body) : 'reset'
    if (reply !== 'reset') this.#traffic.response(reply?.kind === 'ok' ? reply.body : undefined)
    const answer = reply === 'reset' ? NO_ANSWER : answerOf(reply, to.network)
    this.#world.after(this.#oneWayMs(), () => {
      if (this.#world.canReach(from, to)) this.#settle(call, answer)
    })
  }

  #settle(call: Call, answer: CallAnswer): void {
    if (call.isOver) return
    call.isOver = true
    this.#world.queue.cancel(call.deadline)
    this.#world.trace.add(this.#world.nowMs, call.from.number, 'note', call.round)
    call.from.answered(call, answer)
  }

  /** Joins the dial that is under way to this key, if there is one. */
  #dial(from: DhtServer, contact: Contact, call: Call | undefined): void {
    const underWay = from.dials.get(contact.key)
    if (underWay !== undefined) {
      if (call !== undefined) underWay.push(call)
      return
    }
    from.dials.set(contact.key, call === undefined ? [] : [call])
    this.#traffic.dials += 1
    this.#world.trace.add(this.#world.nowMs, from.number, 'dial', 0)
    const to = this.#world.serverAt(contact.url)
    if (to !== undefined && (to.life === 'gone' || !this.#world.canReach(from, to))) {
      this.#world.after(SERVER_DIAL_TIMEOUT_MS, () => this.#dialFailed(from, contact))
    } else if (to === undefined || to.life === 'dead') {
      this.#world.after(this.#oneWayMs() + this.#oneWayMs(), () => this.#dialFailed(from, contact))
    } else {
      const tripMs = this.#oneWayMs() + this.#oneWayMs()
      this.#world.after(tripMs * this.#profile.dialRoundTrips, () =>
        this.#dialEnded(from, contact, to),
      )
    }
  }

  #dialEnded(from: DhtServer, contact: Contact, to: DhtServer): void {
    if (from.life !== 'up') return
    const isProven =
      to.life === 'up' && to.contact.key === contact.key && this.#world.canReach(from, to)
    if (!isProven) {
      this.#dialFailed(from, contact)
      return
    }
    const calls = from.dials.get(contact.key) ?? []
    from.dials.delete(contact.key)
    openLink(from, to, this.#world.nowMs)
    from.failedUntil.delete(contact.key)
    this.#world.trace.add(this.#world.nowMs, from.number, 'opened', to.number)
    to.tell((dht, time) => dht.hint(time, [from.contact]))
    this.#proven(from, to)
    this.#welcome(from, to)
    for (const call of calls) if (!call.isOver) this.#send(call, to)
  }

  #dialFailed(from: DhtServer, contact: Contact): void {
    const calls = from.dials.get(contact.key) ?? []
    from.dials.delete(contact.key)
    this.#traffic.failedDials += 1
    from.failedUntil.set(contact.key, this.#world.nowMs + SERVER_RETRY_MS)
    this.#unreachable(from, contact)
    for (const call of calls) this.#settle(call, NO_ANSWER)
  }

  #proven(from: DhtServer, to: DhtServer): void {
    from.tell((dht, time) => dht.verified(time, to.contact, to.network, to.record))
  }

  #unreachable(from: DhtServer, contact: Contact): void {
    this.#world.trace.add(this.#world.nowMs, from.number, 'lost', 0)
    from.tell((dht, time) => dht.unreachable(time, contact.key))
  }

  /** The sample of records that a WELCOME brings. */
  #welcome(dialer: DhtServer, acceptor: DhtServer): void {
    if (!dialer.isHonest || !acceptor.isHonest) return
    const sample = acceptor.dht.sample(dialer.contact.id, WELCOME_MAX_SAMPLE)
    const contacts = sample.flatMap(record => this.#contactOf(record) ?? [])
    dialer.tell((dht, time) => dht.hint(time, contacts))
  }

  /** The same few records are shown again and again: each is read once. */
  #contactOf(record: Uint8Array): Contact | undefined {
    const known = this.#contacts.get(record) ?? contactOfRecord(record)
    if (known !== undefined) this.#contacts.set(record, known)
    return known
  }

  #oneWayMs(): number {
    const { latencyMs, jitterMs } = this.#profile
    return latencyMs + this.#jitter.between(-jitterMs, jitterMs)
  }
}

function answerOf(reply: RpcReply, network: string | undefined): CallAnswer {
  if (reply === undefined) return { kind: 'error', code: 'UNKNOWN_METHOD', hint: '' }
  return reply.kind === 'ok' ? { ...reply, network } : reply
}
