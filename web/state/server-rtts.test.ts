import { describe, expect, it } from 'vitest'
import type { LinkStats } from '../../client/api.ts'
import { ONLINE, SAMPLE_KEYS } from '../testing/fake-node.ts'
import { serverRttsOf, withRtts } from './server-rtts.ts'
import { statusLine } from './status-line.ts'

const { ada, server } = SAMPLE_KEYS

function link(key: string, change: Partial<LinkStats>): LinkStats {
  const traffic = { sentBytes: 0, receivedBytes: 0 }
  return { key, kind: 'server', openedBy: 'us', since: 0, ...traffic, ...change }
}

describe('round trips to servers', () => {
  it('are those of the links to servers that are measured, the best of each', () => {
    const links = [
      link(server, { rttMs: 9 }),
      link(server, { rttMs: 2 }),
      link(server, {}),
      link(ada, { rttMs: 1, kind: 'rtc' }),
    ]
    expect([...serverRttsOf({ links })]).toEqual([[server, 2]])
  })

  it('take the place of what the status tells, which is the first measurement', () => {
    const time = (rtts: ReadonlyMap<string, number>) =>
      statusLine({ kind: 'running' }, withRtts(ONLINE, rtts), 0, 0).time
    expect(time(new Map([[server, 2]]))).toBe('2 ms')
    expect(time(new Map())).toBeUndefined()
    const unproven = { state: 'online', servers: [{ url: 'wss://a', state: 'online' }] } as const
    expect(withRtts(unproven, new Map([[server, 2]]))).toEqual(unproven)
  })
})
