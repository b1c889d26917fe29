import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../shared/identity/node-id.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import { MAX_WATCHES } from '../../shared/wire/limits.ts'
import { TabLeader } from './tab-leader.ts'

const ANN = 'a'.repeat(32) as KeyId

function newLeader() {
  const core: Command[] = []
  const leader = new TabLeader(command => void core.push(command))
  const attach = (tab: string) => {
    const told: NodeEvent[] = []
    leader.attach(0, tab, event => void told.push(event))
    return told
  }
  return { core, leader, attach }
}

const ping = (request: number): Command => ({ kind: 'ping', request, peer: ANN, timeoutMs: 9 })
const online = { kind: 'presence', presence: { key: ANN, state: 'online' } } as const

describe('the requests of tabs', () => {
  it('have numbers of their own at the node, and are canceled by them', () => {
    const { core, leader, attach } = newLeader()
    const [one, two] = [attach('one'), attach('two')]
    leader.command(0, 'one', ping(5))
    leader.command(0, 'two', ping(5))
    leader.command(0, 'nobody', ping(5))
    leader.command(0, 'two', { kind: 'cancel', request: 5 })
    leader.command(0, 'two', { kind: 'cancel', request: 6 })
    expect(core).toEqual([ping(1), ping(2), { kind: 'cancel', request: 2 }])
    const pong = { kind: 'done', request: 1, outcome: { kind: 'pong', rttMs: 3 } } as const
    leader.event(0, pong)
    leader.event(0, pong)
    expect([one, two]).toEqual([[{ ...pong, request: 5 }], []])
  })

  it('go on when the tab is gone, and are given up when it leaves', () => {
    const { core, leader, attach } = newLeader()
    for (const tab of ['one', 'two']) {
      attach(tab)
      leader.command(0, tab, ping(1))
    }
    leader.detach(0, 'one')
    leader.leave(0, 'two')
    expect(core.slice(2)).toEqual([{ kind: 'cancel', request: 2 }])
    expect(leader.tabCount).toBe(0)
  })

  it('leave no seed behind', () => {
    const { core, leader, attach } = newLeader()
    attach('one')
    const successor = new Uint8Array(32).fill(7)
    leader.command(0, 'one', { kind: 'revoke', request: 1, timeoutMs: 1, successor })
    const [given] = core
    if (given?.kind !== 'revoke') throw new Error('nothing was asked')
    expect(given.successor).toEqual(new Uint8Array(32).fill(7))
    leader.event(0, { kind: 'done', request: 1, outcome: { kind: 'revoked', servers: 1 } })
    expect(given.successor).toEqual(new Uint8Array(32))
    expect(successor).toEqual(new Uint8Array(32).fill(7))
  })
})

describe('a revocation', () => {
  const asked = (how: 'detach' | 'attach' | 'leave') => {
    const { core, leader, attach } = newLeader()
    attach('one')
    const successor = new Uint8Array(32).fill(7)
    leader.command(0, 'one', { kind: 'revoke', request: 1, timeoutMs: 1, successor })
    if (how === 'attach') attach('one')
    else leader[how](0, 'one')
    const [given] = core
    if (given?.kind !== 'revoke') throw new Error('nothing was asked')
    return { given, leader }
  }

  it.each(['detach', 'attach', 'leave'] as const)(
    'has its successor until the node answers, whatever becomes of the tab (%s)',
    how => {
      const { given, leader } = asked(how)
      expect(given.successor).toEqual(new Uint8Array(32).fill(7))
      leader.event(0, { kind: 'done', request: 1, outcome: { kind: 'revoked', servers: 1 } })
      expect(given.successor).toEqual(new Uint8Array(32))
    },
  )
})

describe('the watches of tabs', () => {
  it('are one for each key, and a tab that comes later is told what is known', () => {
    const { core, leader, attach } = newLeader()
    const [one, two] = [attach('one'), attach('two')]
    leader.command(0, 'one', { kind: 'watch', key: ANN })
    leader.event(0, online)
    leader.command(0, 'two', { kind: 'watch', key: ANN })
    expect([one, two]).toEqual([[online], [online]])
    leader.command(0, 'one', { kind: 'unwatch', key: ANN })
    leader.event(0, online)
    expect([one, two]).toEqual([[online], [online, online]])
    leader.detach(0, 'two')
    expect(core).toEqual([
      { kind: 'watch', key: ANN },
      { kind: 'unwatch', key: ANN },
    ])
  })

  it('are bounded for all together: of the rest nothing is known', () => {
    const { core, leader, attach } = newLeader()
    const one = attach('one')
    for (let at = 0; at <= MAX_WATCHES; at += 1) {
      const key = String(at).padStart(32, '0') as KeyId
      leader.command(0, 'one', { kind: 'watch', key })
    }
    expect(core).toHaveLength(MAX_WATCHES)
    expect(one).toMatchObject([{ kind: 'presence', presence: { state: 'unknown' } }])
  })
})
