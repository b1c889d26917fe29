import { expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { ROUTES_MAX_DETOURS } from '../../wire/limits.ts'
import { detours } from './detours.ts'

const [A, B, G, H, X, Y] = 'abghxy' as unknown as [KeyId, KeyId, KeyId, KeyId, KeyId, KeyId]

it('leads around links that failed, over each server that is on neither side', () => {
  const hasFailed = (entry: KeyId): boolean => entry === A
  const strangers = (): KeyId[] => [A, X, B, H, G, Y]
  expect(detours({ entries: [A, B], homes: [H], hasFailed, strangers })).toEqual([
    [A, X, H],
    [A, G, H],
    [A, Y, H],
  ])
  expect(detours({ entries: [A, B], homes: [H, G], hasFailed, strangers })).toEqual([
    [A, X, H],
    [A, Y, G],
    [A, X, G],
    [A, Y, H],
  ])
})

it('leads over several of them where many links failed', () => {
  const strangers = (): KeyId[] => [X, Y]
  const found = detours({ entries: [A, B], homes: [H, G], hasFailed: () => true, strangers })
  expect(found).toEqual([
    [A, X, H],
    [A, Y, G],
    [A, X, G],
    [B, Y, H],
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
