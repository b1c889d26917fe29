// Which servers a client is attached to: those it was given, and those it has heard of while these are too few.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import {
  ALONE_RETRY_MS,
  BACKOFF_MAX_MS,
  LEARNED_MAX_FAILURES,
  MAX_HEARD_SERVERS,
  MAX_LEARNED_ATTACHMENTS,
  RETRY_AFTER_MAX_MS,
  TARGET_ATTACHMENTS,
} from '../../wire/limits.ts'
import { parseServerUrl } from '../address/server-url.ts'
import { identityOf } from '../testing/records.ts'
import { Attachments } from './attachments.ts'

const CLOSED = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined } as const

/** Dials what it is told to; the link of the attachment n is n + 1. */
class Fake {
  readonly attachments: Attachments
  readonly dialed: string[] = []
  readonly untrusted: string[] = []
  #now = 1_000

  constructor(...servers: string[]) {
    this.attachments = new Attachments(servers.map(parseServerUrl), seededRandom(1))
    this.attachments.start()
    this.#drain()
  }

  get time() {
    return { now: this.#now, unixMs: this.#now }
  }

  get hosts(): string[] {
    return this.attachments.views(this.time).map(({ url }) => url.host)
  }

  learn(text: string, isUntrusted = true): void {
    this.attachments.learn({ url: parseServerUrl(text), isUntrusted })
    this.#drain()
  }

  open(index: number, key: KeyId = identityOf(index).keyId): void {
    this.attachments.opened(this.time, (index + 1) as LinkId, key)
    this.#drain()
  }

  close(index: number, reason: 'unreachable' | 'revoked' = 'unreachable'): void {
    this.attachments.closed(this.time, (index + 1) as LinkId, { ...CLOSED, reason })
    this.#drain()
  }

  advance(ms: number): void {
    this.#now += ms
    this.attachments.timeout(this.time)
    this.#drain()
  }

  #drain(): void {
    for (let one = this.attachments.poll(); one !== undefined; one = this.attachments.poll()) {
      if (one.kind !== 'dial') continue
      this.dialed.push(one.url.host)
      if (one.isUntrusted) this.untrusted.push(one.url.host)
      this.attachments.dialing(one.index, (one.index + 1) as LinkId)
    }
  }
}

