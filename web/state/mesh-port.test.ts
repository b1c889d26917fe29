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
    await port.send(ada, 'hi', 'a1')
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
