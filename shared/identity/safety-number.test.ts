import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../bytes/hex.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { safetyNumber } from './safety-number.ts'

const vectorFile = `${process.env.KEYMESH_VECTORS ?? '../shared/vectors'}/keymesh_mailbox_DRAFT.json`
const haveVectors = process.env.CI === 'true' || existsSync(vectorFile)

const alice = new Uint8Array(32).fill(1)
const bob = new Uint8Array(32).fill(2)

describe('safety number', () => {
  it('is twelve groups of five digits, the same from both sides', () => {
    const number = safetyNumber(nobleSuite, alice, bob)
    expect(number).toMatch(/^\d{5}( \d{5}){11}$/)
    expect(safetyNumber(nobleSuite, bob, alice)).toBe(number)
  })

  it('shares the half of a shared key and nothing else', () => {
    const halves = (number: string): string[] => [number.slice(0, 35), number.slice(36)]
    const withBob = halves(safetyNumber(nobleSuite, alice, bob))
    const withEve = halves(safetyNumber(nobleSuite, alice, new Uint8Array(32).fill(3)))
    expect(withBob.filter(half => withEve.includes(half))).toHaveLength(1)
  })
})

describe.skipIf(!haveVectors)('vector (skipped where the files are missing)', () => {
  it('matches', () => {
    const { safety_number: vector } = JSON.parse(readFileSync(vectorFile, 'utf8')) as {
      safety_number: { ids: [string, string]; digits: string }
    }
    const [a, b] = vector.ids.map(fromHex) as [Uint8Array, Uint8Array]
    expect(safetyNumber(nobleSuite, a, b).replaceAll(' ', '')).toBe(vector.digits)
    expect(safetyNumber(nobleSuite, b, a).replaceAll(' ', '')).toBe(vector.digits)
  })
})
