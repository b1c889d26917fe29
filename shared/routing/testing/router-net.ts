// A few routers joined by in-memory links on a virtual clock, for tests. Every cell goes through one
// queue in order; a test may look at it, change it, drop it or put one of its own in. Each node has a
// nonce guard, so that every test also asserts that no key is used twice with one counter.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import { guardNonces } from '../../crypto/testing/nonce-guard.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../circuit.ts'
import { OnionKeys } from '../onion-keys.ts'
import type { SetupHop } from '../onion-setup.ts'
import { relayRole } from '../relay-role.ts'
import { Router } from '../router.ts'
import type { RouterConfig, RouterEffect, RouterInput } from '../router-messages.ts'
import { DEFAULT_RELAY_POLICY } from '../router-messages.ts'
import { seededRandom } from './scripted-random.ts'

export type Effect<Kind extends RouterEffect['kind']> = Extract<RouterEffect, { kind: Kind }>

export interface Wired {
  readonly from: TestNode
  readonly to: TestNode
  /** Of the receiver. */
  readonly link: LinkId
  readonly bytes: Uint8Array
}

export interface TestNode {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly keyId: KeyId
  readonly isServer: boolean
  readonly router: Router
  readonly onionKeys: OnionKeys
  readonly hop: SetupHop
  /** Everything but transmits, oldest first. */
  readonly effects: RouterEffect[]
  /** Answers what comes in, unless a test takes that over. */
  answers: boolean
  /** What it does about a link that it needs: by default it says that there is none. */
  dial: (peer: KeyId) => void
}

const START: Time = { now: 1_000_000, unixMs: 1_767_225_600_000 }

export class RouterNet {
  time = START
  /** Every cell that was delivered. */
  readonly log: Wired[] = []
  /** Between sender and receiver: what to deliver, or nothing. */
  intercept: (wired: Wired) => Uint8Array | undefined = wired => wired.bytes
  readonly #nodes: TestNode[] = []
  readonly #ends = new Map<LinkId, { node: TestNode; peerLink: LinkId; peer: TestNode }>()
  readonly #wire: Wired[] = []
  #lastLink = 0

