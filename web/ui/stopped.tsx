// Takes the place of everything when there is no node.

import { useEffect, useRef } from 'preact/hooks'
import type { Phase } from '../state/status-line.ts'
import { usePage } from './context.ts'

export function Stopped({ phase }: { phase: Extract<Phase, { kind: 'failed' }> }) {
  const { tryAgain } = usePage()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  const { sentence, hint } = phase.problem
  return (
    <main class="stopped" data-testid="stopped" data-reason={phase.kind}>
      <div class="welcome-inner" role="alert">
        <h2>keymesh does not run</h2>
        <p>{sentence}</p>
        {hint !== undefined && <p class="faint">{hint}</p>}
      </div>
      <button
        ref={button}
        type="button"
        class="button is-accent is-large"
        data-testid="try-again"
        onClick={tryAgain}
      >
        Try again
      </button>
    </main>
  )
}
