import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../shared/identity/node-id.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import type { PathMode } from '../../shared/routes/route.ts'
import { SESSION_PATHLESS_MS, TAB_SENDS_MAX_BYTES } from '../../shared/wire/limits.ts'
import { TabMember } from './tab-member.ts'

const [ANN, BOB] = ['a', 'b'].map(letter => letter.repeat(32) as KeyId) as [KeyId, KeyId]

function newMember(mode?: PathMode) {
  const told: NodeEvent[] = []
  const member = new TabMember(event => void told.push(event), mode)
  const attach = (now: number) => {
    const given: Command[] = []
    member.attached(now, command => void given.push(command))
    return given
  }
  const take = () => told.splice(0)
  return { member, attach, take }
}

function send(request: number, data = 'x', peer = ANN): Extract<Command, { kind: 'send' }> {
  const bytes = new TextEncoder().encode(data)
  const id = new Uint8Array(16).fill(request)
  return { kind: 'send', request, peer, id, data: bytes, timeoutMs: 1_000 }
}

function message(number: number, size = 10): Extract<NodeEvent, { kind: 'message' }> {
  const id = new Uint8Array(16).fill(number)
  return { kind: 'message', peer: ANN, id, data: new Uint8Array(size) }
}

const delivered = (request: number): NodeEvent => ({
  kind: 'done',
  request,
  outcome: { kind: 'delivered' },
})

describe('what a tab asked', () => {
  it('waits for a node, and goes to the next one with the time that is left, in order', () => {
    const { member, attach, take } = newMember()
    member.command(0, send(1))
    member.command(100, { kind: 'dial', request: 2, peer: BOB, timeoutMs: 500 })
    const first = attach(200)
    expect(first).toMatchObject([
      { kind: 'send', request: 1, timeoutMs: 800, id: new Uint8Array(16).fill(1) },
      { kind: 'dial', request: 2, timeoutMs: 400 },
    ])
    member.event(delivered(1))
    member.event(delivered(1))
    member.command(250, send(3))
    expect(attach(10_000)).toMatchObject([
      { request: 2, timeoutMs: 1 },
      { request: 3, timeoutMs: 1 },
    ])
    expect(first).toHaveLength(3)
    expect(take()).toEqual([delivered(1)])
  })

  it('and gave up is not asked again', () => {
    const { member, attach, take } = newMember()
    attach(0)
    member.command(0, send(1))
    member.command(0, { kind: 'cancel', request: 1 })
    member.detached()
    member.command(0, send(2))
    member.command(0, { kind: 'cancel', request: 2 })
    member.command(0, { kind: 'cancel', request: 7 })
    expect(attach(1)).toEqual([])
    expect(take()).toMatchObject([
      { kind: 'failed', request: 2, failure: { code: 'ABORTED' } },
      { kind: 'failed', request: 1, failure: { code: 'ABORTED' } },
    ])
  })

  it.each([
    [2_000, 0],
    [2_001, 1],
  ])('is answered after %i ms by %i failures where there is no node', (ms, count) => {
    const { member, take } = newMember()
    member.command(0, send(1))
    member.check(ms)
    expect(take()).toHaveLength(count)
  })

  it('is bounded', () => {
    const { member, attach, take } = newMember()
    attach(0)
    const half = 'x'.repeat(TAB_SENDS_MAX_BYTES / 2)
    member.command(0, send(1, half))
    member.command(0, send(2, half))
    expect(take()).toEqual([])
    member.command(0, send(3))
    expect(take()).toMatchObject([{ kind: 'failed', request: 3, failure: { code: 'QUOTA' } }])
    member.event(delivered(1))
    member.command(0, send(4))
    expect(take()).toEqual([delivered(1)])
  })

  it('keeps to the path mode of its own options, unless it said another', () => {
    const { member, attach } = newMember('private')
    const given = attach(0)
    member.command(0, send(1))
    member.command(0, send(2))
    member.command(0, { ...send(3, 'x', BOB), mode: 'relay' })
    member.command(0, send(4, 'x', BOB))
    expect(given.map(command => 'mode' in command && command.mode)).toEqual([
      'private',
      false,
      'relay',
      false,
    ])
  })
})

describe('a session', () => {
  it('that another tab asked for comes to this one', () => {
    const { member, attach, take } = newMember()
    attach(0)
    member.command(0, { kind: 'dial', request: 1, peer: ANN, timeoutMs: 10 })
    for (const peer of [ANN, BOB]) member.event({ kind: 'peerUp', peer, isIncoming: false })
    expect(take()).toMatchObject([{ isIncoming: false }, { isIncoming: true }])
  })

  it('goes on with the next node, without a path until then', () => {
    const { member, attach, take } = newMember()
    attach(0)
    member.event({ kind: 'peerUp', peer: ANN, isIncoming: true })
    take()
    attach(1)
    expect(take()).toEqual([{ kind: 'peerPath', peer: ANN, path: undefined }])
    member.event({ kind: 'peerUp', peer: ANN, isIncoming: true })
    expect(take()).toEqual([])
    member.check(SESSION_PATHLESS_MS + 1)
    expect(take()).toEqual([])
  })

  it.each([
    [SESSION_PATHLESS_MS - 1, 0],
    [SESSION_PATHLESS_MS, 1],
  ])('that the next node does not take up for %i ms has %i ends', (ms, count) => {
    const { member, attach, take } = newMember()
    attach(0)
    member.event({ kind: 'peerUp', peer: ANN, isIncoming: true })
    attach(0)
    take()
    member.check(ms)
    expect(take()).toHaveLength(count)
  })

  it('ends for the application when it says so, whatever the node knows', () => {
    const { member, attach, take } = newMember()
    attach(0)
    member.event({ kind: 'peerUp', peer: ANN, isIncoming: true })
    member.detached()
    take()
    member.command(0, { kind: 'hangUp', peer: ANN })
    expect(take()).toEqual([{ kind: 'peerDown', peer: ANN }])
    expect(attach(1)).toEqual([{ kind: 'hangUp', peer: ANN }])
    expect(attach(2)).toEqual([])
  })
})

describe('a message', () => {
  it('is shown once, whichever node brings it, and counts as taken once', () => {
    const { member, attach, take } = newMember()
    attach(0)
    member.event(message(1))
    const second = attach(1)
    member.event(message(1))
    member.event(message(2, 7))
    expect(take()).toEqual([message(1), message(2, 7)])
    expect(second).toEqual([{ kind: 'consumed', peer: ANN, bytes: 10 }])
    // What the first node brought is of no use to the second.
    member.command(1, { kind: 'consumed', peer: ANN, bytes: 10 })
    expect(second).toHaveLength(1)
    member.command(1, { kind: 'consumed', peer: ANN, bytes: 7 })
    expect(second.at(-1)).toEqual({ kind: 'consumed', peer: ANN, bytes: 7 })
  })
})

describe('a watch', () => {
  it('goes to each node, and is told of only while it lasts', () => {
    const { member, attach, take } = newMember()
    member.command(0, { kind: 'watch', key: ANN })
    expect(attach(0)).toEqual([{ kind: 'watch', key: ANN }])
    const presence = (key: KeyId): NodeEvent => ({
      kind: 'presence',
      presence: { key, state: 'online' },
    })
    for (const key of [ANN, BOB]) member.event(presence(key))
    expect(take()).toEqual([presence(ANN)])
    member.command(0, { kind: 'unwatch', key: ANN })
    member.event(presence(ANN))
    expect([take(), attach(1)]).toEqual([[], []])
  })
})