  node(name: string, options: Partial<RouterConfig> & { isServer?: boolean } = {}): TestNode {
    const { isServer = true, ...config } = options
    const suite = guardNonces(nodeSuite)
    const random = seededRandom(1000 * (this.#nodes.length + 1))
    const publicKey = nodeSuite.signPublic(random(32))
    const keyId = keyIdOf(publicKey)
    const onionKeys = new OnionKeys(suite, random, this.time)
    const identity = { publicKey, keyId }
    const relay = isServer ? { role: relayRole, policy: DEFAULT_RELAY_POLICY } : undefined
    const router = new Router({ suite, random, identity, relay, ...config }, onionKeys)
    const onionKey = onionKeys.entries()[0]?.key ?? new Uint8Array(0)
    const hop = { id: publicKey, onionKey }
    const node: TestNode = {
      name,
      publicKey,
      keyId,
      isServer,
      router,
      onionKeys,
      hop,
      effects: [],
      answers: true,
      dial: peer => router.handle(this.time, { kind: 'noLink', peer }),
    }
    this.#nodes.push(node)
    return node
  }

  /** Joins two nodes, `a` dialing. @returns the link ids of both. */
  connect(a: TestNode, b: TestNode): [LinkId, LinkId] {
    const links: [LinkId, LinkId] = [this.#newLink(), this.#newLink()]
    this.#ends.set(links[0], { node: a, peerLink: links[1], peer: b })
    this.#ends.set(links[1], { node: b, peerLink: links[0], peer: a })
    this.feed(a, {
      kind: 'linkUp',
      link: links[0],
      peer: b.keyId,
      isServer: b.isServer,
      initiator: true,
    })
    this.feed(b, {
      kind: 'linkUp',
      link: links[1],
      peer: a.keyId,
      isServer: a.isServer,
      initiator: false,
    })
    return links
  }

  /** A chain client – relays – end with one link between neighbours. */
  chain(relays: number, relayConfig: Partial<RouterConfig> = {}): TestNode[] {
    const nodes = [this.node('client', { isServer: false })]
    for (let i = 0; i < relays; i++) nodes.push(this.node(`relay${i + 1}`, relayConfig))
    nodes.push(this.node('end', { isServer: false }))
    nodes.slice(1).forEach((node, i) => {
      const before = nodes[i]
      if (before !== undefined) this.connect(before, node)
    })
    return nodes
  }

  linkBetween(a: TestNode, b: TestNode): LinkId {
    for (const [link, end] of this.#ends) if (end.node === a && end.peer === b) return link
    throw new Error(`no link from ${a.name} to ${b.name}`)
  }

  feed(node: TestNode, input: RouterInput): void {
    node.router.handle(this.time, input)
    this.#drain(node)
  }

  /** As `feed`, then delivers until nothing moves. */
  run(node: TestNode, input: RouterInput): void {
    this.feed(node, input)
    this.deliver()
  }

  deliver(): void {
    for (let wired = this.#wire.shift(); wired !== undefined; wired = this.#wire.shift()) {
      const bytes = this.intercept(wired)
      if (bytes === undefined) continue
      this.log.push({ ...wired, bytes })
      this.feed(wired.to, { kind: 'cell', link: wired.link, bytes })
    }
  }

  /** A cell that `from` never sent. */
  inject(from: TestNode, to: TestNode, bytes: Uint8Array): void {
    this.run(to, { kind: 'cell', link: this.linkBetween(to, from), bytes })
  }

  /** Moves the clock to each deadline on the way. */
  advance(ms: number): void {
    const until = this.time.now + ms
    for (
      let next = this.#nextTimeout();
      next !== undefined && next <= until;
      next = this.#nextTimeout()
    ) {
      this.#setNow(Math.max(next, this.time.now))
      for (const node of this.#nodes) this.feed(node, { kind: 'timeout' })
      this.deliver()
    }
    this.#setNow(until)
    for (const node of this.#nodes) this.feed(node, { kind: 'timeout' })
    this.deliver()
  }

  /** Opens a circuit from the first node through the others, all in order. */
  open(
    path: readonly TestNode[],
    options: { large?: boolean; data?: Uint8Array; timeoutMs?: number } = {},
  ): CircuitId {
    const [client, ...rest] = path
    if (client === undefined) throw new Error('no client')
    const circuit = client.router.nextCircuitId()
    const { large = false, data = new Uint8Array(0), ...timeout } = options
    this.run(client, { kind: 'open', circuit, hops: rest.map(n => n.hop), data, large, ...timeout })
    return circuit
  }

  taken<Kind extends RouterEffect['kind']>(node: TestNode, kind: Kind): Effect<Kind>[] {
    return node.effects.filter((effect): effect is Effect<Kind> => effect.kind === kind)
  }

  #nextTimeout(): number | undefined {
    const times = this.#nodes.map(node => node.router.nextTimeout())
    const known = times.filter(time => time !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }

  #setNow(now: number): void {
    const passedMs = now - this.time.now
    this.time = { now, unixMs: this.time.unixMs + passedMs }
  }

  #drain(node: TestNode): void {
    for (let effect = node.router.poll(); effect !== undefined; effect = node.router.poll()) {
      if (effect.kind === 'transmit') this.#send(node, effect)
      else node.effects.push(effect)
      if (effect.kind === 'needLink') node.dial(effect.peer)
      if (effect.kind === 'incoming' && node.answers) {
        const data = Uint8Array.from([1, ...effect.data])
        node.router.handle(this.time, { kind: 'answer', circuit: effect.circuit, data })
      }
    }
  }

  #send(from: TestNode, { link, bytes }: Effect<'transmit'>): void {
    const end = this.#ends.get(link)
    if (end === undefined) throw new Error('transmit on an unknown link')
    this.#wire.push({ from, to: end.peer, link: end.peerLink, bytes })
  }

  #newLink(): LinkId {
    this.#lastLink += 1
    return this.#lastLink as LinkId
  }
}
