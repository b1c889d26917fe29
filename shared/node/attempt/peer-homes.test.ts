// Servers of a peer that are looked up, over several attempts to reach it.

import { beforeEach, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { PATH_MAX_SERVER_LOOKUPS } from '../../wire/limits.ts'
import { FakeCircuits } from '../testing/fake-circuits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { PeerHomes } from './peer-homes.ts'

const SERVERS = Array.from({ length: PATH_MAX_SERVER_LOOKUPS + 1 }, (_, at) => identityOf(10 + at))
const KEYS = SERVERS.map(({ keyId }) => keyId)

let fake: FakeCircuits
let homes: PeerHomes

beforeEach(() => {
  fake = new FakeCircuits(identityOf(1))
  homes = new PeerHomes(fake.context.servers, identityOf(2).keyId)
})

function seek(...keys: readonly KeyId[]): void {
  homes.seek(fake.time, keys)
}

it('are looked up once in an attempt, and so many of them', () => {
  seek(...KEYS)
  seek(...KEYS)
  expect(fake.lookups).toEqual(KEYS.slice(0, PATH_MAX_SERVER_LOOKUPS))
})

it('are looked up again in the next one, also where the lookup was cut short', () => {
  const [first, second] = KEYS as [KeyId, KeyId]
  seek(first, second)
  const { record } = recordOf(identityOf(10), { type: 'server' })
  homes.lookedUp({ lookup: 1, record, servers: [], isFinal: true })
  homes.cancel()
  expect(homes.isSeeking).toBe(false)
  expect(homes.hop(fake.time, first)).toBeDefined()
  seek(...KEYS.slice(1))
  expect(fake.lookups).toEqual([first, second, ...KEYS.slice(1)])
})
