// A button that says for a moment what it has done: `Copy` → `Copied`. Its width never changes.

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

const FLASH_MS = 1_800

export interface FlashButtonProps {
  readonly testId: string
  readonly icon: ComponentChildren
  readonly label: string
  readonly doneLabel: string
  readonly failedLabel: string
  readonly isDisabled?: boolean
  /** For tests and tools: what the button is about. */
  readonly dataLink?: string | undefined
  /** @returns whether it worked; `undefined` when the user saw the outcome elsewhere */
  readonly run: () => Promise<boolean | undefined>
}

export function FlashButton(props: FlashButtonProps) {
  const [outcome, setOutcome] = useState<boolean | undefined>(undefined)
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), FLASH_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const said = outcome === undefined ? undefined : outcome ? props.doneLabel : props.failedLabel
  return (
    <button
      type="button"
      class="button flash"
      data-testid={props.testId}
      data-link={props.dataLink}
      disabled={props.isDisabled}
      onClick={async () => setOutcome(await props.run())}
    >
      {props.icon}
      <span class="flash-label">
        <span class="flash-sizer" aria-hidden="true">
          {props.label}
        </span>
        <span class="flash-sizer" aria-hidden="true">
          {props.doneLabel}
        </span>
        <span class={said === undefined ? '' : 'flash-said'} aria-live="polite">
          {said ?? props.label}
        </span>
      </span>
    </button>
  )
}
