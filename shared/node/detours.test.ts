import { expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { ROUTES_MAX_DETOURS } from '../wire/limits.ts'
import { detours } from './detours.ts'

const [A, B, H, X, Y] = ['a', 'b', 'h', 'x', 'y'] as unknown as [KeyId, KeyId, KeyId, KeyId, KeyId]

it('leads around links that failed, over each server that is neither end of them', () => {
  const hasFailed = (entry: KeyId): boolean => entry === A
  const strangers = (): KeyId[] => [A, X, H, Y]
  const found = detours({ entries: [A, B], homes: [H], hasFailed, strangers })
  expect(found).toEqual([
    [A, X, H],
    [A, Y, H],
  ])
})

it('asks for no strangers while all links do', () => {
  const strangers = (): KeyId[] => {
    throw new Error('asked')
  }
  expect(detours({ entries: [A], homes: [H], hasFailed: () => false, strangers })).toEqual([])
})

it.each([ROUTES_MAX_DETOURS - 1, ROUTES_MAX_DETOURS, ROUTES_MAX_DETOURS + 1])(
  'has a cap (%i others)',
  count => {
    const strangers = Array.from({ length: count }, (_, at) => `stranger ${at}` as KeyId)
    const context = { entries: [A], homes: [H], hasFailed: () => true, strangers: () => strangers }
    expect(detours(context)).toHaveLength(Math.min(count, ROUTES_MAX_DETOURS))
  },
)
