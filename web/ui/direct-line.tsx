// How it stands with a direct connection to a peer: one line of the explanation.

import type { Explanation } from '../../client/api.ts'
import { directLine } from '../state/direct-line.ts'
import { usePage } from './context.ts'

export function DirectLine({ explanation }: { readonly explanation: Explanation }) {
  const { state } = usePage()
  const { key, direct } = explanation
  const { mode = 'fast' } = state.book.value.get(key) ?? {}
  return (
    <p class="direct-line" data-testid="direct-line">
      Direct connection: {directLine(direct, mode, state.reach.value.get(key))}
    </p>
  )
}
