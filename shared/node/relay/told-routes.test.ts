import { describe, expect, it } from 'vitest'
import type { LinkId } from '../../link/link-id.ts'
import { ROUTES_MAX_RELAYS } from '../../wire/limits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { ToldRoutes } from './told-routes.ts'

const [US, ASKER, SOUGHT] = [identityOf(1), identityOf(2), identityOf(3)]
const [NEAR, OTHER] = [identityOf(4), identityOf(5)]
const relays = (count: number, from = 10) =>
  Array.from({ length: count }, (_, i) => identityOf(from + i).publicKey)
const neighbour = (who: typeof NEAR, rttMs: number | undefined) => ({
  key: who.keyId,
  link: 1 as LinkId,
  rttMs,
  record: recordOf(who, { relay: 1 }),
})

function toldBy({ rttMs }: { readonly rttMs: number | undefined } = { rttMs: 5 }): ToldRoutes {
  const asked = [neighbour(NEAR, rttMs), neighbour(OTHER, 50)]
  return new ToldRoutes([US.keyId, ASKER.keyId, SOUGHT.keyId], asked)
}

describe('what neighbours told', () => {
  it.each([
    [0, 1],
    [ROUTES_MAX_RELAYS - 1, 1],
    [ROUTES_MAX_RELAYS, 0],
  ])('over %i relays makes %i routes over one more', (count, routes) => {
    const told = toldBy()
    const record = recordOf(SOUGHT).bytes
    told.add(NEAR.keyId, { routes: [{ relays: relays(count) }], records: [record] })
    const best = told.best()
    expect(best.routes).toHaveLength(routes)
    expect(best.records).toHaveLength(2 * routes)
  })

  it.each([
    [5, 30, 35],
    [5, undefined, undefined],
    [undefined, 30, undefined],
  ])('takes %s ms to it and %s ms from there: %s', (rttMs, latencyMs, sum) => {
    const told = toldBy({ rttMs })
    const route = { relays: relays(1), ...(latencyMs !== undefined && { latencyMs }) }
    told.add(NEAR.keyId, { routes: [route], records: [] })
    expect(told.best().routes[0]?.latencyMs).toBe(sum)
  })

  it('is nothing that leads over us, the asker, the one sought or the neighbour itself', () => {
    const told = toldBy()
    const routes = [US, ASKER, SOUGHT, NEAR].map(({ publicKey }) => ({ relays: [publicKey] }))
    told.add(NEAR.keyId, { routes, records: [] })
    expect(told.best()).toEqual({ routes: [], records: [] })
  })

  it('is nothing of whom nobody asked', () => {
    const told = toldBy()
    told.add(identityOf(77).keyId, { routes: [{ relays: [] }], records: [] })
    expect(told.best().routes).toEqual([])
  })

  it('has the shortest ways first, then the quickest, and only records that belong to them', () => {
    const told = toldBy()
    const [x, y] = [identityOf(20), identityOf(21)]
    told.add(OTHER.keyId, { routes: [{ relays: [] }], records: [recordOf(SOUGHT).bytes] })
    told.add(NEAR.keyId, {
      routes: [{ relays: [x.publicKey], latencyMs: 9 }, { relays: [] }],
      records: [recordOf(y).bytes, recordOf(x).bytes, new Uint8Array(3)],
    })
    const { routes, records } = told.best()
    expect(routes.map(route => route.relays.length)).toEqual([1, 1, 2])
    expect(routes.map(route => route.latencyMs)).toEqual([5, 50, 14])
    const expected = [recordOf(SOUGHT), recordOf(NEAR, { relay: 1 }), recordOf(OTHER, { relay: 1 })]
    expect(records).toEqual([...expected, recordOf(x)].map(({ bytes }) => bytes))
  })

  it('cannot put another record in the place of one that we know', () => {
    const told = toldBy()
    const older = recordOf(NEAR, { relay: 1, seq: 5, seenMs: 5 }).bytes
    told.add(NEAR.keyId, { routes: [{ relays: [] }], records: [older] })
    expect(told.best().records).toEqual([recordOf(NEAR, { relay: 1 }).bytes])
  })
})
