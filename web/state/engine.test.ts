import { describe, expect, it } from 'vitest'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { FakeLocks } from '../testing/fake-locks.ts'
import { ONLINE, relayPath, SAMPLE_KEYS } from '../testing/fake-node.ts'
import type { FakePageOptions } from '../testing/fake-page.ts'
import { fakePage, settled } from '../testing/fake-page.ts'

const { ada, ben, me, stranger } = SAMPLE_KEYS

async function started(options?: FakePageOptions) {
  const page = fakePage(options)
  await page.engine.start()
  return page
}

describe('the start', () => {
  it('tells the own key and the status', async () => {
    const { state, node } = await started()
    expect(state.phase.value.kind).toBe('running')
    expect(state.ownKey.value).toBe(me)
    expect(state.status.value.state).toBe('connecting')
    node().setStatus(ONLINE)
    expect(state.status.value).toBe(ONLINE)
  })

  it('that fails says why and can be repeated', async () => {
    let error: Error | undefined = new MeshError('STORAGE', 'no disk')
    const { state, engine, locks } = await started({ connectError: () => error })
    expect(state.phase.value).toMatchObject({ kind: 'failed', problem: { sentence: 'No disk.' } })
    await settled()
    expect(locks.isHeld).toBe(false)
    error = undefined
    await engine.start()
    expect(state.phase.value.kind).toBe('running')
  })

  it('goes on without history, says so, and overwrites nothing', async () => {
    const disk = { book: new Map(), writes: 0, loadError: new Error('forbidden') }
    const { state, engine, node } = await started({ disk })
    expect(state.phase.value.kind).toBe('running')
    expect(state.storageProblem.value?.sentence).toMatch(/forbidden/)
    node().receive(ada, 'hi')
    await settled()
    await engine.save()
    expect(disk.writes).toBe(0)
    expect(state.conversations.value).toHaveLength(1)
  })
})

describe('a breakdown', () => {
  it('stops everything, says why, and can be repaired', async () => {
    const { state, engine, node, nodes, locks, disk } = await started()
    node().receive(ada, 'hi')
    await settled()
    node().breakInbox(new Error('odd'))
    await settled()
    expect(state.phase.value).toMatchObject({ kind: 'failed' })
    expect(node().isClosed).toBe(true)
    expect(locks.isHeld).toBe(false)
    expect(disk.book.has(ada)).toBe(true)
    await engine.start()
    expect(state.phase.value.kind).toBe('running')
    expect(nodes).toHaveLength(2)
    expect(state.book.value.has(ada)).toBe(true)
  })
})

describe('incoming messages', () => {
  it('make a conversation of a stranger, unread', async () => {
    const { state, node } = await started()
    node().receive(stranger, 'who\u202e are you?')
    node().receive(stranger, new Uint8Array(2_048))
    await settled()
    const conversation = state.book.value.get(stranger)
    expect(conversation?.startedBy).toBe('them')
    expect(conversation?.messages).toMatchObject([
      { text: 'who are you?', isNote: false },
      { text: '2,048 bytes of data', isNote: true },
    ])
    expect(state.unread.value).toBe(2)
    expect(state.reach.value.get(stranger)?.kind).toBe('open')
  })

  it('are read in the open chat while the user looks', async () => {
    const { state, actions, node } = await started()
    actions.openChat(ada)
    node().receive(ada, '1')
    await settled()
    expect(state.unread.value).toBe(0)
    actions.setAttentive(false)
    node().receive(ada, '2')
    await settled()
    expect(state.unread.value).toBe(1)
    actions.setAttentive(true)
    expect(state.unread.value).toBe(0)
  })

  it('are kept', async () => {
    const { engine, node, disk } = await started()
    node().receive(ada, 'hi')
    await settled()
    await engine.save()
    expect(disk.book.get(ada)?.messages).toHaveLength(1)
    const again = await started({ disk })
    expect(again.state.conversations.value).toMatchObject([{ key: ada, unread: 1 }])
  })
})

describe('paths', () => {
  it('are followed until the session ends', async () => {
    const { state, node } = await started()
    node().receive(ada, 'hi')
    await settled()
    const peer = node().peerOf(ada)
    peer?.setPath(undefined)
    expect(state.reach.value.get(ada)).toEqual({ kind: 'open', path: undefined })
    const direct = { kind: 'direct', hops: [], rttMs: 1, since: 0 } as const
    peer?.setPath(direct)
    expect(state.reach.value.get(ada)).toEqual({ kind: 'open', path: direct })
    await peer?.close()
    expect(state.reach.value.has(ada)).toBe(false)
  })
})

