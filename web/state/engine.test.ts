import { describe, expect, it } from 'vitest'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { FakeLocks } from '../testing/fake-locks.ts'
import { ONLINE, SAMPLE_KEYS } from '../testing/fake-node.ts'
import type { FakePageOptions } from '../testing/fake-page.ts'
import { fakePage, settled } from '../testing/fake-page.ts'

const { ada, me, stranger } = SAMPLE_KEYS

async function started(options?: FakePageOptions) {
  const page = fakePage(options)
  await page.engine.start(false)
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
    await engine.start(true)
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
    await engine.start(true)
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
  it('run one node; the other hands over what it has', async () => {
    const locks = new FakeLocks()
    const disk = { book: new Map(), writes: 0 }
    const one = await started({ locks, disk })
    one.node().setStatus(ONLINE)
    one.node().receive(ada, 'kept in the last moment')
    await settled()
    const two = await started({ locks, disk })
    expect(two.state.phase.value.kind).toBe('elsewhere')
    expect(two.nodes).toHaveLength(0)

    await two.engine.start(true)
    expect(one.state.phase.value.kind).toBe('elsewhere')
    expect(one.node().isClosed).toBe(true)
    expect(two.state.phase.value.kind).toBe('running')
    expect(two.state.book.value.get(ada)?.messages).toHaveLength(1)

    await one.engine.start(true)
    expect(one.state.phase.value.kind).toBe('running')
    expect(one.nodes).toHaveLength(2)
    expect(two.node().isClosed).toBe(true)
  })

  it('the old one draws and writes nothing more', async () => {
    const locks = new FakeLocks()
    const one = await started({ locks })
    const two = await started({ locks })
    await two.engine.start(true)
    const writes = one.disk.writes
    one.actions.openChat(ada)
    await one.engine.save()
    expect(one.disk.writes).toBe(writes)
    expect(one.engine.port).toBeUndefined()
  })
})
