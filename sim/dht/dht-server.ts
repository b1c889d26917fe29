// One virtual server of the registry: a real Dht machine, or a hostile answerer, and its links. Drains the
// machine after every input, keeps its one timer, and hands calls and checks to the world. What a whole
// server node does besides (logins, clients, quotas per link) is not here.

import type { CborMap } from '../../shared/bytes/cbor.ts'
import type { Contact } from '../../shared/dht/contact.ts'
import type { Dht } from '../../shared/dht/dht.ts'
import type { CallAnswer, DhtEffect, QueryId, RpcAnswerOut } from '../../shared/dht/dht-effects.ts'
import type { KeyId } from '../../shared/identity/node-id.ts'
import { LruMap } from '../../shared/machine/lru-map.ts'
import type { Time } from '../../shared/machine/machine.ts'
import { MAX_FAILED_SERVERS, MAX_SERVER_LINKS } from '../../shared/wire/limits.ts'
import type { ScheduledEvent } from '../event-queue.ts'
import type { Call } from './calls.ts'
import type { DhtWorld } from './dht-world.ts'
import type { ServerLink } from './server-links.ts'

export type FoundEffect = Extract<DhtEffect, { readonly kind: 'found' }>
export type RpcReply = RpcAnswerOut | undefined

/** Who asks: as the host of a server knows it. */
export type Asker = Parameters<Dht['request']>[1]

/** What answers its neighbours' requests: a Dht does. */
export interface Answerer {
  request(time: Time, from: Asker, method: string, body: CborMap): RpcReply
}

/** Alive; its process ended, so that the computer refuses connections; or nobody answers there. */
export type ServerLife = 'up' | 'dead' | 'gone'

/** One lookup as it was seen from outside of the machine. */
export interface FindReport {
  readonly value: FoundEffect['value']
  /** Answers that were asked for until the end. */
  readonly messages: number
  /** Longest chain of calls each of which waited for the one before. */
  readonly rounds: number
  readonly firstMs: number | undefined
  readonly finalMs: number
}

interface Find {
  readonly startMs: number
  readonly callsBefore: number
  firstMs: number | undefined
  readonly done: (report: FindReport) => void
}

export interface DhtServerOptions {
  readonly number: number
  readonly contact: Contact
  /** Its own signed record, as it travels. */
  readonly record: Uint8Array
  readonly network: string | undefined
  readonly skewMs: number
}

export class DhtServer {
  readonly number: number
  readonly contact: Contact
  readonly record: Uint8Array
  readonly network: string | undefined
  /** Links that it dialed, and those that others dialed to it. */
  readonly outbound = new LruMap<KeyId, ServerLink>(MAX_SERVER_LINKS)
  readonly inbound = new Map<KeyId, ServerLink>()
  /** Calls that wait for the dials under way. */
  readonly dials = new Map<KeyId, Call[]>()
  /** Who could not be dialed, and until when that is believed. */
  readonly failedUntil = new LruMap<KeyId, number>(MAX_FAILED_SERVERS)
  readonly disk = new Map<string, Uint8Array>()
  skewMs: number
  life: ServerLife = 'up'
  /** How often its timer rang. */
  wakes = 0
  /** Told of every effect that is not a call, a check or a save. */
  onEffect: ((effect: DhtEffect) => void) | undefined
  readonly #world: DhtWorld
  readonly #finds = new Map<QueryId, Find>()
  #dht: Dht | undefined
  #answerer: Answerer | undefined
  #timer: ScheduledEvent | undefined
  #calls = 0
  #round = 0
  #deepestRound = 0

  constructor(world: DhtWorld, options: DhtServerOptions, make: (time: Time) => Dht | Answerer) {
    this.#world = world
    this.number = options.number
    this.contact = options.contact
    this.record = options.record
    this.network = options.network
    this.skewMs = options.skewMs
    const machine = make(this.time)
    this.#answerer = machine
    this.#dht = 'poll' in machine ? machine : undefined
  }

