// What a node tells of itself, asked of a core that a test plays.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Command } from '../shared/node/inputs.ts'
import type * as core from '../shared/node/stats.ts'
import type { NodeClient } from './node-client.ts'
import { ann, bob, playCore } from './testing/played-core.ts'

const NOTHING: core.NodeStats = { links: [], totals: new Map() }
const NO_TRAFFIC = { sentBytes: 0, receivedBytes: 0 }

let commands: readonly Command[]
let client: NodeClient

beforeEach(() => {
  ;({ client, commands } = playCore(10_000))
})

/** The first question is on its way when this resolves. */
async function untilAsked(): Promise<void> {
  while (commands.length === 0) await new Promise(resolve => setImmediate(resolve))
}

async function answered(stats: core.NodeStats) {
  const asked = client.stats()
  await untilAsked()
  client.onEvent({ kind: 'done', request: 1, outcome: { kind: 'stats', stats } })
  return asked
}

describe('the statistics of a node', () => {
  it('are asked for once, with the time that there is', async () => {
    const asked = client.stats({ timeoutMs: 5 })
    await untilAsked()
    expect(commands).toEqual([{ kind: 'stats', request: 1, timeoutMs: 5 }])
    client.onEvent({ kind: 'done', request: 1, outcome: { kind: 'stats', stats: NOTHING } })
    expect(await asked).toEqual({
      links: [],
      totals: { server: NO_TRAFFIC, lan: NO_TRAFFIC, rtc: NO_TRAFFIC },
      sessions: [],
    })
  })

  it('tell links by the clock of the node, in the words of the library', async () => {
    const traffic = { sentBytes: 3, receivedBytes: 4 }
    const candidates = { own: 'srflx', peer: 'prflx', protocol: 'udp' } as const
    const { links } = await answered({
      links: [
        { key: ann.keyId, kind: 'server', isInitiator: true, ageMs: 1_000, rttMs: 7, ...traffic },
        { key: bob.keyId, kind: 'client', isInitiator: false, ageMs: 0, ...traffic },
        { key: bob.keyId, kind: 'rtc', isInitiator: true, ageMs: 1, candidates, ...traffic },
      ],
      totals: new Map(),
    })
    expect(links).toEqual([
      { key: ann.keyText, kind: 'server', openedBy: 'us', since: 9_000, rttMs: 7, ...traffic },
      { key: bob.keyText, kind: 'lan', openedBy: 'peer', since: 10_000, ...traffic },
      { key: bob.keyText, kind: 'rtc', openedBy: 'us', since: 9_999, candidates, ...traffic },
    ])
  })

  it('sum by kind, and tell of kinds that there were none of, too', async () => {
    const [server, client, rtc] = [1, 2, 3].map(n => ({ sentBytes: n, receivedBytes: 10 * n }))
    if (!server || !client || !rtc) throw new Error('three are needed')
    const whole = new Map([['server', server] as const, ['client', client] as const])
    expect((await answered({ links: [], totals: whole })).totals).toEqual({
      server,
      lan: client,
      rtc: NO_TRAFFIC,
    })
  })

  it('tell sessions with the path in use, and those that have none now', async () => {
    client.onEvent({ kind: 'peerUp', peer: ann.keyId, isIncoming: true })
    client.onEvent({ kind: 'peerPath', peer: ann.keyId, path: { hops: [], rttMs: 2 } })
    client.onEvent({ kind: 'peerUp', peer: bob.keyId, isIncoming: true })
    const { sessions } = await answered(NOTHING)
    expect(sessions).toEqual([
      { key: ann.keyText, path: { kind: 'direct', hops: [], rttMs: 2, since: 10_000 } },
      { key: bob.keyText },
    ])
  })

  it('are not told of a node that is closed', async () => {
    await client.close()
    await expect(client.stats()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('need not be waited for', async () => {
    const signal = AbortSignal.abort()
    await expect(client.stats({ signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(client.stats({ timeoutMs: -1 })).rejects.toThrow(RangeError)
    expect(commands).toEqual([])
  })
})
