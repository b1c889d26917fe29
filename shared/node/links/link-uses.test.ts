import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { LinkUse } from './link-uses.ts'
import { LinkUses } from './link-uses.ts'

const [ONE, TWO, THREE] = [1, 2, 3] as LinkId[] as [LinkId, LinkId, LinkId]

function use(kind: LinkUse['kind'], sentBytes: number, receivedBytes: number): LinkUse {
  const key = 'k'.repeat(32) as KeyId
  return { key, kind, isInitiator: true, openedAt: 0, traffic: { sentBytes, receivedBytes } }
}

describe('what went over links', () => {
  it('is nothing at first, and of no kind', () => {
    expect(new LinkUses().totals()).toEqual(new Map())
  })

  it('is summed by kind, over open links and those that are closed', () => {
    const uses = new LinkUses()
    uses.add(ONE, use('server', 1, 10))
    uses.add(TWO, use('server', 2, 20))
    uses.add(THREE, use('rtc', 4, 40))
    uses.remove(TWO)
    const server = { sentBytes: 3, receivedBytes: 30 }
    const rtc = { sentBytes: 4, receivedBytes: 40 }
    const totals = new Map(Object.entries({ server, rtc }))
    expect(uses.totals()).toEqual(totals)
    uses.remove(ONE)
    uses.remove(ONE)
    uses.remove(THREE)
    expect(uses.totals()).toEqual(totals)
    expect(uses.open.size).toBe(0)
  })

  it('goes on being counted while a link is open', () => {
    const uses = new LinkUses()
    const one = use('client', 1, 1)
    uses.add(ONE, one)
    one.traffic.sentBytes += 5
    expect(uses.totals().get('client')).toEqual({ sentBytes: 6, receivedBytes: 1 })
    uses.remove(ONE)
    one.traffic.sentBytes += 5
    expect(uses.totals().get('client')).toEqual({ sentBytes: 6, receivedBytes: 1 })
  })
})
