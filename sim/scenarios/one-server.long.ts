// A thousand clients at one server, over ten seeds: minutes, not seconds.

import { describe, expect, it } from 'vitest'
import { runOneServer } from './one-server.ts'

const CLIENTS = 1_000
const MESSAGES = 20

describe('a thousand clients at one server', () => {
  it.each(Array.from({ length: 10 }, (_, seed) => seed))('lose nothing (seed %i)', seed => {
    const report = runOneServer(seed, { clients: CLIENTS, messages: MESSAGES })
    const sent = CLIENTS * MESSAGES
    expect(report.failures).toEqual({})
    expect(report.delivery).toMatchObject({
      sent,
      received: sent,
      confirmed: sent,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      forged: 0,
    })
    expect(report.leftovers).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })
})
