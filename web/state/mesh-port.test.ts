import { describe, expect, it, vi } from 'vitest'
import type { Path, PathMode } from '../../client/api.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { FakeNode, ONLINE, relayPath, SAMPLE_KEYS } from '../testing/fake-node.ts'
import { settled } from '../testing/fake-page.ts'
import { MeshPort } from './mesh-port.ts'

const { ada, ben, me } = SAMPLE_KEYS

function setUp(path: Path | MeshError = relayPath(12)) {
  let answer = () => {}
  const gate = new Promise<void>(resolve => {
    answer = resolve
  })
  const node = new FakeNode(me, {
    async dial() {
      await gate
      if (path instanceof MeshError) throw path
      return path
    },
    deliver: async () => {},
  })
  const modes = new Map<string, PathMode>()
  const events = {
    onStatus: vi.fn(),
    onMessage: vi.fn(),
    onReach: vi.fn(),
    onFailure: vi.fn(),
  }
  return {
    node,
    events,
    answer,
    dial: vi.spyOn(node, 'dial'),
    port: new MeshPort(node, events, key => modes.get(key) ?? 'fast'),
    modes,
  }
}

describe('MeshPort', () => {
  it('asks once for a session, however often it is wanted', async () => {
    const { port, dial, answer, events } = setUp()
    const dialled = Promise.all([port.dial(ada), port.dial(ada)])
    expect(dial).toHaveBeenCalledOnce()
    answer()
    await dialled
    await port.dial(ada)
    expect(dial).toHaveBeenCalledOnce()
    expect(events.onReach.mock.calls.map(([, reach]) => reach.kind)).toEqual(['dialing', 'open'])
  })

  it('measures a path that nobody has measured', async () => {
    const { port, node, answer } = setUp({ kind: 'relay', hops: [], since: 0 })
    const dialled = port.dial(ada)
    answer()
    await dialled
    expect(node.peerOf(ada)?.pingCount).toBe(1)
  })

  it('measures each new path once, so that the badge has its time soon', async () => {
    const { node } = setUp()
    node.receive(ada, 'hi')
    await settled()
    const peer = node.peerOf(ada)
    expect(peer?.pingCount).toBe(0)
    const unmeasured = { kind: 'private', hops: [ben, me, ben], since: 5 } as const
    for (const path of [unmeasured, unmeasured, undefined, { ...unmeasured, since: 9 }]) {
      peer?.setPath(path)
      await settled()
    }
    expect(peer?.pingCount).toBe(2)
  })

  it('says while it dials again what came of the last time, until the key is reached', async () => {
    const node = new FakeNode(me, {
      dial: async () => {
        throw new MeshError('OFFLINE', 'Away.')
      },
      deliver: async () => {},
    })
    const onReach = vi.fn()
    const quiet = { onStatus: vi.fn(), onMessage: vi.fn(), onFailure: vi.fn(), onReach }
    const port = new MeshPort(node, quiet, () => 'fast')
    const problem = expect.objectContaining({ sentence: 'Away.' })
    await port.dial(ada)
    await port.dial(ada)
    expect(onReach.mock.calls.map(([, reach]) => reach)).toEqual([
      { kind: 'dialing' },
      { kind: 'failed', problem },
      { kind: 'dialing', problem },
      { kind: 'failed', problem },
    ])
    node.receive(ada, 'hi')
    await settled()
    await node.peerOf(ada)?.close()
    onReach.mockClear()
    await port.dial(ada)
    expect(onReach.mock.calls[0]).toEqual([ada, { kind: 'dialing' }])
  })

  it('tells when a key may be reached again, and lives with as many watches as there may be', () => {
    const { port, node } = setUp()
    const onReturn = vi.fn()
    const stop = port.watchReturn(ada, onReturn)
    for (const state of ['unknown', 'offline', 'online', 'revoked'] as const) {
      node.setPresence(ada, state)
    }
    expect(onReturn).toHaveBeenCalledTimes(2)
    stop()
    expect(node.watched).toEqual([])
    vi.spyOn(node, 'watch').mockImplementation(() => {
      throw new MeshError('QUOTA', 'Too many.')
    })
    port.watchReturn(ben, onReturn)()
  })

  it('a peer that dialled us meanwhile makes up for a failed dial', async () => {
    const { port, node, events, answer } = setUp(new MeshError('OFFLINE', 'away'))
    const dialled = port.dial(ada)
    node.receive(ada, 'it is me')
    answer()
    await dialled
    expect(events.onReach).toHaveBeenLastCalledWith(ada, { kind: 'open', path: relayPath(12) })
  })

  it('dials and sends in the mode of the key', async () => {
    const { port, node, dial, answer, modes } = setUp()
    modes.set(ada, 'private')
    const dialled = port.dial(ada)
    expect(dial).toHaveBeenLastCalledWith(ada, { mode: 'private' })
    answer()
    await dialled
    modes.set(ada, 'relay')
    await port.send(ada, 'hi', 'a1', new AbortController().signal)
    expect(node.modes.get(ada)).toBe('relay')
  })

  it('brings sessions to their mode: open ones, those on their way, those that come in', async () => {
    const { port, node, dial, answer, modes } = setUp()
    modes.set(ada, 'relay')
    await port.modeChanged(ada)
    expect(dial).not.toHaveBeenCalled()
    const dialled = port.dial(ada)
    modes.set(ada, 'private')
    const changed = port.modeChanged(ada)
    expect(node.modes.get(ada)).toBe('private')
    answer()
    await Promise.all([dialled, changed])
    modes.set(ada, 'fast')
    await port.modeChanged(ada)
    expect(node.modes.get(ada)).toBe('fast')

    modes.set(ben, 'private')
    node.receive(ben, 'hi')
    await settled()
    expect(node.modes.get(ben)).toBe('private')
  })

  it('says nothing of modes to those who dial us, where nothing was chosen', async () => {
    const { node, dial } = setUp()
    node.receive(ada, 'hi')
    await settled()
    expect(dial).not.toHaveBeenCalled()
  })

  it('tells nothing more after it was closed', async () => {
    const { port, node, events, answer } = setUp()
    const dialled = port.dial(ada)
    await port.close()
    events.onReach.mockClear()
    answer()
    node.setStatus(ONLINE)
    node.receive(ada, 'too late')
    await dialled
    await settled()
    expect(node.isClosed).toBe(true)
    for (const listener of Object.values(events)) expect(listener).not.toHaveBeenCalled()
  })

  it('says when messages stop coming', async () => {
    const { node, events } = setUp()
    node.breakInbox(new MeshError('STORAGE', 'the inbox broke'))
    await settled()
    expect(events.onFailure).toHaveBeenCalledWith(
      expect.objectContaining({ sentence: 'The inbox broke.' }),
    )
  })
})
