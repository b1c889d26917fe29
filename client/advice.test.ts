import { describe, expect, it } from 'vitest'
import { ERROR_HINTS } from '../shared/node/mesh-error.ts'
import { failureOfPrivate } from '../shared/node/peer-failure.ts'
import type { Advice } from './advice.ts'
import { adviceOf } from './advice.ts'
import type { ServerStatus } from './api.ts'
import type { Explanation, Failure, ReachStep } from './route-types.ts'
import { explanationOf, OTHER_SERVER, routeOf, SERVER } from './testing/explanations.ts'

const offline: Failure = { code: 'OFFLINE', message: 'The peer is away.' }
const away: ServerStatus = {
  url: 'wss://one.example',
  state: 'waiting',
  error: { code: 'UNREACHABLE', message: 'The server does not answer.' },
}
const failed = routeOf({ state: 'failed', error: offline })
const stepOf = (step: ReachStep['step'], error?: Failure): ReachStep => ({
  step,
  hops: [SERVER],
  startedAt: 0,
  tookMs: 5,
  ...(error && { error }),
})

describe('the advice', () => {
  it.each<[string, Partial<Explanation>, Advice['kind'], RegExp, RegExp | undefined]>([
    [
      'an open route',
      { routes: [failed, routeOf({ state: 'active' })] },
      'reached',
      /is reached/,
      undefined,
    ],
    [
      'an open route without servers',
      { routes: [routeOf({ state: 'active' })], servers: [away] },
      'reached',
      /is reached/,
      undefined,
    ],
    ['a revoked key', { record: 'revoked', routes: [] }, 'failed', /revoked it/, /new key/],
    [
      'no server at all',
      { record: 'noAnswer', routes: [], servers: [] },
      'failed',
      /no server to ask/,
      /address of one/,
    ],
    [
      'servers that are silent yet',
      {
        record: 'noAnswer',
        routes: [],
        servers: [{ url: 'wss://one.example', state: 'connecting' }],
      },
      'untried',
      /not answered yet/,
      /Wait/,
    ],
    [
      'one server away',
      { record: 'noAnswer', routes: [], servers: [away] },
      'failed',
      /^The server does not answer\.$/,
      /network/,
    ],
    [
      'all servers away',
      { record: 'noAnswer', routes: [], servers: [away, away] },
      'failed',
      /^None of your servers can be used\. The server/,
      /network/,
    ],
    [
      'no answer in time',
      { record: 'noAnswer', routes: [] },
      'failed',
      /did not say in time/,
      /Try again/,
    ],
    [
      'a key that nobody knows',
      { record: 'absent', routes: [], homes: [] },
      'failed',
      /No server knows/,
      /letter by letter/,
    ],
    [
      'a key that only neighbours lead to',
      { record: 'absent', routes: [failed], homes: [] },
      'failed',
      /^The peer is away\.$/,
      /when the peer is online/,
    ],
    ['a peer attached nowhere', { routes: [], homes: [] }, 'failed', /is offline/, /come online/],
    [
      'no server in common',
      { routes: [], homes: [OTHER_SERVER] },
      'failed',
      /None of your servers reaches/,
      /Add one/,
    ],
    [
      'too few nodes for a private path',
      { mode: 'private', routes: [] },
      'failed',
      /^A private path takes three relays of different networks: /,
      /another mode/,
    ],
    [
      'a server that nothing leads to',
      { type: 'server', routes: [], homes: [] },
      'failed',
      /None of your servers reaches it/,
      /Add one/,
    ],
    ['routes of which none is open', {}, 'untried', /none of them is open/, /Dial/],
    [
      'a route that failed',
      { routes: [failed] },
      'failed',
      /^The peer is away\.$/,
      /when the peer is online/,
    ],
    [
      'a step that failed',
      { routes: [failed], steps: [stepOf('lookup'), stepOf('handshake', offline)] },
      'failed',
      /^The peer is away\. This happened at the handshake/,
      /when the peer is online/,
    ],
    [
      'a refusal by the peer',
      { steps: [stepOf('lookup'), stepOf('refusal', { code: 'REFUSED', message: 'No.' })] },
      'failed',
      /^No\. This is what the peer itself answered: the way there is good\.$/,
      /./,
    ],
  ])('on %s', (_name, change, kind, sentence, hint) => {
    const advice = adviceOf(explanationOf(change))
    expect(advice.kind).toBe(kind)
    expect(advice.sentence).toMatch(sentence)
    if (hint === undefined) expect(advice).not.toHaveProperty('hint')
    else expect(advice.hint).toMatch(hint)
  })

  it('goes by what dialing ended with, where it was tried', () => {
    const refused: Failure = { code: 'REFUSED', message: 'The peer refuses.', hint: 'Ask it.' }
    const steps = [stepOf('circuit', offline)]
    expect(adviceOf(explanationOf({ steps }), refused)).toEqual({
      kind: 'failed',
      sentence: 'The peer refuses.',
      hint: 'Ask it.',
      code: 'REFUSED',
    })
    expect(adviceOf(explanationOf({ steps }), offline)).toMatchObject({
      sentence: 'The peer is away. This happened while a path was opened.',
      hint: ERROR_HINTS.OFFLINE,
    })
  })

  it('says of private paths what dialing said', () => {
    const none = failureOfPrivate('middle')
    const explanation = explanationOf({ mode: 'private', routes: [] })
    expect(adviceOf(explanation, none)).toEqual({
      kind: 'failed',
      sentence: none.message,
      hint: none.hint,
      code: 'NO_PATH',
    })
    // Whatever is missing, it begins in the same words.
    const [words] = none.message.split(':')
    expect(adviceOf(explanation).sentence.split(':')[0]).toBe(words)
    expect(adviceOf(explanation, offline).sentence.split(':')[0]).toBe(words)
    const privatePath = { missing: 'middle', places: [] } as const
    expect(adviceOf({ ...explanation, privatePath }).sentence).toBe(none.message)
  })

  it.each<[Partial<Explanation>, Advice['code']]>([
    [{ record: 'revoked', routes: [] }, 'REVOKED'],
    [{ record: 'noAnswer', routes: [], servers: [] }, 'UNREACHABLE'],
    [{ record: 'noAnswer', routes: [], servers: [away] }, 'UNREACHABLE'],
    [{ record: 'noAnswer', routes: [] }, 'TIMEOUT'],
    [{ record: 'absent', routes: [] }, 'NOT_FOUND'],
    [{ routes: [], homes: [] }, 'OFFLINE'],
    [{ routes: [] }, 'NO_PATH'],
    [{ mode: 'private', routes: [] }, 'NO_PATH'],
    [{ routes: [failed] }, 'OFFLINE'],
    [{}, undefined],
    [{ routes: [routeOf({ state: 'active' })] }, undefined],
  ])('says what kind of failure it is: %j', (change, code) => {
    expect(adviceOf(explanationOf(change)).code).toBe(code)
  })

  it('names the successor of a revoked key', () => {
    const revoked: Failure = { code: 'REVOKED', message: 'Revoked.', hint: 'Its successor is x.' }
    const explanation = explanationOf({ record: 'revoked', routes: [] })
    expect(adviceOf(explanation, revoked).hint).toBe('Its successor is x.')
    expect(adviceOf(explanation, offline).hint).toBe(ERROR_HINTS.REVOKED)
  })
})
