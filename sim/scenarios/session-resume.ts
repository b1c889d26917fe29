// Pairs of clients that write to each other at one server while each of them is restarted again and again, in the
// middle of what it does, some with a disk that has lost its newest writes. Each has an application that keeps
// what it was shown, by id, on that disk. What a sender's disk held, or its peer had, must be there in the end.

import { nodeSuite } from '../../host/node/node-suite.ts'
import { mapKey } from '../../shared/bytes/map-key.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import { restoreSessions } from '../../shared/node/resume/restore.ts'
import { serverRole } from '../../shared/node/server/server-role.ts'
import { StateSeal } from '../../shared/session/state-seal.ts'
import { RELAY_BURST_BYTES, RELAY_BYTES_PER_S } from '../../shared/wire/limits.ts'
import { loseWrites } from '../faults.ts'
import type { MeshOptions, MeshProgram } from '../mesh-program.ts'
import { bootMesh } from '../mesh-program.ts'
import { EPOCH_UNIX_MS } from '../sim-host.ts'
import type { SimNode } from '../sim-node.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import { uniformTopology } from '../topology.ts'
import { World } from '../world.ts'

export interface SessionResumeOptions {
  readonly pairs: number
  /** Of all clients together. */
  readonly restarts: number
  /** At most so many of the newest writes are lost at a restart, evenly drawn. */
  readonly maxLostWrites: number
  /** Mean life of a client; default 3,000. */
  readonly lifeMs?: number
}

export interface SessionResumeReport {
  readonly sent: number
  /** Never owed: neither saved nor arrived when the sender's process ended. */
  readonly unsaved: number
  readonly kept: number
  /** Owed and never shown. */
  readonly lost: number
  /** Shown, and lost by the receiver's own disk. */
  readonly lostByDisk: number
  /** In an application's history under two ids. */
  readonly shownTwice: number
  /**
   * After a later one of the same sender. Not counted is what came once more because a disk had lost writes: of the
   * receiver, that it was there; of the sender, that it was given up.
   */
  readonly outOfOrder: number
  /** Given up, and sent again in a later life as the disk had forgotten that. */
  readonly revived: number
  /** What nodes showed again, and applications knew by its id. */
  readonly repeats: number
  readonly restarts: number
  /** How often a peer that was not restarted was told that the session ended. */
  readonly peersDown: number
  readonly virtualMs: number
}

const URL: ServerUrl = { scheme: 'ws', host: 'one.test', port: 80 }
const HISTORY = 'history/'
const SEND_EVERY_MS = 400
/** What an application keeps of a message. */
const NUMBER_BYTES = 4
const DOWN_MS = { min: 20, max: 1_500 } as const
/** After the last restart: messages are delivered by then, or given up. */
const SETTLE_MS = 60_000

export function runSessionResume(
  seed: string | number,
  options: SessionResumeOptions,
): SessionResumeReport {
  const run = new SessionResume(seed, options)
  return run.report()
}

class Talker {
  readonly node: SimNode
  readonly options: MeshOptions
  program: MeshProgram
  peer: Talker | undefined
  nextNumber = 0
  /** Numbers that must be with the peer in the end. */
  readonly owed = new Set<number>()
  readonly lostByDisk = new Set<number>()
  /** Numbers that the application was told are not delivered, and those that its node sends once more all the same. */
  readonly givenUp = new Set<number>()
  readonly revived = new Set<number>()
  repeats = 0
  downs = 0

  constructor(node: SimNode) {
    this.node = node
    this.options = {
      seed: node.rng.fork('seed').bytes(32),
      type: 'client',
      net: new Uint8Array(16),
      servers: [URL],
      keepsSessions: true,
    }
    this.program = this.boot()
  }

  boot(): MeshProgram {
    this.program = bootMesh(this.node, this.options, (_, event) => this.#onEvent(event))
    return this.program
  }

  /** Numbers, in the order in which the application first had them. */
  get history(): number[] {
    const kept = [...this.node.disk].filter(([name]) => name.startsWith(HISTORY))
    return kept.map(([, value]) => numberOf(value))
  }

  send(): void {
    const { peer, node } = this
    if (peer === undefined || node.host === undefined) return
    const number = this.nextNumber++
    this.owed.add(number)
    const data = numberedMessage(number, NUMBER_BYTES + node.rng.below(400))
    this.program.send(peer.program.key, data, ({ kind }) => {
      if (kind === 'failed') this.givenUp.add(number)
    })
  }

  /** @returns how much of what was under way nobody owes any more */
  crash(lostWrites: number, isSilent: boolean): number {
    const before = this.history
    this.node.kill({ silent: isSilent })
    loseWrites(this.node, lostWrites)
    const after = new Set(this.history)
    for (const number of before) if (!after.has(number)) this.lostByDisk.add(number)
    const saved = this.#saved()
    for (const number of this.givenUp) if (saved.has(number)) this.revived.add(number)
    const arrived = new Set([...(this.peer?.history ?? []), ...(this.peer?.lostByDisk ?? [])])
    const unsaved = [...this.owed].filter(number => !saved.has(number) && !arrived.has(number))
    for (const number of unsaved) this.owed.delete(number)
    return unsaved.length
  }

  #saved(): Set<number> {
    const { seed } = this.options
    const seal = new StateSeal(nodeSuite, length => new Uint8Array(length), seed)
    const unixMs = EPOCH_UNIX_MS + this.node.world.nowMs
    const { peers } = restoreSessions(seal, unixMs, this.node.disk)
    return new Set(peers.flatMap(({ messages }) => messages.map(({ data }) => numberOf(data))))
  }

