import { expect, it } from 'vitest'
import { keyIdOf } from '../../identity/node-id.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { ServerLives } from './server-lives.ts'

const ONE = keyIdOf(new Uint8Array(32).fill(1))
const TWO = keyIdOf(new Uint8Array(32).fill(2))

function recordWith(...onionKeys: readonly number[]): NodeRecord {
  const entries = onionKeys.map(seed => ({ key: new Uint8Array(32).fill(seed), expiresMs: 1 }))
  return { onion: entries } as unknown as NodeRecord
}

it('tells a new life by onion keys that are all new, once', () => {
  const lives = new ServerLives()
  expect(lives.isReborn(ONE, recordWith(1, 2))).toBe(false)
  expect(lives.isReborn(ONE, recordWith(3, 4))).toBe(true)
  expect(lives.isReborn(ONE, recordWith(3, 4))).toBe(false)
})

it('does not take the change of one key for it, nor another server', () => {
  const lives = new ServerLives()
  lives.isReborn(ONE, recordWith(1, 2))
  expect(lives.isReborn(ONE, recordWith(2, 3))).toBe(false)
  expect(lives.isReborn(ONE, recordWith(3, 4))).toBe(false)
  expect(lives.isReborn(TWO, recordWith(9))).toBe(false)
})
