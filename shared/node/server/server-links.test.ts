import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Contact } from '../../dht/contact.ts'
import { contactOf } from '../../dht/contact.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import {
  MAX_SERVER_LINKS,
  MAX_UNKNOWN_SERVER_DIALS,
  SERVER_CALL_TIMEOUT_MS,
  SERVER_DIAL_TIMEOUT_MS,
  SERVER_LINK_IDLE_MS,
  SERVER_PROOF_MS,
  SERVER_RETRY_MS,
  UNUSED_SERVER_LINK_IDLE_MS,
} from '../../wire/limits.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import { parseServerUrl } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import type { ServerCall } from './server-dials.ts'
import type { ServerLinksEffect } from './server-links.ts'
import { ServerLinks } from './server-links.ts'

const LOST: ClosedLink = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined }
const NO_NEWS = { network: undefined, record: undefined }
/** In the middle: of two links that of the lower key stays. */
const OWN_KEY = keyIdOf(new Uint8Array(32).fill(0x80))
const LOW = server(1)
const HIGH = server(0xff)

const carrying = new Set<LinkId>()
let links: ServerLinks
let now: number
let nextLink: number

beforeEach(() => {
  carrying.clear()
  links = new ServerLinks({
    ownKey: OWN_KEY,
    allowsPlain: false,
    isCarrying: link => carrying.has(link),
  })
  now = 0
  nextLink = 1
})

function server(first: number, url = `wss://s${first}.test`): Contact {
  const publicKey = new Uint8Array(32).fill(3)
  new DataView(publicKey.buffer).setUint8(0, first)
  return contactOf(nodeSuite, publicKey, url)
}

/** Of many. */
function nth(number: number): Contact {
  const publicKey = new Uint8Array(32).fill(0xee)
  new DataView(publicKey.buffer).setUint32(1, number)
  return contactOf(nodeSuite, publicKey, `wss://n${number}.test`)
}

function time(): Time {
  return { now, unixMs: now }
}

function call(server: KeyId): ServerCall {
  return { method: 'watch', body: EMPTY_BODY, owner: { kind: 'watch', key: server, server } }
}

function drain(): ServerLinksEffect[] {
  const effects: ServerLinksEffect[] = []
  for (let effect = links.poll(); effect !== undefined; effect = links.poll()) effects.push(effect)
  return effects
}

function kinds(): string[] {
  return drain().map(({ kind }) => kind)
}

/** Performs the dials that are asked for. @returns their links, and all effects */
function dials(): { opened: LinkId[]; effects: ServerLinksEffect[] } {
  const effects = drain()
  const opened = effects.flatMap(effect => {
    if (effect.kind !== 'dial') return []
    const link = nextLink++ as LinkId
    links.dialing(effect.dial, link)
    return [link]
  })
  return { opened, effects }
}

/** A link that we opened. */
function connect(contact: Contact): LinkId {
  links.check(time(), contact)
  const [link = -1 as LinkId] = dials().opened
  links.opened(time(), link, contact.key, NO_NEWS)
  drain()
  return link
}

/** A link that we opened for a request. */
function connectFor(contact: Contact): LinkId {
  links.call(time(), contact, call(contact.key))
  const [link = -1 as LinkId] = dials().opened
  links.opened(time(), link, contact.key, NO_NEWS)
  drain()
  return link
}

/** What a timeout closes. */
function closing(): LinkId[] {
  links.timeout(time())
  return drain().flatMap(effect => (effect.kind === 'close' ? [effect.link] : []))
}

function lose(link: LinkId): void {
  links.closed(time(), link, LOST)
}