  get time(): Time {
    return { now: this.#world.nowMs, unixMs: this.#world.unixMs + this.skewMs }
  }

  /** Up, and what it says to be. */
  get isHonest(): boolean {
    return this.#dht !== undefined
  }

  /** The machine, to be read; inputs go through `tell`. @throws Error for one that is hostile or down */
  get dht(): Dht {
    if (this.#dht === undefined) throw new Error(`Server ${this.number} has no machine.`)
    return this.#dht
  }

  /** One input and its effects; nothing at a server that is down. */
  tell(input: (dht: Dht, time: Time) => void): void {
    if (this.#dht === undefined) return
    input(this.#dht, this.time)
    this.#drain()
  }

  /** Stops everything that would still happen here; nothing of the machine stays. */
  halt(life: Exclude<ServerLife, 'up'>): void {
    this.life = life
    this.#dht = undefined
    this.#answerer = undefined
    if (this.#timer !== undefined) this.#world.queue.cancel(this.#timer)
    this.#timer = undefined
    this.#finds.clear()
    this.dials.clear()
  }

  request(from: Asker, method: string, body: CborMap): RpcReply {
    const reply = this.#answerer?.request(this.time, from, method, body)
    this.#drain()
    return reply
  }

  /** The answer of a call made here. Its figures are right while no other lookup runs at this server. */
  answered(call: Call, answer: CallAnswer): void {
    this.#round = call.round
    this.tell((dht, time) => dht.answer(time, call.effect.call, answer))
    this.#round = 0
  }

  /** Looks a key up; `done` is told when all paths have finished. */
  find(key: KeyId, done: (report: FindReport) => void): void {
    this.#deepestRound = 0
    this.tell((dht, time) => {
      const query = dht.find(time, key)
      const { nowMs: startMs } = this.#world
      this.#finds.set(query, { startMs, callsBefore: this.#calls, firstMs: undefined, done })
    })
  }

  #drain(): void {
    const dht = this.#dht
    if (dht === undefined) return
    for (let effect = dht.poll(); effect !== undefined; effect = dht.poll()) this.#perform(effect)
    this.#setTimer(dht.nextTimeout())
  }

  #perform(effect: DhtEffect): void {
    switch (effect.kind) {
      case 'call': {
        const round = this.#round + 1
        this.#calls += 1
        this.#deepestRound = Math.max(this.#deepestRound, round)
        this.#world.transport.call(this, effect, round)
        return
      }
      case 'check':
        this.#world.transport.check(this, effect.contact)
        return
      case 'save':
        this.#save(effect.key, effect.value)
        return
      case 'found':
        this.#found(effect)
        this.onEffect?.(effect)
        return
      default:
        this.onEffect?.(effect)
    }
  }

  #save(key: string, value: Uint8Array | undefined): void {
    if (!this.#world.keepsDisks) return
    if (value === undefined) this.disk.delete(key)
    else this.disk.set(key, value)
  }

  #found({ query, value, isFinal }: FoundEffect): void {
    const find = this.#finds.get(query)
    if (find === undefined) return
    const elapsedMs = this.#world.nowMs - find.startMs
    if (value !== undefined) find.firstMs ??= elapsedMs
    if (!isFinal) return
    this.#finds.delete(query)
    find.done({
      value,
      messages: this.#calls - find.callsBefore,
      rounds: this.#deepestRound,
      firstMs: find.firstMs,
      finalMs: elapsedMs,
    })
  }

  #setTimer(atMs: number | undefined): void {
    if (this.life !== 'up') return
    if (this.#timer !== undefined) {
      if (this.#timer.atMs === atMs) return
      this.#world.queue.cancel(this.#timer)
      this.#timer = undefined
    }
    if (atMs === undefined) return
    this.#timer = this.#world.queue.schedule(Math.max(atMs, this.#world.nowMs), this.#wake)
  }

  readonly #wake = (): void => {
    this.#timer = undefined
    this.wakes += 1
    this.#world.woke(this)
    this.tell((dht, time) => dht.timeout(time))
  }
}
