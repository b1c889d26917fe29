import { beforeEach, describe, expect, it } from 'vitest'
import type { CborMap } from '../../bytes/cbor.ts'
import { FRAME } from '../../wire/frame-type.ts'
import {
  ROUTES_ANSWER_MAX_BYTES,
  ROUTES_ASK_AGAIN_MS,
  ROUTES_MAX_TTL,
  ROUTES_PASSED_ON_BURST,
  ROUTES_QUESTIONS_BURST,
  ROUTES_QUESTIONS_PER_S,
  ROUTES_TIMEOUT_MS,
  ROUTES_WAITING_PER_LINK,
} from '../../wire/limits.ts'
import { readRelaysAnswer } from '../../wire/relays-body.ts'
import { routesBody } from '../../wire/route-bodies.ts'
import { decodeResponse, encodeRequest } from '../../wire/rpc-messages.ts'
import type { Questioner } from './testing/question-net.ts'
import { QuestionNet } from './testing/question-net.ts'

let net: QuestionNet
let lastId = 0

beforeEach(() => {
  net = new QuestionNet()
})

function nodes(...isRelay: boolean[]): Questioner[] {
  const first = net.nodes.length + 1
  return isRelay.map((relays, i) => net.node(first + i, relays))
}

function question(sought: Questioner, ttl = ROUTES_MAX_TTL, id = ++lastId): CborMap {
  const name = new Uint8Array(8)
  new DataView(name.buffer).setUint32(0, id)
  return routesBody({ id: name, key: sought.identity.publicKey, ttl })
}

function request(body: CborMap, method: 'routes' | 'find' = 'routes'): Uint8Array {
  return encodeRequest({ id: 7, method, body })
}

/** The relays of what was heard, by the names of the nodes. */
function routesOf({ heard }: Questioner): number[][] {
  const named = (key: string): number => net.nodes.find(node => node.key === key)?.name ?? -1
  return heard.flatMap(({ routes }) => routes.map(({ relays }) => relays.map(named)))
}