describe('a request', () => {
  it('to a server without a link opens one, and goes over it', () => {
    links.call(time(), LOW, call(LOW.key))
    const { opened, effects } = dials()
    expect(effects).toMatchObject([
      { kind: 'dial', url: { host: 's1.test', key: publicKeyOf(LOW.key) }, isUntrusted: true },
    ])
    links.opened(time(), opened[0] as LinkId, LOW.key, {
      network: '192.0.2.0/24',
      record: undefined,
    })
    const [reached, sent] = drain()
    expect(reached).toMatchObject({
      kind: 'reached',
      newLink: 1,
      reached: { network: '192.0.2.0/24' },
    })
    const { id } = decodeRequest(sent?.kind === 'sendFrame' ? sent.bytes : new Uint8Array())
    links.response(1 as LinkId, encodeResponse({ id, body: EMPTY_BODY }))
    expect(drain()).toMatchObject([{ kind: 'answer', answer: { kind: 'ok' } }])
    expect(links.hasLinkTo(LOW.key)).toBe(true)
  })

  it('goes over the link that a server opened to us', () => {
    links.accepted(time(), 9 as LinkId, HIGH.key)
    links.call(time(), HIGH, call(HIGH.key))
    expect(drain()).toMatchObject([{ kind: 'sendFrame', link: 9 }])
  })

  it('goes over an older such link once the newer one has ended', () => {
    links.accepted(time(), 8 as LinkId, HIGH.key)
    links.accepted(time(), 9 as LinkId, HIGH.key)
    lose(9 as LinkId)
    links.call(time(), HIGH, call(HIGH.key))
    expect(drain()).toMatchObject([{ kind: 'sendFrame', link: 8 }])
  })

  it('is answered at its time at the latest, its dial included', () => {
    links.call(time(), LOW, call(LOW.key))
    const [link] = dials().opened
    now = SERVER_CALL_TIMEOUT_MS - 1
    links.timeout(time())
    expect(drain()).toEqual([])
    links.opened(time(), link as LinkId, LOW.key, NO_NEWS)
    drain()
    now = SERVER_CALL_TIMEOUT_MS
    expect(links.nextTimeout()).toBe(now)
    links.timeout(time())
    expect(drain()).toMatchObject([{ kind: 'answer', answer: { kind: 'noAnswer' } }])
  })

  it('without a link at that time is unanswered, and the link that comes late is kept', () => {
    links.call(time(), LOW, call(LOW.key))
    const [link] = dials().opened
    now = SERVER_CALL_TIMEOUT_MS
    links.timeout(time())
    expect(kinds()).toEqual(['unanswered'])
    links.opened(time(), link as LinkId, LOW.key, NO_NEWS)
    expect(kinds()).toEqual(['reached'])
  })

  it('to a server that could not be reached a moment ago is unanswered at once', () => {
    links.call(time(), LOW, call(LOW.key))
    lose(dials().opened[0] as LinkId)
    expect(kinds()).toEqual(['unanswered', 'unreachable'])
    now = SERVER_RETRY_MS - 1
    links.call(time(), LOW, call(LOW.key))
    expect(kinds()).toEqual(['unanswered'])
    now = SERVER_RETRY_MS
    links.call(time(), LOW, call(LOW.key))
    expect(kinds()).toEqual(['dial'])
  })

  it('is not held back by a false address that somebody told of the server', () => {
    links.call(time(), server(1, 'wss://liar.test'), call(LOW.key))
    lose(dials().opened[0] as LinkId)
    drain()
    links.call(time(), LOW, call(LOW.key))
    expect(kinds()).toEqual(['dial'])
  })

  it('ends with its link', () => {
    const link = connect(LOW)
    links.call(time(), LOW, call(LOW.key))
    drain()
    lose(link)
    expect(drain()).toMatchObject([{ kind: 'answer', answer: { kind: 'noAnswer' } }])
    expect(links.hasLinkTo(LOW.key)).toBe(false)
  })
})