  #onEvent(event: NodeEvent): void {
    if (event.kind === 'peerDown') this.downs += 1
    if (event.kind !== 'message') return
    const name = HISTORY + mapKey(event.id)
    if (this.node.disk.has(name)) this.repeats += 1
    else this.node.write(name, numberedMessage(numberOf(event.data), NUMBER_BYTES))
    this.program.consume(event)
  }
}

class SessionResume {
  readonly #world: World
  readonly #options: SessionResumeOptions
  readonly #talkers: Talker[] = []
  #restarts = 0
  #unsaved = 0
  #isOver = false

  constructor(seed: string | number, options: SessionResumeOptions) {
    this.#options = options
    const rng = new World(seed).rng.fork('topology')
    const topology = uniformTopology(rng, { minLatencyMs: 20, maxLatencyMs: 120, jitterMs: 10 })
    this.#world = new World(seed, { topology })
    this.#bootServer()
    for (let pair = 0; pair < options.pairs; pair += 1) this.#addPair(pair)
    const isOnline = () => this.#talkers.every(({ program }) => program.isOnline)
    if (!this.#world.runUntil(isOnline, 30_000)) throw new Error('Some client did not get online.')
    for (const talker of this.#talkers) this.#live(talker)
    this.#world.runUntil(() => this.#restarts >= options.restarts, 3_600_000)
    this.#isOver = true
    this.#world.runFor(SETTLE_MS)
  }

  report(): SessionResumeReport {
    const sum = (of: (talker: Talker) => number): number =>
      this.#talkers.reduce((total, talker) => total + of(talker), 0)
    return {
      sent: sum(({ nextNumber }) => nextNumber),
      unsaved: this.#unsaved,
      kept: sum(({ history }) => history.length),
      lost: sum(({ history, lostByDisk, peer }) => {
        const there = new Set([...history, ...lostByDisk])
        return [...(peer?.owed ?? [])].filter(number => !there.has(number)).length
      }),
      lostByDisk: sum(({ history, lostByDisk }) => {
        const there = new Set(history)
        return [...lostByDisk].filter(number => !there.has(number)).length
      }),
      shownTwice: sum(({ history }) => history.length - new Set(history).size),
      outOfOrder: sum(({ history, lostByDisk, peer }) => {
        const isLate = (number: number) => lostByDisk.has(number) || peer?.revived.has(number)
        const first = history.filter(number => !isLate(number))
        return first.filter((number, at) => number < (first[at - 1] ?? 0)).length
      }),
      revived: sum(({ revived }) => revived.size),
      repeats: sum(({ repeats }) => repeats),
      restarts: this.#restarts,
      peersDown: sum(({ downs }) => downs),
      virtualMs: this.#world.nowMs,
    }
  }

  #bootServer(): void {
    const server = this.#world.addNode('server', {
      listen: { origins: [originOf(URL)], addressClass: 'public' },
    })
    bootMesh(server, {
      seed: server.rng.fork('seed').bytes(32),
      type: 'server',
      serverRole,
      net: new Uint8Array(16),
      servers: [],
      endpoints: [{ url: originOf(URL) }],
      relay: { bytesPerS: RELAY_BYTES_PER_S, burstBytes: RELAY_BURST_BYTES },
    })
  }

  #addPair(pair: number): void {
    const [one, other] = ['a', 'b'].map(
      side => new Talker(this.#world.addNode(`client ${pair}${side}`)),
    ) as [Talker, Talker]
    one.peer = other
    other.peer = one
    this.#talkers.push(one, other)
  }

  #live(talker: Talker): void {
    this.#sendLater(talker)
    this.#crashLater(talker)
  }

  #sendLater(talker: Talker): void {
    this.#world.after(talker.node.rng.between(0, 2 * SEND_EVERY_MS), () => {
      if (this.#isOver) return
      talker.node.enqueue(() => talker.send())
      this.#sendLater(talker)
    })
  }

  #crashLater(talker: Talker): void {
    const { restarts, maxLostWrites, lifeMs = 3_000 } = this.#options
    const { rng } = talker.node
    this.#world.after(rng.between(0, 2 * lifeMs), () => {
      if (this.#isOver || this.#restarts >= restarts) return
      this.#restarts += 1
      this.#unsaved += talker.crash(rng.below(maxLostWrites + 1), rng.chance(0.2))
      this.#world.after(rng.between(DOWN_MS.min, DOWN_MS.max), () => {
        talker.boot()
        this.#crashLater(talker)
      })
    })
  }
}
