// How it stands with a direct connection to a peer: one line of the explanation.

import type { Explanation } from '../../client/api.ts'
import { directWords } from '../../client/direct-words.ts'

export function DirectLine({ direct }: { readonly direct: Explanation['direct'] | undefined }) {
  return (
    <p class="direct-line" data-testid="direct-line">
      Direct connection: {directWords(direct)}
    </p>
  )
}
