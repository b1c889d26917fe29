// The newest explanation of a key while something shows it: asked for again whenever the connection changes.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Explanation } from '../../client/api.ts'
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

export function useExplanation(key: string): ShownExplanation {
  const { state, actions } = usePage()
  const shown = useSignal<ShownExplanation>({ atMs: 0 })
  const reach = state.reach.value.get(key)
  const mode = state.book.value.get(key)?.mode
  const { servers } = state.status.value
  useEffect(() => {
    const controller = new AbortController()
    actions.explain(key, controller.signal).then(
      explanation => {
        if (!controller.signal.aborted) shown.value = { explanation, atMs: Date.now() }
      },
      error => {
        if (controller.signal.aborted) return
        shown.value = { atMs: Date.now(), problem: problemOf(error, 'It cannot be explained') }
      },
    )
    return () => controller.abort()
  }, [actions, key, reach, mode, servers, shown])
  return shown.value
}
