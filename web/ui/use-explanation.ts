// The newest explanation of a key while something shows it: asked for again whenever the connection changes, and in
// between, as what was tried and how long ago goes on.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Explanation } from '../../client/api.ts'
import { EXPLAIN_AGAIN_MS } from '../state/limits.ts'
import type { PathProblem } from '../state/path-problem.ts'
import { pathProblem } from '../state/path-problem.ts'
import type { Problem } from '../state/problem.ts'
import { problemOf } from '../state/problem.ts'
import { usePage } from './context.ts'

export interface ShownExplanation {
  /** The last one, also while the next is asked for. */
  readonly explanation?: Explanation
  /** When it was told, milliseconds since 1970. */
  readonly atMs: number
  readonly problem?: Problem
}

const NOTHING: ShownExplanation = { atMs: 0 }

/** @param isWanted nothing is asked while it is not */
export function useExplanation(key: string, isWanted = true): ShownExplanation {
  const { state, actions } = usePage()
  const shown = useSignal(NOTHING)
  const reach = state.reach.value.get(key)
  const mode = state.book.value.get(key)?.mode
  const { servers } = state.status.value
  useEffect(() => {
    if (!isWanted) {
      shown.value = NOTHING
      return
    }
    const controller = new AbortController()
    const { signal } = controller
    const ask = () =>
      actions.explain(key, signal).then(
        explanation => {
          if (!signal.aborted) shown.value = { explanation, atMs: Date.now() }
        },
        error => {
          if (signal.aborted) return
          shown.value = { atMs: Date.now(), problem: problemOf(error, 'It cannot be explained') }
        },
      )
    void ask()
    const timer = setInterval(ask, EXPLAIN_AGAIN_MS)
    return () => {
      clearInterval(timer)
      controller.abort()
    }
  }, [actions, key, isWanted, reach, mode, servers, shown])
  return shown.value
}

/** @returns why the open session with a key has no path, once that is known */
export function usePathProblem(key: string): PathProblem | undefined {
  const { state } = usePage()
  const reach = state.reach.value.get(key)
  const isPathless = reach?.kind === 'open' && reach.path === undefined
  const { explanation } = useExplanation(key, isPathless)
  return isPathless && explanation !== undefined ? pathProblem(explanation) : undefined
}