describe('two tabs', () => {
  async function two() {
    const locks = new FakeLocks()
    const disk = { book: new Map(), writes: 0 }
    const one = await started({ locks, disk })
    const other = await started({ locks, disk })
    for (const page of [one, other]) page.node().setStatus(ONLINE)
    return { one, other }
  }
  const texts = (page: Awaited<ReturnType<typeof started>>) =>
    page.state.book.value.get(ada)?.messages.map(({ text }) => text)

  it('run both; what one writes shows in the other, and one of them sends it', async () => {
    const { one, other } = await two()
    expect(other.state.phase.value.kind).toBe('running')
    other.actions.openChat(ada)
    other.actions.send(ada, 'from the second')
    await settled()
    expect(texts(one)).toEqual(['from the second'])
    const sends = (page: typeof one) => page.calls.filter(({ text }) => text !== '')
    expect(sends(other)).toEqual([])
    expect(one.calls.map(({ kind }) => kind)).toContain('dial')
    for (const call of [...one.calls]) call.succeed()
    await settled()
    for (const call of [...one.calls]) call.succeed()
    await settled()
    const { messages } = other.state.book.value.get(ada) ?? { messages: [] }
    expect(messages).toMatchObject([{ delivery: { state: 'delivered' } }])
  })

  it('show what comes once, whichever of them heard of it first, and as read where it was read', async () => {
    const { one, other } = await two()
    one.actions.openChat(ada)
    other.actions.setAttentive(false)
    one.node().receive(ada, 'hi')
    await settled()
    expect(texts(other)).toEqual(['hi'])
    other.node().receive(ada, 'hi')
    await settled()
    for (const page of [one, other]) {
      expect(texts(page)).toEqual(['hi'])
      expect(page.state.unread.value).toBe(0)
    }
  })

  it('stop in one what the other sends, and forget together', async () => {
    const { one, other } = await two()
    one.actions.openChat(ada)
    one.actions.send(ada, 'wrong')
    await settled()
    other.actions.stopSending(ada)
    await settled()
    expect(one.state.book.value.get(ada)?.messages).toMatchObject([
      { delivery: { state: 'failed' } },
    ])
    other.actions.rename(ada, 'Ada')
    expect(one.state.book.value.get(ada)?.petname).toBe('Ada')
    other.actions.forget(ada)
    expect(one.state.book.value.has(ada)).toBe(false)
    expect(one.state.selectedKey.value).toBeUndefined()
  })

  it('a third one knows what was not written yet', async () => {
    const { one, other } = await two()
    other.disk.writeError = new Error('full')
    other.actions.openChat(ada)
    other.actions.send(ada, 'unwritten')
    const third = await started({ locks: one.locks, disk: { book: new Map(), writes: 0 } })
    await settled()
    expect(texts(third)).toEqual(['unwritten'])
  })
})

describe('a peer that comes and goes while no server is reached', () => {
  it('does not make the page try others each time', async () => {
    const { actions, calls, node } = await started()
    node().setStatus({ state: 'offline', servers: [] })
    actions.openChat(ada)
    actions.send(ada, 'hello')
    node().receive(stranger, 'hi')
    const fail = async () => {
      for (const call of [...calls]) call.fail(new MeshError('OFFLINE', 'Ada is away.'))
      await settled()
    }
    const flap = () => {
      const peer = node().peerOf(stranger)
      peer?.setPath(undefined)
      peer?.setPath(relayPath(12))
    }
    expect(calls.map(({ key }) => key)).toEqual([ada, ada])
    await fail()
    for (let times = 0; times < 10; times++) {
      flap()
      await settled()
    }
    expect(calls).toEqual([])
    actions.openChat(ben)
    await fail()
    node().peerOf(stranger)?.setPath(undefined)
    actions.send(ben, 'hello')
    expect(calls).toEqual([])
    node().peerOf(stranger)?.setPath(relayPath(12))
    expect(new Set(calls.map(({ key }) => key))).toEqual(new Set([ben]))
  })
})
