// Takes the place of everything when this tab does not run the node.

import { useEffect, useRef } from 'preact/hooks'
import type { Phase } from '../state/status-line.ts'
import { usePage } from './context.ts'

export function Stopped({ phase }: { phase: Extract<Phase, { kind: 'elsewhere' | 'failed' }> }) {
  const { useHere } = usePage()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  const isElsewhere = phase.kind === 'elsewhere'
  return (
    <main class="stopped" data-testid="stopped" data-reason={phase.kind}>
      <div class="welcome-inner" role="alert">
        <h2>{isElsewhere ? 'keymesh is open in another tab' : 'keymesh does not run'}</h2>
        {isElsewhere ? (
          <p>One tab at a time speaks for your key. The other one stops when you go on here.</p>
        ) : (
          <>
            <p>{phase.problem.sentence}</p>
            {phase.problem.hint !== undefined && <p class="faint">{phase.problem.hint}</p>}
          </>
        )}
      </div>
      <button
        ref={button}
        type="button"
        class="button is-accent is-large"
        data-testid="use-here"
        onClick={useHere}
      >
        {isElsewhere ? 'Use here' : 'Try again'}
      </button>
    </main>
  )
}
