import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import type { KeyId } from '../shared/identity/node-id.ts'
import { keyIdOf } from '../shared/identity/node-id.ts'
import { MAX_WATCHES } from '../shared/wire/limits.ts'
import type { Presence } from './api.ts'
import { Watchers } from './watchers.ts'

const ann = createIdentity(nobleSuite, new Uint8Array(32).fill(1))
const ONLINE: Presence = { key: ann.keyText, state: 'online' }
const OFFLINE: Presence = { key: ann.keyText, state: 'offline' }

let commands: [string, KeyId][]
let watchers: Watchers

beforeEach(() => {
  commands = []
  watchers = new Watchers((kind, key) => commands.push([kind, key]))
})

function keyOf(number: number): KeyId {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return keyIdOf(bytes)
}

describe('watchers of a key', () => {
  it('share one watch, which ends with the last of them', () => {
    const heard: string[] = []
    const stopOne = watchers.add(ann.keyId, ({ state }) => heard.push(`one ${state}`))
    const stopTwo = watchers.add(ann.keyId, ({ state }) => heard.push(`two ${state}`))
    expect(commands).toEqual([['watch', ann.keyId]])
    watchers.tell(ann.keyId, ONLINE)
    stopOne()
    stopOne()
    watchers.tell(ann.keyId, OFFLINE)
    expect(heard).toEqual(['one online', 'two online', 'two offline'])
    expect(commands).toHaveLength(1)
    stopTwo()
    expect(commands.at(-1)).toEqual(['unwatch', ann.keyId])
    watchers.tell(ann.keyId, ONLINE)
    expect(heard).toHaveLength(3)
  })

  it('may be one function twice', () => {
    const listener = vi.fn()
    watchers.add(ann.keyId, listener)
    const stop = watchers.add(ann.keyId, listener)
    watchers.tell(ann.keyId, ONLINE)
    stop()
    watchers.tell(ann.keyId, OFFLINE)
    expect(listener.mock.calls).toEqual([[ONLINE], [ONLINE], [OFFLINE]])
  })

  it('that come later are told what is known, after they have been given their stop', async () => {
    watchers.add(ann.keyId, () => {})
    watchers.tell(ann.keyId, ONLINE)
    const heard: string[] = []
    const stopped = watchers.add(ann.keyId, () => heard.push('never'))
    watchers.add(ann.keyId, ({ state }) => heard.push(state))
    expect(heard).toEqual([])
    stopped()
    await Promise.resolve()
    expect(heard).toEqual(['online'])
  })

  it('that come later are told once, although news came in between', async () => {
    watchers.add(ann.keyId, () => {})
    watchers.tell(ann.keyId, ONLINE)
    const heard: string[] = []
    watchers.add(ann.keyId, ({ state }) => heard.push(state))
    watchers.tell(ann.keyId, OFFLINE)
    await Promise.resolve()
    expect(heard).toEqual(['offline'])
  })

  it('may stop one another while they are told', () => {
    const heard: string[] = []
    watchers.add(ann.keyId, () => {
      heard.push('first')
      stop()
    })
    const stop = watchers.add(ann.keyId, () => heard.push('second'))
    watchers.tell(ann.keyId, ONLINE)
    expect(heard).toEqual(['first'])
  })

  it(`watch at most ${MAX_WATCHES} keys at once`, () => {
    const stops = Array.from({ length: MAX_WATCHES }, (_, i) => watchers.add(keyOf(i), () => {}))
    expect(() => watchers.add(keyOf(MAX_WATCHES), () => {})).toThrow(
      expect.objectContaining({ code: 'QUOTA', message: expect.stringContaining('256') }),
    )
    watchers.add(keyOf(0), () => {})
    stops.at(-1)?.()
    watchers.add(keyOf(MAX_WATCHES), () => {})
    expect(commands.at(-1)).toEqual(['watch', keyOf(MAX_WATCHES)])
  })

  it('hear nothing of a node that is closed, and cannot begin there', async () => {
    const listener = vi.fn()
    const stop = watchers.add(ann.keyId, listener)
    watchers.tell(ann.keyId, ONLINE)
    listener.mockClear()
    watchers.close()
    watchers.tell(ann.keyId, OFFLINE)
    stop()
    expect(listener).not.toHaveBeenCalled()
    expect(commands).toHaveLength(1)
    expect(() => watchers.add(ann.keyId, listener)).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    )
  })
})