describe('an address', () => {
  it.each(['ws://plain.test', 'wss://', 'nonsense', 'ftp://one.test'])('%s is not dialed', url => {
    links.call(time(), server(1, url), call(LOW.key))
    expect(kinds()).toEqual(['unanswered'])
    links.check(time(), server(1, url))
    expect(drain()).toMatchObject([{ kind: 'unreachable', key: LOW.key }])
    links.reach(time(), server(1, url))
    expect(kinds()).toEqual(['unreachable'])
  })

  it('without TLS is dialed where the operator allows it, as untrusted as any', () => {
    links = new ServerLinks({ ownKey: OWN_KEY, allowsPlain: true, isCarrying: () => false })
    links.check(time(), server(1, 'ws://plain.test'))
    expect(drain()).toMatchObject([{ kind: 'dial', isUntrusted: true }])
  })

  it('that the operator gave is dialed as trusted, also later', () => {
    const url = parseServerUrl('ws://10.0.0.1:8080')
    links.dialTrusted(time(), url, undefined)
    const { opened, effects } = dials()
    expect(effects).toMatchObject([{ kind: 'dial', isUntrusted: false }])
    links.opened(time(), opened[0] as LinkId, LOW.key, NO_NEWS)
    lose(opened[0] as LinkId)
    drain()
    links.check(time(), server(1, 'ws://10.0.0.1:8080'))
    expect(drain()).toMatchObject([{ kind: 'dial', isUntrusted: false }])
  })

  it('is proven by a link that we opened to it, for a while', () => {
    const link = connect(LOW)
    links.check(time(), LOW)
    expect(drain()).toMatchObject([{ kind: 'reached', newLink: undefined }])
    now = SERVER_PROOF_MS - 1
    links.check(time(), LOW)
    expect(kinds()).toEqual(['reached'])
    now = SERVER_PROOF_MS
    links.check(time(), LOW)
    const { opened, effects } = dials()
    expect(effects).toMatchObject([{ kind: 'dial' }])
    // The link that is there stays, as circuits may run over it.
    links.opened(time(), opened[0] as LinkId, LOW.key, NO_NEWS)
    expect(drain()).toMatchObject([
      { kind: 'close', link: opened[0] },
      { kind: 'reached', newLink: undefined },
    ])
    links.call(time(), LOW, call(LOW.key))
    expect(drain()).toMatchObject([{ kind: 'sendFrame', link }])
  })

  it('is not proven by a link that its server opened to us, nor by one to another address', () => {
    links.accepted(time(), 9 as LinkId, HIGH.key)
    links.check(time(), HIGH)
    expect(kinds()).toEqual(['dial'])
    connect(LOW)
    links.check(time(), server(1, 'wss://elsewhere.test'))
    expect(kinds()).toEqual(['dial'])
  })

  it('that the operator named may be private, whoever else tells of it', () => {
    links.trust(parseServerUrl(LOW.url))
    links.check(time(), LOW)
    links.check(time(), HIGH)
    expect(drain()).toMatchObject([
      { kind: 'dial', isUntrusted: false },
      { kind: 'dial', isUntrusted: true },
    ])
  })

  it('that does not answer in time is closed, and so unreachable', () => {
    links.check(time(), LOW)
    const [link] = dials().opened
    now = SERVER_DIAL_TIMEOUT_MS - 1
    links.timeout(time())
    expect(drain()).toEqual([])
    now += 1
    links.timeout(time())
    expect(drain()).toMatchObject([{ kind: 'close', link, reason: 'timeout' }])
    lose(link as LinkId)
    expect(drain()).toMatchObject([{ kind: 'unreachable', origin: LOW.url, key: LOW.key }])
  })

  it('is reached by whatever link there is', () => {
    links.accepted(time(), 9 as LinkId, HIGH.key)
    links.reach(time(), HIGH)
    expect(drain()).toEqual([])
    links.reach(time(), LOW)
    expect(kinds()).toEqual(['dial'])
  })
})

describe('dials', () => {
  it(`are ${MAX_UNKNOWN_SERVER_DIALS} at once; each that ends makes room`, () => {
    for (let i = 0; i <= MAX_UNKNOWN_SERVER_DIALS; i++) links.check(time(), nth(i))
    const { opened } = dials()
    expect(opened).toHaveLength(MAX_UNKNOWN_SERVER_DIALS)
    lose(opened[0] as LinkId)
    expect(kinds()).toEqual(['unreachable', 'dial'])
  })
})

