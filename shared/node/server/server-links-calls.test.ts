// Whatever happens to links and dials: every request is answered once, in time, and nothing is left behind.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { contactOf } from '../../dht/contact.ts'
import type { CallId } from '../../dht/dht.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { SERVER_CALL_TIMEOUT_MS } from '../../wire/limits.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import { ServerLinks } from './server-links.ts'

const SERVERS = 4
const CONTACTS = Array.from({ length: 2 * SERVERS }, (_, i) => {
  const publicKey = new Uint8Array(32).fill(1 + (i % SERVERS) * 60)
  // Each server has a second address.
  return contactOf(nodeSuite, publicKey, `wss://s${i}.test`)
})

type Step =
  | { readonly kind: 'call' | 'check' | 'reach'; readonly contact: number }
  | { readonly kind: 'open' | 'fail' | 'close' | 'answer'; readonly which: number }
  | { readonly kind: 'accept'; readonly contact: number }
  | { readonly kind: 'wait'; readonly ms: number }

const contact = fc.nat(2 * SERVERS - 1)
const which = fc.nat(50)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('call' as const), contact }) },
  fc.record({ kind: fc.constantFrom('check' as const, 'reach' as const), contact }),
  fc.record({ kind: fc.constant('accept' as const), contact }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), which }) },
  fc.record({ kind: fc.constantFrom('fail' as const, 'close' as const), which }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4_000) }) },
)

/** The parent of ServerLinks, and the whole network behind it. */
class Surroundings {
  readonly links = new ServerLinks({
    ownKey: keyIdOf(new Uint8Array(32).fill(100)),
    allowsPlain: false,
    isCarrying: () => false,
  })
  now = 0
  /** How often each call was answered. */
  readonly answers: number[] = []
  readonly #askedAtMs: number[] = []
  readonly #dialing: { link: LinkId; key: (typeof CONTACTS)[number]['key'] }[] = []
  readonly #open: LinkId[] = []
  readonly #requests: { link: LinkId; id: number }[] = []
  #nextLink = 1

  get time() {
    return { now: this.now, unixMs: this.now }
  }

  perform(step: Step): void {
    const { links, time } = this
    switch (step.kind) {
      case 'call': {
        const call = this.answers.length
        this.answers.push(0)
        this.#askedAtMs.push(this.now)
        const owner = { kind: 'dht', call: call as CallId } as const
        const to = CONTACTS[step.contact] as (typeof CONTACTS)[number]
        links.call(time, to, { method: 'findNode', body: EMPTY_BODY, owner })
        break
      }
      case 'check':
      case 'reach':
        links[step.kind](time, CONTACTS[step.contact] as (typeof CONTACTS)[number])
        break
      case 'accept': {
        const link = this.#newLink()
        this.#open.push(link)
        links.accepted(time, link, (CONTACTS[step.contact] as (typeof CONTACTS)[number]).key)
        break
      }
      case 'open': {
        const [dial] = this.#dialing.splice(step.which % (this.#dialing.length || 1), 1)
        if (dial === undefined) break
        this.#open.push(dial.link)
        links.opened(time, dial.link, dial.key, { network: undefined, record: undefined })
        break
      }
      case 'fail': {
        const [dial] = this.#dialing.splice(step.which % (this.#dialing.length || 1), 1)
        if (dial !== undefined) this.#closed(dial.link)
        break
      }
      case 'close': {
        const link = this.#open[step.which % (this.#open.length || 1)]
        if (link !== undefined) this.#closed(link)
        break
      }
      case 'answer': {
        const [asked] = this.#requests.splice(step.which % (this.#requests.length || 1), 1)
        const bytes = asked && encodeResponse({ id: asked.id, body: EMPTY_BODY })
        if (asked !== undefined && bytes !== undefined) links.response(asked.link, bytes)
        break
      }
      case 'wait':
        this.runFor(step.ms)
    }
    this.#drain()
  }

  runFor(ms: number): void {
    const end = this.now + ms
    for (let next = this.links.nextTimeout(); next !== undefined && next <= end; ) {
      this.now = Math.max(this.now, next)
      this.links.timeout(this.time)
      this.#drain()
      next = this.links.nextTimeout()
    }
    this.now = end
  }

  #newLink(): LinkId {
    this.#nextLink += 1
    return this.#nextLink as LinkId
  }

  #closed(link: LinkId): void {
    const at = this.#open.indexOf(link)
    if (at >= 0) this.#open.splice(at, 1)
    const dialing = this.#dialing.findIndex(dial => dial.link === link)
    if (dialing >= 0) this.#dialing.splice(dialing, 1)
    const closed = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined } as const
    this.links.closed(this.time, link, closed)
  }

  #drain(): void {
    for (let effect = this.links.poll(); effect !== undefined; effect = this.links.poll()) {
      if (effect.kind === 'dial') {
        const link = this.#newLink()
        const { key } = effect.url
        if (key !== undefined) this.#dialing.push({ link, key: keyIdOf(key) })
        this.links.dialing(effect.dial, link)
      } else if (effect.kind === 'close') this.#closed(effect.link)
      else if (effect.kind === 'sendFrame') {
        expect(this.#open).toContain(effect.link)
        this.#requests.push({ link: effect.link, id: decodeRequest(effect.bytes).id })
      } else if (effect.kind === 'answer' || effect.kind === 'unanswered') {
        if (effect.owner.kind !== 'dht') continue
        const call = effect.owner.call
        this.answers[call] = (this.answers[call] ?? 0) + 1
        const askedAtMs = this.#askedAtMs[call] ?? 0
        expect(this.now - askedAtMs).toBeLessThanOrEqual(SERVER_CALL_TIMEOUT_MS)
      }
    }
  }
}

it('every request is answered once, in time, whatever links and dials do', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), steps => {
      const around = new Surroundings()
      for (const one of steps) around.perform(one)
      around.runFor(3_600_000)
      expect(around.answers.every(count => count === 1)).toBe(true)
      expect(around.links.nextTimeout()).toBeUndefined()
    }),
    { numRuns: 500, seed: 1 },
  )
})