describe('a question to a neighbour that relays', () => {
  it('is answered with itself, and the record of whom it is linked to', () => {
    const [a, b, c] = nodes(false, true, false) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    net.ask(a, c.key)
    net.run(100)
    expect(a.heard).toEqual([
      {
        kind: 'routesHeard',
        key: c.key,
        from: b.key,
        routes: [{ relays: [b.key] }],
        records: [c.record],
      },
    ])
    expect(net.sent).toEqual({ requests: 1, responses: 1 })
  })

  it.each([
    [1, [[2]]],
    [2, [[2, 3]]],
    [3, [[2, 3, 4]]],
    [4, [[2, 3, 4, 5]]],
    [5, []],
  ])('over %i relays in a row finds %j', (count, routes) => {
    const relays = Array.from({ length: count }, () => true)
    const chain = nodes(false, ...relays, false)
    net.chain(chain)
    const [a, c] = [chain[0], chain.at(-1)] as [Questioner, Questioner]
    net.ask(a, c.key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(routesOf(a)).toEqual(routes)
  })

  it('names what it takes from relay to relay, and not to the one sought', () => {
    const [a, b, c, d, e] = nodes(false, true, true, true, false) as Questioner[]
    net.join(a as Questioner, b as Questioner, 1)
    net.join(b as Questioner, c as Questioner, 20)
    net.join(c as Questioner, d as Questioner, 300)
    net.join(d as Questioner, e as Questioner, 4_000)
    net.ask(a as Questioner, (e as Questioner).key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(a?.heard[0]?.routes).toMatchObject([{ latencyMs: 320 }])
  })

  it('brings the verified records of the relays on the way', () => {
    const chain = nodes(false, true, true, false) as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.chain(chain)
    net.ask(chain[0], chain[3].key)
    net.run(ROUTES_TIMEOUT_MS)
    const records = chain[0].heard[0]?.records.map(({ bytes }) => bytes)
    expect(records).toEqual([chain[3].record.bytes, chain[2].record.bytes])
  })

  it('says nothing of whom it is linked to when it does not relay, or not any more', () => {
    const [a, b, c] = nodes(false, true, false) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    b.isRelay = false
    net.ask(a, c.key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(a.heard).toMatchObject([{ routes: [], records: [] }])
  })

  it('is not passed on to, or over, who does not relay', () => {
    const [a, b, c, d] = nodes(false, true, false, false) as Questioner[] as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.chain([a, b, c, d])
    net.ask(a, d.key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(routesOf(a)).toEqual([])
    expect(net.sent.requests).toBe(1)
  })
})

describe('a question that is passed on', () => {
  it('makes no more messages than this in a mesh of all with all, and comes back to nobody twice', () => {
    const mesh = nodes(...Array.from({ length: 30 }, () => true))
    net.joinAll(mesh)
    const [asker, asked] = mesh as [Questioner, Questioner]
    const [stranger] = nodes(false) as [Questioner]
    net.say(asker, asked, request(question(stranger)))
    net.run(ROUTES_TIMEOUT_MS)
    // One came; 3 went to neighbours, each of which asked 2, each of which asked 1.
    expect(net.sent.requests).toBeLessThanOrEqual(1 + 3 + 3 * 2 + 3 * 2 * 1)
    expect(net.sent.responses).toBe(net.sent.requests)
  })

  it.each([0, 1, 2, 3])('%i times goes to that many neighbours', ttl => {
    const star = nodes(true, true, ...Array.from({ length: 10 }, () => true))
    const [asker, hub, ...others] = star as [Questioner, Questioner, ...Questioner[]]
    net.join(asker, hub)
    for (const other of others) net.join(hub, other)
    const [stranger] = nodes(false) as [Questioner]
    net.say(asker, hub, request(question(stranger, ttl)))
    net.run(ROUTES_TIMEOUT_MS)
    expect(net.sent.requests).toBe(1 + ttl)
  })

  it('is passed on once, however often and from wherever it comes', () => {
    const [a, b, c, d] = nodes(true, true, true, true) as Questioner[] as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.join(a, c)
    net.join(b, c)
    net.join(c, d)
    const [stranger] = nodes(false) as [Questioner]
    for (const asker of [a, b, a]) net.say(asker, c, request(question(stranger, 1, 5)))
    net.run(ROUTES_TIMEOUT_MS)
    expect(net.sent.requests).toBe(3 + 1)
    expect(net.sent.responses).toBe(3 + 1)
  })

  it('of our own that went round is answered with nothing', () => {
    const [a, b, c] = nodes(true, true, true) as [Questioner, Questioner, Questioner]
    net.joinAll([a, b, c])
    const [stranger] = nodes(false) as [Questioner]
    net.ask(a, stranger.key)
    net.run(ROUTES_TIMEOUT_MS)
    // a asks b and c, each of them the other one, and both may pass that on to a, which asks nobody.
    expect(net.sent.requests).toBeLessThanOrEqual(6)
    expect(a.heard).toHaveLength(2)
    expect(routesOf(a)).toEqual([])
  })

  it('has an answer in time, though one of those asked is silent', () => {
    const [a, b, c, d, e] = nodes(false, true, true, true, false) as Questioner[] as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.chain([a, b, c])
    net.join(b, d)
    net.join(d, e)
    c.isSilent = true
    net.ask(a, e.key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(routesOf(a)).toEqual([[2, 4]])
  })

  it('ends at once where a link ends', () => {
    const [a, b, c] = nodes(false, true, true) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    c.isSilent = true
    const [stranger] = nodes(false) as [Questioner]
    net.ask(a, stranger.key)
    net.run(50)
    net.cut(b, c)
    net.run(50)
    expect(a.heard).toHaveLength(1)
  })

  it('of a neighbour that is gone is answered to nobody', () => {
    const [a, b, c, d] = nodes(true, true, true, false) as Questioner[] as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.chain([a, b, c, d])
    net.say(a, b, request(question(d)))
    net.run(6)
    net.cut(a, b)
    net.run(ROUTES_TIMEOUT_MS)
    expect(net.sent.responses).toBe(1)
  })
})

describe('what a neighbour may ask', () => {
  it(`is ${ROUTES_QUESTIONS_BURST} questions at once, then ${ROUTES_QUESTIONS_PER_S} a second`, () => {
    const [a, b, c] = nodes(true, true, false) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    const say = (count: number): number => {
      const before = b.questions
      let answered = 0
      for (let i = 0; i < count; i++) {
        before.request(net.time, { link: linkOf(b, a), key: a.key }, request(question(c)))
        const effect = before.poll()
        // An answer with a route is longer than a refusal.
        if (effect?.kind === 'sendFrame' && effect.bytes.length > 60) answered += 1
      }
      return answered
    }
    expect(say(ROUTES_QUESTIONS_BURST + 5)).toBe(ROUTES_QUESTIONS_BURST)
    net.now += 1_000
    expect(say(10)).toBe(ROUTES_QUESTIONS_PER_S)
  })

  it(`waits for at most ${ROUTES_WAITING_PER_LINK} answers of one link`, () => {
    const [a, b, c] = nodes(true, true, true) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    c.isSilent = true
    const [stranger] = nodes(false) as [Questioner]
    for (let i = 0; i < ROUTES_WAITING_PER_LINK + 3; i++) {
      net.say(a, b, request(question(stranger)))
    }
    net.run(10)
    const asked = ROUTES_WAITING_PER_LINK + 3
    expect(net.sent).toEqual({ requests: asked + ROUTES_WAITING_PER_LINK, responses: 3 })
    net.run(ROUTES_TIMEOUT_MS)
    expect(net.sent.responses).toBe(asked)
  })

  it(`makes a node pass on ${ROUTES_PASSED_ON_BURST} questions at once, whoever they are of`, () => {
    const [hub, beyond] = nodes(true, true) as [Questioner, Questioner]
    net.join(hub, beyond)
    const askers = nodes(...Array.from({ length: 8 }, () => false))
    for (const asker of askers) net.join(hub, asker)
    const [stranger] = nodes(false) as [Questioner]
    for (const asker of askers) {
      for (let i = 0; i < 6; i++) net.say(asker, hub, request(question(stranger, 1)))
    }
    net.run(ROUTES_TIMEOUT_MS)
    expect(net.sent.requests).toBe(48 + ROUTES_PASSED_ON_BURST)
    expect(net.sent.responses).toBe(net.sent.requests)
  })

  it('is for routes only, and in its shape', () => {
    const [a, b] = nodes(true, true) as [Questioner, Questioner]
    net.join(a, b)
    for (const bytes of [request(question(a), 'find'), request(new Map())]) {
      net.say(a, b, bytes)
      net.run(20)
    }
    expect(net.sent.responses).toBe(2)
    net.say(a, b, Uint8Array.of(FRAME.request, 0xff))
    net.run(20)
    expect(b.misbehaved).toEqual([linkOf(b, a)])
  })

  it('about itself, or about us, is answered with nothing', () => {
    const [a, b] = nodes(true, true) as [Questioner, Questioner]
    net.join(a, b)
    net.ask(a, b.key)
    expect(net.sent.requests).toBe(0)
    for (const sought of [a, b]) net.say(a, b, request(question(sought)))
    net.run(20)
    expect(net.sent).toEqual({ requests: 2, responses: 2 })
    expect(net.longest).toBeLessThan(40)
  })
})

describe('whatever neighbours answer', () => {
  it('is passed back within the size of an answer', () => {
    const [a, b] = nodes(false, true) as [Questioner, Questioner]
    net.join(a, b)
    const middles = nodes(true, true, true)
    const ends = nodes(...Array.from({ length: 9 }, () => true))
    const [sought] = nodes(false) as [Questioner]
    for (const middle of middles) {
      net.join(b, middle)
      for (const end of ends) net.join(middle, end)
    }
    for (const end of ends) net.join(end, sought)
    net.ask(a, sought.key)
    net.run(ROUTES_TIMEOUT_MS)
    expect(routesOf(a).length).toBeGreaterThan(0)
    expect(net.longest).toBeLessThanOrEqual(ROUTES_ANSWER_MAX_BYTES + 40)
  })

  it('leaves nothing behind', () => {
    const mesh = nodes(...Array.from({ length: 8 }, () => true))
    net.joinAll(mesh)
    const [stranger] = nodes(false) as [Questioner]
    for (const node of mesh) net.ask(node, stranger.key)
    net.run(ROUTES_TIMEOUT_MS + ROUTES_ASK_AGAIN_MS)
    for (const { queries } of mesh) expect(queries.nextTimeout()).toBeUndefined()
    expect(net.sent.responses).toBe(net.sent.requests)
  })
})

function linkOf(from: Questioner, to: Questioner) {
  const neighbour = from.linked.find(({ key }) => key === to.key)
  if (neighbour === undefined) throw new Error('no link')
  return neighbour.link
}

describe('a question for others that relay', () => {
  const relays = () => encodeRequest({ id: 7, method: 'relays', body: new Map() })

  function answerOf(node: Questioner): readonly Uint8Array[] {
    const effect = node.questions.poll()
    if (effect?.kind !== 'sendFrame') throw new Error('no answer')
    const response = decodeResponse(effect.bytes)
    if ('error' in response) throw new Error(response.error)
    return readRelaysAnswer(response.body)
  }

  it('is answered with neighbours that do, without who asks', () => {
    const [a, b, c, d] = nodes(true, true, true, false) as [
      Questioner,
      Questioner,
      Questioner,
      Questioner,
    ]
    net.chain([a, b, c])
    net.chain([b, d])
    const [{ link } = { link: undefined }] = b.linked.filter(({ key }) => key === a.key)
    if (link === undefined) throw new Error('no link')
    b.questions.request(net.time, { link, key: a.key }, relays())
    expect(answerOf(b)).toEqual([c.record.bytes])
  })

  it('is answered with nobody by one that does not relay now', () => {
    const [a, b, c] = nodes(true, true, true) as [Questioner, Questioner, Questioner]
    net.chain([a, b, c])
    const [{ link } = { link: undefined }] = b.linked.filter(({ key }) => key === a.key)
    if (link === undefined) throw new Error('no link')
    b.isRelay = false
    b.questions.request(net.time, { link, key: a.key }, relays())
    expect(answerOf(b)).toEqual([])
  })
})