describe('a server that was heard of', () => {
  it('is dialed beside a single one, by somebody else’s word, and is shown as learned', () => {
    const fake = new Fake('wss://one')
    fake.open(0)
    fake.learn('wss://two')
    expect(fake.dialed).toEqual(['one', 'two'])
    expect(fake.untrusted).toEqual(['two'])
    expect(fake.attachments.views(fake.time).map(({ isLearned }) => isLearned)).toEqual([
      undefined,
      true,
    ])
  })

  it('on this network is dialed by a node that was given none', () => {
    const fake = new Fake()
    fake.learn('wss://10.0.0.1', false)
    expect(fake.dialed).toEqual(['10.0.0.1'])
    expect(fake.untrusted).toEqual([])
  })

  it('waits until one of those given fails, and the next one until that one does', () => {
    const fake = new Fake('wss://one', 'wss://two')
    fake.learn('wss://three')
    fake.learn('wss://four')
    expect(fake.dialed).toEqual(['one', 'two'])
    fake.close(1)
    expect(fake.dialed).toEqual(['one', 'two', 'three'])
    fake.close(2)
    expect(fake.dialed).toEqual(['one', 'two', 'three', 'four'])
  })

  it.each([
    ['address', 'wss://one'],
    ['key', `wss://elsewhere/#${identityOf(0).keyText}`],
  ])('is no news when its %s is known', (_what, text) => {
    const fake = new Fake('wss://one')
    fake.open(0)
    fake.learn(text)
    expect(fake.dialed).toEqual(['one'])
  })

  it('does not take the place of news when it is known', () => {
    const fake = new Fake('wss://one', 'wss://two')
    fake.open(0)
    for (let i = 1; i <= MAX_HEARD_SERVERS; i++) {
      fake.learn(`wss://elsewhere:${i}/#${identityOf(0).keyText}`)
    }
    expect(fake.attachments.wantsMore).toBe(true)
  })

  it('is forgotten meanwhile when it turns out to be known', () => {
    const fake = new Fake('wss://one', 'wss://two')
    fake.learn(`wss://elsewhere/#${identityOf(1).keyText}`)
    fake.open(1)
    fake.close(0)
    expect(fake.dialed).toEqual(['one', 'two'])
  })

  it('is given up after some failures in a row, and never tried again by itself', () => {
    const fake = new Fake('wss://one')
    fake.open(0)
    fake.learn('wss://two')
    for (let failures = 1; failures < LEARNED_MAX_FAILURES; failures++) {
      fake.close(1)
      expect(fake.hosts).toEqual(['one', 'two'])
      fake.advance(BACKOFF_MAX_MS)
    }
    fake.close(1)
    expect(fake.hosts).toEqual(['one'])
    fake.advance(10 * BACKOFF_MAX_MS)
    expect(fake.dialed).toHaveLength(1 + LEARNED_MAX_FAILURES)
    fake.learn('wss://two')
    expect(fake.hosts).toEqual(['one', 'two'])
  })

  it('starts to count anew once it was attached', () => {
    const fake = new Fake('wss://one')
    fake.open(0)
    fake.learn('wss://two')
    for (let i = 0; i < 2 * LEARNED_MAX_FAILURES; i++) {
      fake.open(1)
      fake.close(1)
      fake.advance(BACKOFF_MAX_MS)
    }
    expect(fake.hosts).toEqual(['one', 'two'])
  })

  it('goes when it fails and enough others stand', () => {
    const fake = new Fake('wss://one', 'wss://two')
    fake.open(0)
    fake.learn('wss://three')
    fake.close(1)
    fake.open(2)
    fake.advance(BACKOFF_MAX_MS)
    fake.open(1)
    expect(fake.hosts).toEqual(['one', 'two', 'three'])
    fake.close(2)
    expect(fake.hosts).toEqual(['one', 'two'])
  })

  it('is one of few that are kept, and one of fewer that are tried', () => {
    const fake = new Fake()
    const count = TARGET_ATTACHMENTS + MAX_HEARD_SERVERS
    for (let i = 0; i <= count; i++) fake.learn(`wss://s${i}`)
    expect(fake.dialed).toHaveLength(TARGET_ATTACHMENTS)
    for (let i = 0; i < MAX_LEARNED_ATTACHMENTS; i++) fake.close(i)
    expect(fake.hosts).toHaveLength(MAX_LEARNED_ATTACHMENTS)
    for (let round = 0; round < 40; round++) {
      fake.advance(BACKOFF_MAX_MS)
      for (let i = 0; i <= count; i++) fake.close(i)
      expect(fake.hosts.length).toBeLessThanOrEqual(MAX_LEARNED_ATTACHMENTS)
    }
    expect(new Set(fake.dialed).size).toBe(count)
    expect(fake.hosts).toEqual([])
    expect(fake.attachments.nextTimeout()).toBeUndefined()
  })
})

describe('a configured server', () => {
  it('is never given up', () => {
    const fake = new Fake('wss://one')
    for (let i = 0; i < 20; i++) {
      fake.close(0)
      fake.advance(BACKOFF_MAX_MS)
    }
    expect(fake.dialed).toHaveLength(21)
  })

  it('that was put off is tried again soon when the last one is lost', () => {
    const fake = new Fake('wss://one.example', 'wss://two.example')
    fake.open(0)
    for (let failure = 0; failure < 12; failure += 1) {
      fake.close(1)
      if (failure < 11) fake.advance(BACKOFF_MAX_MS)
    }
    const before = fake.dialed.length
    fake.close(0)
    fake.advance(ALONE_RETRY_MS)
    expect(fake.dialed.slice(before)).toContain('two.example')
  })

  it('tells why it failed also while it is tried again, until it opens', () => {
    const fake = new Fake('wss://one')
    const shown = () => fake.attachments.views(fake.time)[0]
    expect(shown()).toEqual({ url: parseServerUrl('wss://one'), state: 'connecting' })
    fake.close(0)
    expect(shown()).toMatchObject({ state: 'waiting', failure: { code: 'UNREACHABLE' } })
    const failure = fake.attachments.failure()
    fake.advance(BACKOFF_MAX_MS)
    expect(shown()).toMatchObject({ state: 'connecting', failure })
    expect(fake.attachments.failure()).toBe(failure)
    fake.open(0)
    expect(shown()).not.toHaveProperty('failure')
    expect(fake.attachments.failure()).not.toEqual(failure)
  })

  it('that says our key is revoked is asked again, but seldom', () => {
    const fake = new Fake('wss://one')
    fake.close(0, 'revoked')
    expect(fake.attachments.failure()).toMatchObject({ code: 'REVOKED' })
    fake.advance(RETRY_AFTER_MAX_MS - 1)
    expect(fake.dialed).toHaveLength(1)
    fake.advance(1 + BACKOFF_MAX_MS)
    expect(fake.dialed).toHaveLength(2)
  })
})
