// Links under a virtual clock, joined without any transport: what one transmits is the other's message.
// A wire may be cut, delayed by hand or tapped; every frame that crossed it is kept for replays.

import { nobleSuite } from '../../crypto/noble-suite.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { createIdentity } from '../../identity/identity.ts'
import type { Time } from '../../machine/machine.ts'
import { wsBinding } from '../binding.ts'
import type { LinkConfig, LinkEffect, LinkInput, LinkSide } from '../link.ts'
import { Link } from '../link.ts'
import { responderSteps } from '../responder-handshake.ts'
import { seededRandom } from './seeded-random.ts'

export const ORIGIN = 'wss://one.example'
export const NET = new Uint8Array(16).fill(0x4e)
export const BINDING = wsBinding(nobleSuite, ORIGIN)

/** Any wall clock will do: no link decision depends on it. */
const UNIX_OFFSET_MS = 1_767_225_600_000

export function testIdentity(name: number, suite: CryptoSuite = nobleSuite): Identity {
  return createIdentity(suite, new Uint8Array(32).fill(name))
}

const IDENTITIES = { alice: testIdentity(1), bob: testIdentity(2), mallory: testIdentity(3) }

export function testConfig(
  who: keyof typeof IDENTITIES,
  overrides: Partial<LinkConfig> = {},
): LinkConfig {
  return {
    suite: nobleSuite,
    random: seededRandom(who.length),
    identity: IDENTITIES[who],
    type: who === 'bob' ? 'server' : 'client',
    net: NET,
    versions: [1],
    ...overrides,
  }
}

/** One link, the effects it had, and what it wants to transmit. */
export class TestLink {
  readonly link: Link
  readonly effects: LinkEffect[] = []
  readonly outgoing: Uint8Array[] = []
  readonly #clock: TestClock

  constructor(clock: TestClock, config: LinkConfig, side: LinkSide) {
    this.#clock = clock
    this.link = new Link(config, side, clock.time)
  }

  feed(input: LinkInput): void {
    this.link.handle(this.#clock.time, input)
    for (let effect = this.link.poll(); effect !== undefined; effect = this.link.poll()) {
      if (effect.kind === 'transmit') this.outgoing.push(effect.bytes)
      else this.effects.push(effect)
    }
  }

  message(bytes: Uint8Array): void {
    this.feed({ kind: 'message', bytes })
  }

  /** Fires the timer when it is due. */
  tick(): void {
    if ((this.link.nextTimeout() ?? Infinity) <= this.#clock.time.now)
      this.feed({ kind: 'timeout' })
  }

  of<Kind extends LinkEffect['kind']>(kind: Kind): Extract<LinkEffect, { kind: Kind }>[] {
    return this.effects.filter(
      (effect): effect is Extract<LinkEffect, { kind: Kind }> => effect.kind === kind,
    )
  }

  get isOpen(): boolean {
    return this.of('open').length === 1 && this.closed === undefined
  }

  get closed(): Extract<LinkEffect, { kind: 'closed' }> | undefined {
    return this.of('closed')[0]
  }
}

export class TestClock {
  #now = 1_000

  get time(): Time {
    return { now: this.#now, unixMs: UNIX_OFFSET_MS + this.#now }
  }

  advance(ms: number): void {
    this.#now += ms
  }
}

/** Two links and the wire between them. */
export class LinkWorld {
  readonly clock = new TestClock()
  readonly initiator: TestLink
  readonly responder: TestLink
  /** Every frame that crossed, in order. */
  readonly crossed: { readonly from: 'initiator' | 'responder'; readonly bytes: Uint8Array }[] = []
  isCut = false

  constructor(
    options: {
      initiator?: LinkConfig
      responder?: LinkConfig
      expect?: Uint8Array
      binding?: Uint8Array
      bindings?: readonly Uint8Array[]
      maxMessageBytes?: number
    } = {},
  ) {
    const limit =
      options.maxMessageBytes === undefined ? {} : { maxMessageBytes: options.maxMessageBytes }
    this.initiator = new TestLink(this.clock, options.initiator ?? testConfig('alice'), {
      role: 'initiator',
      binding: options.binding ?? BINDING,
      ...(options.expect !== undefined && { expect: options.expect }),
      ...limit,
    })
    this.responder = new TestLink(this.clock, options.responder ?? testConfig('bob'), {
      role: 'responder',
      steps: responderSteps,
      bindings: options.bindings ?? [BINDING],
      addressClass: 'public',
      ...limit,
    })
  }

  /** Brings the transport up and runs the whole login. */
  login(): this {
    this.responder.feed({ kind: 'opened' })
    this.initiator.feed({ kind: 'opened' })
    return this.settle()
  }

  /** Carries frames until nobody has any. */
  settle(): this {
    for (;;) {
      const hasCarried =
        this.#carry('initiator', this.initiator, this.responder) ||
        this.#carry('responder', this.responder, this.initiator)
      if (!hasCarried) return this
    }
  }

  /** Lets time pass in steps, firing due timers and carrying frames. */
  run(totalMs: number, stepMs = 100): this {
    for (let passedMs = 0; passedMs < totalMs; passedMs += stepMs) {
      this.clock.advance(stepMs)
      this.initiator.tick()
      this.responder.tick()
      this.settle()
    }
    return this
  }

  frames(from: 'initiator' | 'responder'): Uint8Array[] {
    return this.crossed.filter(frame => frame.from === from).map(frame => frame.bytes)
  }

  #carry(from: 'initiator' | 'responder', sender: TestLink, receiver: TestLink): boolean {
    const bytes = sender.outgoing.shift()
    if (bytes === undefined) return false
    if (!this.isCut) {
      this.crossed.push({ from, bytes })
      receiver.message(bytes.slice())
    }
    return true
  }
}
