import { describe, expect, it } from 'vitest'
import type { LinkId } from '../../link/link-id.ts'
import type { WireContact } from '../../wire/dht-bodies.ts'
import { findNodeAnswer, findRecordAnswer } from '../../wire/dht-bodies.ts'
import { FRAME } from '../../wire/frame-type.ts'
import { DHT_TABLE_MAX_PER_NETWORK } from '../../wire/limits.ts'
import { findBody } from '../../wire/registry-bodies.ts'
import { decodeRequest, encodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import type { NetworkName } from '../host.ts'
import { BARE_WELCOME, loneServer, peerOf } from '../testing/lone-server.ts'
import { identityOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'

const TIME = { now: 0, unixMs: START_UNIX_MS }
const CLIENT = 1 as LinkId
const [US, WANTED, ALICE] = [identityOf(1), identityOf(2), identityOf(3)]
/** The first one knows the rest, and the last of these knows one more. */
const CROWD = Array.from({ length: DHT_TABLE_MAX_PER_NETWORK + 2 }, (_, i) => 10 + i)
const [FIRST, LAST] = [CROWD[0] as number, CROWD.at(-1) as number]
const NEWCOMER = 99

/** Servers are numbers here, their links too. */
const hostOf = (number: number): string => `server-${number}.test`
const contactTo = (number: number): WireContact => ({
  key: identityOf(number).publicKey,
  url: `wss://${hostOf(number)}`,
})

/** A client's lookup among that crowd, each of them on a link from there. @returns who was asked */
function askedWith(networkOf: (number: number) => NetworkName | undefined): Set<number> {
  const server = loneServer(US, TIME)
  const asked = new Set<number>()
  const open = (number: number): void => {
    const peer = peerOf(identityOf(number), 'server')
    server.linkOpened(TIME, number as LinkId, peer, BARE_WELCOME, networkOf(number))
  }
  const namedBy = (number: number): WireContact[] => {
    if (number === FIRST) return CROWD.slice(1).map(contactTo)
    return number === LAST ? [contactTo(NEWCOMER)] : []
  }
  /** Opens what is dialed and answers what is asked, in that order; the last of the crowd comes last. */
  const run = (): void => {
    let late: (() => void) | undefined
    for (let effect = server.poll(); effect !== undefined || late; effect = server.poll()) {
      if (effect === undefined) {
        late?.()
        late = undefined
      } else if (effect.kind === 'dial') {
        const number = [...CROWD, NEWCOMER].find(one => hostOf(one) === effect.url.host) as number
        server.dialing(effect.dial, number as LinkId)
        open(number)
      } else if (effect.kind === 'sendFrame' && effect.bytes[0] === FRAME.request) {
        const { link } = effect
        const { id, method } = decodeRequest(effect.bytes)
        const isForIt = method === 'findRecord'
        if (isForIt) asked.add(link)
        const body = isForIt ? findRecordAnswer(namedBy(link)) : findNodeAnswer([])
        const answer = (): void =>
          server.frame(TIME, link, FRAME.response, encodeResponse({ id, body }))
        if (isForIt && link === LAST) late = answer
        else answer()
      }
    }
  }
  server.learnNeighbour(
    TIME,
    { scheme: 'wss', host: hostOf(FIRST), port: 443 },
    identityOf(FIRST).keyId,
  )
  run()
  server.linkOpened(TIME, CLIENT, peerOf(ALICE, 'client'), undefined, undefined)
  const find = { id: 1, method: 'find', body: findBody(WANTED.publicKey) } as const
  server.frame(TIME, CLIENT, FRAME.request, encodeRequest(find))
  run()
  return asked
}

describe('the network of the link that an answer came over', () => {
  it('is heard in a lookup: whom only a crowd of one network names is not asked', () => {
    const asked = askedWith(() => '203.0.113.0/24')
    expect(asked).toEqual(new Set(CROWD))
  })

  it.each([
    ['of many networks', (number: number) => `network ${number}`],
    ['where networks do not count', () => undefined],
  ])('makes no difference %s: the control', (_, networkOf) => {
    expect(askedWith(networkOf)).toEqual(new Set([...CROWD, NEWCOMER]))
  })
})