describe('links that we opened', () => {
  it(`are ${MAX_SERVER_LINKS}; the least recently used one makes way`, () => {
    const opened = Array.from({ length: MAX_SERVER_LINKS }, (_, i) => connect(nth(i)))
    links.call(time(), nth(0), call(nth(0).key))
    drain()
    links.check(time(), nth(MAX_SERVER_LINKS))
    const [link] = dials().opened
    links.opened(time(), link as LinkId, nth(MAX_SERVER_LINKS).key, NO_NEWS)
    expect(drain()).toMatchObject([{ kind: 'close', link: opened[1] }, { kind: 'reached' }])
  })

  it('that carry circuits do not make way', () => {
    const opened = Array.from({ length: MAX_SERVER_LINKS }, (_, i) => connect(nth(i)))
    for (const link of opened.slice(0, 5)) carrying.add(link)
    links.check(time(), nth(MAX_SERVER_LINKS))
    const [link] = dials().opened
    links.opened(time(), link as LinkId, nth(MAX_SERVER_LINKS).key, NO_NEWS)
    expect(drain()).toMatchObject([{ kind: 'close', link: opened[5] }, { kind: 'reached' }])
  })

  it('that nobody used for long are closed', () => {
    const [link, used] = [connectFor(LOW), connectFor(HIGH)]
    now = 1_000
    links.call(time(), HIGH, call(HIGH.key))
    drain()
    now = SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([link])
    now += 1_000
    expect(closing()).toEqual([used])
  })

  it('that were needed for a proof only are closed soon', () => {
    const [link, used] = [connect(LOW), connect(HIGH)]
    links.call(time(), HIGH, call(HIGH.key))
    now = UNUSED_SERVER_LINK_IDLE_MS - 1
    expect(closing()).toEqual([])
    expect(links.nextTimeout()).toBe(UNUSED_SERVER_LINK_IDLE_MS)
    now = UNUSED_SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([link])
    lose(link)
    expect(links.nextTimeout()).toBe(SERVER_LINK_IDLE_MS)
    now = SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([used])
    lose(used)
    expect(links.nextTimeout()).toBeUndefined()
  })

  it('are used also by whoever is at the other end', () => {
    const link = connect(LOW)
    now = 1_000
    links.used(now, link)
    now = SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([])
    expect(links.nextTimeout()).toBe(SERVER_LINK_IDLE_MS + 1_000)
  })

  it('that carry circuits stay, and are looked at again', () => {
    const link = connectFor(LOW)
    carrying.add(link)
    now = SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([])
    carrying.clear()
    expect(links.nextTimeout()).toBe(2 * SERVER_LINK_IDLE_MS)
    now = 2 * SERVER_LINK_IDLE_MS
    expect(closing()).toEqual([link])
  })

  it.each([
    ['opened after theirs', true],
    ['opened before theirs', false],
  ])('end in favour of that of the lower key (%s)', (_, isSecond) => {
    if (isSecond) links.accepted(time(), 90 as LinkId, LOW.key)
    const ours = connect(LOW)
    if (!isSecond) links.accepted(time(), 90 as LinkId, LOW.key)
    links.call(time(), LOW, call(LOW.key))
    expect(drain()).toMatchObject([{ kind: 'sendFrame', link: 90 }])
    now = SERVER_CALL_TIMEOUT_MS
    links.timeout(time())
    expect(drain()).toMatchObject([
      { kind: 'close', link: ours },
      { kind: 'answer', link: 90 },
    ])
  })

  it('stay beside that of the higher key, where they carry circuits, and where theirs has ended', () => {
    connect(HIGH)
    links.accepted(time(), 91 as LinkId, HIGH.key)
    const ours = connect(LOW)
    carrying.add(ours)
    links.accepted(time(), 90 as LinkId, LOW.key)
    now = SERVER_CALL_TIMEOUT_MS
    links.timeout(time())
    expect(drain()).toEqual([])
    carrying.clear()
    links.accepted(time(), 92 as LinkId, LOW.key)
    lose(90 as LinkId)
    lose(92 as LinkId)
    now = 2 * SERVER_CALL_TIMEOUT_MS
    links.timeout(time())
    expect(drain()).toEqual([])
  })
})
