// A thousand clients at one server, over ten seeds: minutes, not seconds.

import { describe, it } from 'vitest'
import { expectAllOnceInOrder } from '../testing/expect-delivery.ts'
import { runOneServer } from './one-server.ts'

const CLIENTS = 1_000
const MESSAGES = 20

describe('a thousand clients at one server', () => {
  it.each(Array.from({ length: 10 }, (_, seed) => seed))('lose nothing (seed %i)', seed => {
    const report = runOneServer(seed, { clients: CLIENTS, messages: MESSAGES })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
  })
})
