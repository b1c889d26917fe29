// Two sessions, a virtual clock and a bad network between them. The owner's duties are done as a node does
// them: drain effects, pull packets, take messages, replace paths. Same seed, same run.

import { nobleSuite } from '../../crypto/noble-suite.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { createIdentity } from '../../identity/identity.ts'
import type { Time } from '../../machine/machine.ts'
import type { SessionEffect, SessionInput } from '../effects.ts'
import type { EpochLimits } from '../epoch.ts'
import type { SessionSecrets } from '../handshake.ts'
import type { PathId } from '../path.ts'
import { SeenIds } from '../seen-ids.ts'
import { Session } from '../session.ts'
import { handshakeSecrets, UNIX_MS, watched } from './secrets.ts'
import type { Seeded } from './seeded.ts'
import { seeded } from './seeded.ts'

export interface Network {
  readonly delayMs: number
  /** Of all paths together, each way: an access line that they share. */
  readonly bytesPerMs: number
  /** Shares of packets, 0 to 1. */
  readonly loss: number
  readonly duplicate: number
  readonly reorder: number
  readonly corrupt: number
}

export interface PairOptions {
  readonly seed?: number
  readonly network?: Partial<Network>
  readonly epochLimits?: EpochLimits
  readonly smallBytes?: number
  readonly largeBytes?: number
  /** Whether the application takes each message at once. */
  readonly consumes?: boolean
  /** Whether a path that a side misses or suspects is replaced. */
  readonly replacesPaths?: boolean
}

export type Side = 'alice' | 'bob'

/** What one side of the pair knows and keeps. */
export interface End {
  readonly side: Side
  session: Session
  readonly seen: SeenIds
  readonly identity: Identity
  readonly messages: { id: Uint8Array; data: Uint8Array }[]
  readonly effects: SessionEffect[]
}

interface Flight {
  readonly at: number
  readonly order: number
  readonly to: Side
  readonly path: PathId
  readonly bytes: Uint8Array
}

const PERFECT: Network = {
  delayMs: 20,
  bytesPerMs: Number.POSITIVE_INFINITY,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
}
export const SMALL_BYTES = 932
export const LARGE_BYTES = 16_292

export class Pair {
  now = 0
  readonly random: Seeded
  readonly suite: CryptoSuite
  readonly alice: End
  readonly bob: End
  readonly recorded: { to: Side; bytes: Uint8Array }[] = []
  isRecording = false
  /** Bytes and packets that left, both directions. */
  packets = 0
  largePackets = 0
  network: Network
  readonly #options: PairOptions
  #flights: Flight[] = []
  #order = 0
  #nextPath = 1
  /** Paths that swallow everything without a word. */
  readonly blackHoles = new Set<PathId>()
  readonly paths = new Set<PathId>()
  readonly #carried = new Map<string, number>()
  readonly #freeAt: Record<Side, number> = { alice: 0, bob: 0 }

  constructor(options: PairOptions = {}) {
    this.#options = options
    this.network = { ...PERFECT, ...options.network }
    this.random = seeded(options.seed ?? 1)
    this.suite = watched(nobleSuite)
    const [alice, bob] = [this.random.bytes(32), this.random.bytes(32)].map(seed =>
      createIdentity(this.suite, seed),
    ) as [Identity, Identity]
    const secrets = handshakeSecrets(this.suite, this.random, alice, bob)
    this.alice = this.#end('alice', alice, secrets.caller)
    this.bob = this.#end('bob', bob, secrets.callee)
  }

  get time(): Time {
    return { now: this.now, unixMs: UNIX_MS + this.now }
  }

  end(side: Side): End {
    return side === 'alice' ? this.alice : this.bob
  }

  other(end: End): End {
    return end === this.alice ? this.bob : this.alice
  }

  /** A new path, up on both sides. */
  openPath(): PathId {
    const path = this.#nextPath++ as PathId
    this.paths.add(path)
    const { smallBytes = SMALL_BYTES, largeBytes = LARGE_BYTES } = this.#options
    for (const end of [this.alice, this.bob]) {
      this.handle(end, { kind: 'pathUp', path, smallBytes, largeBytes })
    }
    return path
  }

  /** Drops what is in flight there, and tells both sides. */
  killPath(path: PathId): void {
    this.paths.delete(path)
    this.#flights = this.#flights.filter(flight => flight.path !== path)
    for (const end of [this.alice, this.bob]) this.handle(end, { kind: 'pathDown', path })
  }

  /** Bytes that left toward one side over one path. */
  bytesOver(path: PathId, to: End): number {
    return this.#carried.get(`${to.side}/${path}`) ?? 0
  }

  handle(end: End, input: SessionInput): void {
    end.session.handle(this.time, input)
    this.drain(end)
  }

  send(end: End, data: Uint8Array): Uint8Array {
    const id = this.random.bytes(16)
    this.handle(end, { kind: 'send', id, data })
    return id
  }

