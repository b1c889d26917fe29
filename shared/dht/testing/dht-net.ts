// A few Dht machines joined by direct calls on a virtual clock, for tests of what they do together. Calls and
// checks take LATENCY_MS each way; who is down or cut off does not answer. Scenarios of hundreds are in sim/.

import { fakeSuite } from '../../../sim/fake-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { createIdentity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { signRecord } from '../../wire/record.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { Contact } from '../contact.ts'
import { contactOf } from '../contact.ts'
import type { DhtEffect, DhtParameters, QueryId } from '../dht.ts'
import { Dht } from '../dht.ts'

export const NET = new Uint8Array(16).fill(3)
export const LATENCY_MS = 20
export const START_UNIX_MS = 1_800_000_000_000

type Effect<Kind extends DhtEffect['kind']> = Extract<DhtEffect, { kind: Kind }>

export interface NetNode {
  readonly contact: Contact
  readonly dht: Dht
  readonly effects: DhtEffect[]
  /** What its calls asked for, the latest last. */
  readonly calls: Effect<'call'>[]
  readonly saved: Map<string, Uint8Array>
  isUp: boolean
  /** Nodes in different parts do not reach each other. */
  part: number
}

interface Due {
  readonly atMs: number
  readonly run: () => void
}

export class DhtNet {
  readonly random: RandomBytes
  readonly nodes: NetNode[] = []
  now = 0
  readonly #parameters: Partial<DhtParameters>
  #due: Due[] = []

  constructor(seed: number, parameters: Partial<DhtParameters> = {}) {
    this.random = seededRandom(seed)
    this.#parameters = parameters
  }

  get time(): Time {
    return { now: this.now, unixMs: START_UNIX_MS + this.now }
  }

  identity(): Identity {
    return createIdentity(fakeSuite, this.random(32))
  }

  record(identity: Identity, seq = this.time.unixMs): SignedRecord {
    return signRecord(fakeSuite, identity, {
      type: 'client',
      seq,
      seenMs: this.time.unixMs,
      ttlS: 86_400,
      net: NET,
      endpoints: [],
      servers: [],
      links: [],
      relay: 0,
      onion: [{ key: new Uint8Array(32).fill(9), expiresMs: START_UNIX_MS }],
      meta: new Map(),
      versions: [1],
    })
  }

  add(): NetNode {
    const { publicKey } = this.identity()
    const contact = contactOf(fakeSuite, publicKey, `wss://node-${this.nodes.length}.example`)
    const node = {
      contact,
      dht: this.#newDht(publicKey),
      effects: [],
      calls: [],
      saved: new Map<string, Uint8Array>(),
      isUp: true,
      part: 0,
    }
    this.nodes.push(node)
    return node
  }

  /** A network that has joined through its first node and come to rest. */
  grow(count: number): NetNode[] {
    for (let i = 0; i < count; i++) {
      const node = this.add()
      const [first] = this.nodes as [NetNode]
      if (node !== first) this.tell(node, dht => dht.hint(this.time, [first.contact]))
      this.run(200)
    }
    this.run(20_000)
    return this.nodes
  }

  tell(node: NetNode, input: (dht: Dht) => void): void {
    if (!node.isUp) return
    input(node.dht)
    for (let effect = node.dht.poll(); effect !== undefined; effect = node.dht.poll()) {
      this.#perform(node, effect)
    }
  }

  /** Runs for so many virtual milliseconds. */
  run(durationMs: number): void {
    const endMs = this.now + durationMs
    for (;;) {
      const nextMs = Math.min(
        ...this.#due.map(({ atMs }) => atMs),
        ...this.nodes.map(
          ({ dht, isUp }) => (isUp && dht.nextTimeout()) || Number.POSITIVE_INFINITY,
        ),
      )
      if (nextMs > endMs) break
      this.now = Math.max(this.now, nextMs)
      const ready = this.#due.filter(({ atMs }) => atMs <= this.now)
      this.#due = this.#due.filter(({ atMs }) => atMs > this.now)
      for (const { run } of ready) run()
      for (const node of this.nodes) {
        const timeoutMs = node.dht.nextTimeout()
        if (timeoutMs !== undefined && timeoutMs <= this.now) {
          this.tell(node, dht => dht.timeout(this.time))
        }
      }
    }
    this.now = endMs
  }

