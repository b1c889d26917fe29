import { describe, expect, it } from 'vitest'
import { nodeSuite as suite } from '../../host/node/node-suite.ts'
import { isAllZero } from '../bytes/equal.ts'
import type { Time } from '../machine/machine.ts'
import { ONION_KEY_KEEP_MS, ONION_KEY_ROTATE_MS } from '../wire/limits.ts'
import { OnionKeys } from './onion-keys.ts'
import { seededRandom } from './testing/scripted-random.ts'

const START: Time = { now: 5_000, unixMs: 1_767_225_600_000 }
const at = (ms: number, unixSkewMs = 0): Time => ({
  now: START.now + ms,
  unixMs: START.unixMs + ms + unixSkewMs,
})
const newKeys = () => new OnionKeys(suite, seededRandom(3), START)

describe('OnionKeys', () => {
  it('publishes the current and the next key with the moments they retire', () => {
    const entries = newKeys().entries()
    expect(entries.map(entry => entry.expiresMs - START.unixMs)).toEqual([
      ONION_KEY_ROTATE_MS,
      2 * ONION_KEY_ROTATE_MS,
    ])
    expect(entries[0]?.key).not.toEqual(entries[1]?.key)
  })

  it('rotates at its time, the next key becoming the current one', () => {
    const keys = newKeys()
    const [, next] = keys.entries()
    expect(keys.nextTimeout()).toBe(START.now + ONION_KEY_ROTATE_MS)
    expect(keys.advance(at(ONION_KEY_ROTATE_MS - 1))).toBe(false)
    expect(keys.advance(at(ONION_KEY_ROTATE_MS))).toBe(true)
    expect(keys.advance(at(ONION_KEY_ROTATE_MS))).toBe(false)
    expect(keys.entries()[0]).toEqual(next)
    expect(keys.entries()[1]?.expiresMs).toBe(START.unixMs + 3 * ONION_KEY_ROTATE_MS)
  })

  it('keeps a used key for setups under way, then erases it', () => {
    const keys = newKeys()
    const first = keys.candidates()[0]
    keys.advance(at(ONION_KEY_ROTATE_MS))
    expect(keys.candidates().map(key => key.onionPublic)).toContainEqual(first?.onionPublic)
    const end = ONION_KEY_ROTATE_MS + ONION_KEY_KEEP_MS
    keys.advance(at(2 * ONION_KEY_ROTATE_MS))
    keys.advance(at(end - 1))
    expect(first && isAllZero(first.onionPrivate)).toBe(false)
    expect(keys.nextTimeout()).toBe(START.now + end)
    keys.advance(at(end))
    expect(first && isAllZero(first.onionPrivate)).toBe(true)
    expect(keys.candidates()).toHaveLength(3)
  })

  it('rotates by the wall clock where the monotonic one slept', () => {
    const keys = newKeys()
    const [, next] = keys.entries()
    expect(keys.advance(at(10, ONION_KEY_ROTATE_MS))).toBe(true)
    expect(keys.entries()[0]?.key).toEqual(next?.key)
  })

  it('starts afresh after sleeping for longer than a key lives', () => {
    const keys = newKeys()
    const old = keys.entries().map(entry => entry.key)
    const late = 10 * ONION_KEY_ROTATE_MS
    expect(keys.advance(at(late))).toBe(true)
    const entries = keys.entries()
    for (const { key, expiresMs } of entries) {
      expect(old).not.toContainEqual(key)
      expect(expiresMs).toBeGreaterThan(START.unixMs + late)
    }
    expect(keys.advance(at(late))).toBe(false)
  })

  it('erases everything when the node stops', () => {
    const keys = newKeys()
    keys.wipe()
    expect(keys.candidates().every(key => isAllZero(key.onionPrivate))).toBe(true)
  })
})