  /** To the moment `untilMs`; without one, until nothing moves within a minute. */
  run(untilMs?: number): void {
    const end = untilMs ?? this.now + 60_000
    for (
      let next = this.#nextEvent();
      next !== undefined && next <= end;
      next = this.#nextEvent()
    ) {
      this.now = Math.max(this.now, next)
      this.#step()
    }
    if (untilMs !== undefined) this.now = Math.max(this.now, untilMs)
  }

  /** Until `isDone`, and no longer than `limitMs`. */
  runUntil(isDone: () => boolean, limitMs = 600_000): void {
    const end = this.now + limitMs
    while (!isDone()) {
      const next = this.#nextEvent()
      if (next === undefined) throw new Error(`nothing moves at ${this.now}`)
      if (next > end) throw new Error('not done in time')
      this.now = Math.max(this.now, next)
      this.#step()
    }
  }

  drain(end: End): void {
    this.#pollEffects(end)
    this.#pullPackets(end)
    this.#pollEffects(end)
  }

  deliver(to: Side, bytes: Uint8Array): void {
    const path = [...this.paths][0] ?? (0 as PathId)
    this.handle(this.end(to), { kind: 'packet', path, bytes })
  }

  #end(side: Side, identity: Identity, secrets: SessionSecrets): End {
    const seen = new SeenIds()
    const { epochLimits } = this.#options
    const config = {
      suite: this.suite,
      random: this.random.bytes,
      identity,
      seen,
      ...(epochLimits && { epochLimits }),
    }
    const session = new Session(config, secrets, this.time)
    return { side, session, seen, identity, messages: [], effects: [] }
  }

  #nextEvent(): number | undefined {
    const times = [
      this.#flights[0]?.at,
      this.alice.session.nextTimeout(),
      this.bob.session.nextTimeout(),
    ].filter(time => time !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #step(): void {
    while ((this.#flights[0]?.at ?? Number.POSITIVE_INFINITY) <= this.now) {
      const flight = this.#flights.shift() as Flight
      if (!this.paths.has(flight.path) || this.blackHoles.has(flight.path)) continue
      const { path, bytes } = flight
      this.handle(this.end(flight.to), { kind: 'packet', path, bytes })
    }
    for (const end of [this.alice, this.bob]) {
      const timeout = end.session.nextTimeout()
      if (timeout !== undefined && timeout <= this.now) this.handle(end, { kind: 'timeout' })
    }
  }

  #pollEffects(end: End): void {
    const { consumes = true, replacesPaths = true } = this.#options
    for (let effect = end.session.poll(); effect; effect = end.session.poll()) {
      if (effect.kind !== 'message') end.effects.push(effect)
      else {
        end.messages.push({ id: effect.id, data: effect.data })
        if (consumes) {
          end.session.handle(this.time, { kind: 'consumed', bytes: effect.data.length })
        }
      }
      if (!replacesPaths) continue
      if (effect.kind === 'needPath') this.openPath()
      if (effect.kind === 'pathSuspect') {
        this.killPath(effect.path)
        if (this.paths.size === 0) this.openPath()
      }
    }
  }

  #pullPackets(end: End): void {
    for (const path of this.paths) {
      while (end.session.wantsToSend(path)) {
        const packet = end.session.pollPacket(this.time, path)
        if (packet === undefined) break
        this.packets++
        if (packet.length > SMALL_BYTES) this.largePackets++
        const { side } = this.other(end)
        const flow = `${side}/${path}`
        this.#carried.set(flow, (this.#carried.get(flow) ?? 0) + packet.length)
        this.#transmit(side, path, packet)
      }
    }
  }

  #transmit(to: Side, path: PathId, bytes: Uint8Array): void {
    const { delayMs, bytesPerMs, loss, duplicate, reorder, corrupt } = this.network
    if (this.isRecording) this.recorded.push({ to, bytes })
    const leftAt = Math.max(this.now, this.#freeAt[to]) + bytes.length / bytesPerMs
    this.#freeAt[to] = leftAt
    if (this.random.next() < loss) return
    const late = this.random.next() < reorder ? delayMs * 2 * this.random.next() : 0
    const arriving = this.random.next() < corrupt ? this.#flipped(bytes) : bytes
    this.#schedule({
      at: leftAt + delayMs + late,
      order: this.#order++,
      to,
      path,
      bytes: arriving,
    })
    if (this.random.next() >= duplicate) return
    this.#schedule({ at: leftAt + 2 * delayMs, order: this.#order++, to, path, bytes })
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice()
    const at = Math.floor(this.random.next() * copy.length)
    copy[at] = (copy[at] as number) ^ (1 << Math.floor(this.random.next() * 8))
    return copy
  }

  #schedule(flight: Flight): void {
    let at = this.#flights.length
    while (at > 0 && (this.#flights[at - 1] as Flight).at > flight.at) at--
    this.#flights.splice(at, 0, flight)
  }
}
