import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import {
  RPC_BURST,
  RPC_PER_NETWORK_BURST,
  RPC_PER_S,
  RPC_SPREAD_COST,
  SERVER_RPC_FACTOR,
} from '../../wire/limits.ts'
import type { Requester } from './request-rates.ts'
import { RequestRates } from './request-rates.ts'

const NETWORK = '192.0.2.0/24'

function who(number: number, over: Partial<Requester> = {}): Requester {
  return { key: `key ${number}` as KeyId, isProven: false, network: undefined, ...over }
}

/** How many of them may be made at once. */
function taken(rates: RequestRates, requester: Requester, method = 'find', now = 0): number {
  let count = 0
  while (rates.take(now, requester, method)) count += 1
  return count
}

describe('requests', () => {
  it('have a rate and a burst by key, whatever link they come over', () => {
    const rates = new RequestRates()
    expect(taken(rates, who(1))).toBe(RPC_BURST)
    expect(taken(rates, who(1))).toBe(0)
    expect(taken(rates, who(2))).toBe(RPC_BURST)
    expect(taken(rates, who(1), 'find', 1_000)).toBe(RPC_PER_S)
  })

  it('that many servers hear of cost more', () => {
    const rates = new RequestRates()
    expect(taken(rates, who(1), 'publish')).toBe(RPC_BURST / RPC_SPREAD_COST)
    expect(taken(rates, who(2), 'revoke')).toBe(RPC_BURST / RPC_SPREAD_COST)
  })

  it('of a proven server have its own rate, also where it has used up what a stranger may', () => {
    const rates = new RequestRates()
    taken(rates, who(1))
    expect(taken(rates, who(1, { isProven: true }))).toBe(SERVER_RPC_FACTOR * RPC_BURST)
  })
})

describe('a network of throwaway keys', () => {
  it(`makes ${RPC_PER_NETWORK_BURST} requests at once and leaves others theirs`, () => {
    const rates = new RequestRates()
    let count = 0
    for (let number = 0; number < 100; number++) {
      count += taken(rates, who(number, { network: NETWORK }))
    }
    expect(count).toBe(RPC_PER_NETWORK_BURST)
    expect(taken(rates, who(200, { network: '198.51.100.0/24' }))).toBe(RPC_BURST)
    expect(taken(rates, who(201))).toBe(RPC_BURST)
    const proven = who(202, { network: NETWORK, isProven: true })
    expect(taken(rates, proven)).toBe(SERVER_RPC_FACTOR * RPC_BURST)
  })

  it('has nothing taken for what its key may not ask anyway', () => {
    const rates = new RequestRates()
    const one = who(1, { network: NETWORK })
    taken(rates, one)
    for (let i = 0; i < RPC_PER_NETWORK_BURST; i++) rates.take(0, one, 'find')
    expect(taken(rates, who(2, { network: NETWORK }))).toBe(RPC_BURST)
  })
})
