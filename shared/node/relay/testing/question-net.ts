// Nodes that ask one another for routes, joined by links of a virtual clock, for tests: only the parts that ask, answer
// and pass on. Counts every frame.

import { nodeSuite } from '../../../../host/node/node-suite.ts'
import type { Identity } from '../../../identity/identity.ts'
import type { KeyId } from '../../../identity/node-id.ts'
import type { LinkId } from '../../../link/link-id.ts'
import { seededRandom } from '../../../link/testing/seeded-random.ts'
import { DeadlineHeap } from '../../../machine/deadline-heap.ts'
import type { Time } from '../../../machine/machine.ts'
import { FRAME } from '../../../wire/frame-type.ts'
import type { SignedRecord } from '../../../wire/record.ts'
import type { LinkedNeighbour } from '../../neighbours/linked-neighbour.ts'
import { isRelaying } from '../../neighbours/linked-neighbour.ts'
import type { RoutesHeard } from '../../routes/route-queries.ts'
import { RouteQueries } from '../../routes/route-queries.ts'
import { identityOf, NET, recordOf } from '../../testing/records.ts'
import { START_UNIX_MS } from '../../testing/start-time.ts'
import { NeighbourQuestions } from '../neighbour-questions.ts'

export interface Questioner {
  readonly name: number
  readonly identity: Identity
  readonly key: KeyId
  readonly record: SignedRecord
  readonly queries: RouteQueries
  readonly questions: NeighbourQuestions
  readonly linked: LinkedNeighbour[]
  readonly heard: RoutesHeard[]
  readonly misbehaved: LinkId[]
  isRelay: boolean
  /** Neither answers nor passes on. */
  isSilent: boolean
}

interface End {
  readonly node: Questioner
  readonly peer: Questioner
  readonly peerLink: LinkId
}

const ONE_WAY_MS = 5

export class QuestionNet {
  now = 0
  /** Frames that were sent, by the kind of frame. */
  readonly sent = { requests: 0, responses: 0 }
  /** Bytes of the longest response. */
  longest = 0
  readonly nodes: Questioner[] = []
  readonly #ends = new Map<LinkId, End>()
  readonly #wire = new DeadlineHeap<() => void>()

  get time(): Time {
    return { now: this.now, unixMs: START_UNIX_MS + this.now }
  }

  node(name: number, isRelay = true): Questioner {
    const identity = identityOf(name)
    const { keyId: key } = identity
    const random = seededRandom(name)
    const linked: LinkedNeighbour[] = []
    const queries = new RouteQueries({ suite: nodeSuite, random, net: NET, ownKey: key })
    const questions = new NeighbourQuestions(
      { random, ownKey: key, queries, linked: () => linked, isRelay: () => node.isRelay },
      this.now,
    )
    const record = recordOf(identity, { relay: isRelay ? 1 : 0 })
    const parts = { queries, questions, linked, heard: [], misbehaved: [] }
    const node: Questioner = {
      name,
      identity,
      key,
      record,
      ...parts,
      isRelay,
      isSilent: false,
    }
    this.nodes.push(node)
    return node
  }

  join(a: Questioner, b: Questioner, rttMs: number | undefined = 2 * ONE_WAY_MS): void {
    const [toB, toA] = [this.#newLink(), this.#newLink() + 1] as [LinkId, LinkId]
    this.#ends.set(toB, { node: a, peer: b, peerLink: toA })
    this.#ends.set(toA, { node: b, peer: a, peerLink: toB })
    a.linked.push({ key: b.key, link: toB, rttMs, record: b.record })
    b.linked.push({ key: a.key, link: toA, rttMs, record: a.record })
  }

  /** A full mesh. */
  joinAll(nodes: readonly Questioner[]): void {
    nodes.forEach((a, i) => {
      for (const b of nodes.slice(i + 1)) this.join(a, b)
    })
  }

  /** A chain. */
  chain(nodes: readonly Questioner[]): void {
    for (const [i, b] of nodes.slice(1).entries()) this.join(nodes[i] as Questioner, b)
  }

  /** Asks all neighbours that relay. */
  ask(asker: Questioner, key: KeyId): void {
    const sources = asker.linked
      .filter(isRelaying)
      .map(neighbour => ({ ...neighbour, isServer: false }))
    asker.queries.ask(this.time, key, sources)
    this.drain()
  }

  /** A frame of `from`, over its link to `to`. */
  say(from: Questioner, to: Questioner, bytes: Uint8Array): void {
    this.#send(from, linkTo(from, to), bytes)
  }

  run(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const times = [this.#wire.next(), ...this.nodes.map(({ queries }) => queries.nextTimeout())]
      const next = Math.min(...times.filter(time => time !== undefined))
      if (next > end) break
      this.now = Math.max(this.now, next)
      this.#wire.takeExpired(this.now)?.()
      for (const { queries } of this.nodes) queries.timeout(this.time)
      this.drain()
    }
    this.now = end
  }

  cut(a: Questioner, b: Questioner): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const link = linkTo(from, to)
      from.linked.splice(
        from.linked.findIndex(one => one.link === link),
        1,
      )
      this.#ends.delete(link)
      from.questions.linkClosed(link)
      from.queries.linkClosed(this.time, link)
    }
    this.drain()
  }

  drain(): void {
    for (const node of this.nodes) {
      for (let effect = node.queries.poll(); effect; effect = node.queries.poll()) {
        if (effect.kind === 'sendFrame') this.#send(node, effect.link, effect.bytes)
        else if (effect.kind === 'routesHeard') node.heard.push(effect)
        else if (effect.kind === 'passedOn') node.questions.heard(effect)
        else node.misbehaved.push(effect.link)
      }
      for (let effect = node.questions.poll(); effect; effect = node.questions.poll()) {
        if (effect.kind === 'sendFrame') this.#send(node, effect.link, effect.bytes)
        else node.misbehaved.push(effect.link)
      }
    }
  }

  #send(from: Questioner, link: LinkId, bytes: Uint8Array): void {
    const isRequest = bytes[0] === FRAME.request
    this.sent[isRequest ? 'requests' : 'responses'] += 1
    if (!isRequest) this.longest = Math.max(this.longest, bytes.length)
    this.#wire.set(() => {
      const end = this.#ends.get(link)
      if (end === undefined || end.peer.isSilent) return
      const { peer, peerLink } = end
      if (!isRequest) peer.queries.response(this.time, peerLink, bytes)
      else peer.questions.request(this.time, { link: peerLink, key: from.key }, bytes)
    }, this.now + ONE_WAY_MS)
  }

  #newLink(): LinkId {
    return (2 * this.#ends.size + 1) as LinkId
  }
}

function linkTo(from: Questioner, to: Questioner): LinkId {
  const neighbour = from.linked.find(({ key }) => key === to.key)
  if (neighbour === undefined) throw new Error(`no link from ${from.name} to ${to.name}`)
  return neighbour.link
}
