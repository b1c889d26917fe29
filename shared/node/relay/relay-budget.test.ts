// A client's relaying by the day: what its record says, what it keeps and what it answers.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { DailyBudget } from '../../routing/daily-budget.ts'
import { RELAY_BUDGET_MIN_BYTES, RELAY_BUDGET_WINDOW_MS } from '../../wire/limits.ts'
import { readRoutesAnswer, routesBody } from '../../wire/route-bodies.ts'
import { decodeResponse, encodeRequest } from '../../wire/rpc-messages.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { ClientRelayEffect } from './client-relay.ts'
import { ClientRelay, RELAY_BUDGET_KEY } from './client-relay.ts'

const [US, ASKER, PEER] = [identityOf(1), identityOf(2), identityOf(3)]
const LIMIT = RELAY_BUDGET_MIN_BYTES

let now: number
let budget: DailyBudget
let ownRecord: OwnRecord
let relay: ClientRelay

const at = () => ({ now, unixMs: START_UNIX_MS + now })

function start(saved?: Uint8Array): void {
  budget = new DailyBudget(LIMIT, at(), saved)
  const own = { suite: nodeSuite, random: seededRandom(1), identity: US, net: NET, endpoints: [] }
  ownRecord = new OwnRecord({ ...own, type: 'client', isRelay: false }, at())
  const linked = [{ key: PEER.keyId, link: 2 as LinkId, rttMs: 1, record: recordOf(PEER) }]
  const queries = { passOn: () => {}, isOwn: () => false }
  const config = { random: seededRandom(2), ownKey: US.keyId, queries, linked: () => linked }
  relay = new ClientRelay(config, ownRecord, budget, at())
}

beforeEach(() => {
  now = 0
  start()
})

function drain(): ClientRelayEffect[] {
  relay.advance(at())
  const effects: ClientRelayEffect[] = []
  for (let effect = relay.poll(); effect; effect = relay.poll()) effects.push(effect)
  return effects
}

function useUp(): void {
  budget.spend(at(), ASKER.keyId, LIMIT / 2)
  budget.spend(at(), PEER.keyId, LIMIT / 2)
}

const saysRelay = (): number => ownRecord.take(at()).record.relay

function routes(): number {
  const body = routesBody({ id: new Uint8Array(8), key: PEER.publicKey, ttl: 0 })
  const asker = { link: 1 as LinkId, key: ASKER.keyId }
  relay.request(at(), asker, encodeRequest({ id: 1, method: 'routes', body }))
  const [effect] = drain()
  const response = effect?.kind === 'sendFrame' ? decodeResponse(effect.bytes) : undefined
  return response && 'body' in response ? readRoutesAnswer(response.body).routes.length : -1
}

describe('a client that relays', () => {
  it('says so, answers, and keeps nothing while nothing is spent', () => {
    expect(saysRelay()).toBe(1)
    expect(routes()).toBe(1)
    expect(drain()).toEqual([])
    expect(relay.nextTimeout()).toBeUndefined()
  })

  it('says once that it relays no more, and once that it does again', () => {
    useUp()
    expect(drain().map(({ kind }) => kind)).toEqual(['save', 'recordChanged'])
    expect(saysRelay()).toBe(0)
    expect(routes()).toBe(0)
    expect(drain()).toEqual([])
    expect(relay.nextTimeout()).toBe(RELAY_BUDGET_WINDOW_MS)
    now = RELAY_BUDGET_WINDOW_MS
    expect(drain().map(({ kind }) => kind)).toEqual(['recordChanged'])
    expect(saysRelay()).toBe(1)
    expect(routes()).toBe(1)
  })

  it('says from the start that it does not, when a life before used everything up', () => {
    useUp()
    const [save] = drain()
    expect(save).toMatchObject({ kind: 'save', key: RELAY_BUDGET_KEY })
    now = 1_000
    start(save?.kind === 'save' ? save.value : undefined)
    expect(saysRelay()).toBe(0)
    expect(drain()).toEqual([])
  })
})
