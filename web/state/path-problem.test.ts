import { describe, expect, it } from 'vitest'
import type { ErrorCode, Explanation } from '../../client/api.ts'
import { explanationOf, routeOf } from '../../client/testing/explanations.ts'
import { pathProblem } from './path-problem.ts'

const failed = (code: ErrorCode): Partial<Explanation> => ({
  routes: [routeOf({ state: 'failed', error: { code, message: 'it failed' } })],
})

describe('why there is no path', () => {
  it.each<[string, Partial<Explanation>]>([
    ['no private path', { mode: 'private', routes: [] }],
    ['no path', { routes: [] }],
    ['peer is offline', { homes: [], routes: [] }],
    ['peer is offline', failed('OFFLINE')],
    ['no answer', failed('TIMEOUT')],
    ['key is revoked', { record: 'revoked', routes: [] }],
    ['finding a path…', failed('QUOTA')],
    ['finding a path…', {}],
  ])('%s', (label, change) => expect(pathProblem(explanationOf(change))?.label).toBe(label))

  it('is none for a key that is reached', () => {
    const explanation = explanationOf({ routes: [routeOf({ state: 'active' })] })
    expect(pathProblem(explanation)).toBeUndefined()
  })

  it('comes with what can be done in a page, which has no place to add a server', () => {
    const said = (change: Partial<Explanation>) => pathProblem(explanationOf(change))
    expect(said({ mode: 'private', routes: [] })?.hint).toMatch(/choose another mode/)
    for (const change of [{ mode: 'private', routes: [] }, { routes: [] }] as const) {
      expect(said(change)).toMatchObject({ kind: 'failed', hint: expect.not.stringMatching(/Add/) })
    }
    expect(said(failed('OFFLINE'))?.sentence).toMatch(/^It failed\./)
    expect(said({})).toMatchObject({ kind: 'untried' })
  })
})