  publish(node: NetNode, identity: Identity, record = this.record(identity)): SignedRecord {
    this.tell(node, dht =>
      dht.offer(this.time, record.bytes, 'record', { isHome: true, source: identity.keyId }),
    )
    return record
  }

  /** What a lookup ends with, within a minute. */
  find(node: NetNode, key: KeyId): RegistryValue | undefined {
    let query: QueryId | undefined
    this.tell(node, dht => {
      query = dht.find(this.time, key)
    })
    this.run(10_000)
    const isAnswer = (effect: DhtEffect): effect is Effect<'found'> =>
      effect.kind === 'found' && effect.query === query && effect.isFinal
    const found = node.effects.filter(isAnswer)
    if (found.length !== 1) throw new Error(`${found.length} final answers`)
    return found[0]?.value
  }

  holders(key: KeyId): NetNode[] {
    return this.nodes.filter(({ dht, isUp }) => isUp && dht.findNow(this.time, key) !== undefined)
  }

  #newDht(publicKey: Uint8Array): Dht {
    const parameters = this.#parameters
    const random = this.random
    return new Dht({ suite: fakeSuite, random, net: NET, publicKey, parameters }, this.time)
  }

  #perform(node: NetNode, effect: DhtEffect): void {
    node.effects.push(effect)
    if (effect.kind === 'save') {
      if (effect.value === undefined) node.saved.delete(effect.key)
      else node.saved.set(effect.key, effect.value)
    } else if (effect.kind === 'check') this.#check(node, effect.contact)
    else if (effect.kind === 'call') this.#call(node, effect)
  }

  #reach(node: NetNode, { key, url }: Contact): NetNode | undefined {
    const other = this.nodes.find(({ contact }) => contact.key === key && contact.url === url)
    return other?.isUp && other.part === node.part ? other : undefined
  }

  #check(node: NetNode, contact: Contact): void {
    this.#after(2 * LATENCY_MS, () => {
      const other = this.#reach(node, contact)
      if (other === undefined) this.tell(node, dht => dht.unreachable(this.time, contact.key))
      else this.#meet(node, other)
    })
  }

  /** A link from one to the other is open: both hear of one another. */
  #meet(node: NetNode, other: NetNode): void {
    const record = Uint8Array.of(1)
    this.tell(node, dht => dht.verified(this.time, other.contact, undefined, record))
    this.tell(other, dht => dht.hint(this.time, [node.contact]))
  }

  #call(node: NetNode, { call, contact, method, body }: Effect<'call'>): void {
    node.calls.push({ kind: 'call', call, contact, method, body })
    const noAnswer = { kind: 'noAnswer' } as const
    this.#after(LATENCY_MS, () => {
      const other = this.#reach(node, contact)
      const from = { key: node.contact.key, network: undefined }
      let answer: Parameters<Dht['answer']>[2] = noAnswer
      if (other !== undefined) {
        if (node.dht.contact(contact.key) === undefined) this.#meet(node, other)
        this.tell(other, dht => {
          answer = dht.request(this.time, from, method, body) ?? noAnswer
        })
      }
      const delayMs = other === undefined ? 1_000 : LATENCY_MS
      this.#after(delayMs, () => this.tell(node, dht => dht.answer(this.time, call, answer)))
    })
  }

  #after(delayMs: number, run: () => void): void {
    this.#due.push({ atMs: this.now + delayMs, run })
  }
}

export function effectsOf<Kind extends DhtEffect['kind']>(
  node: NetNode,
  kind: Kind,
): Effect<Kind>[] {
  return node.effects.filter((effect): effect is Effect<Kind> => effect.kind === kind)
}
