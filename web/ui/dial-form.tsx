// Where a friend's key or link is entered.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { fullSentence } from '../state/problem.ts'
import { usePage } from './context.ts'
import { ArrowIcon } from './icons.tsx'

export function DialForm() {
  const { state, actions } = usePage()
  const text = useSignal('')
  const form = useRef<HTMLFormElement>(null)
  const problem = state.dialProblem.value
  const isRunning = state.phase.value.kind === 'running'
  const isWrong = problem !== undefined

  // Whoever goes on elsewhere is done with it. Not when the focus leaves: that is when a button of a mouse goes down, and
  // what it is to hit must not move away below it.
  useEffect(() => {
    if (!isWrong) return
    const controller = new AbortController()
    const { signal } = controller
    const dismiss = ({ target }: Event) => {
      const isInside = target instanceof Node && form.current?.contains(target) === true
      if (!isInside) state.dialProblem.value = undefined
    }
    document.addEventListener('click', dismiss, { signal })
    const dismissByKey = (event: KeyboardEvent) => {
      // Who copies what it says is not done with it.
      const isChord = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey
      if (!isChord) dismiss(event)
    }
    document.addEventListener('keydown', dismissByKey, { signal })
    return () => controller.abort()
  }, [isWrong, state])

  return (
    <form
      ref={form}
      class="dial"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        if (actions.dialText(text.value)) text.value = ''
      }}
    >
      <label class="eyebrow" for="dial-input">
        Open a chat
      </label>
      <div class={isWrong ? 'dial-field is-wrong' : 'dial-field'}>
        <input
          id="dial-input"
          data-testid="dial-input"
          type="text"
          inputMode="text"
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellcheck={false}
          placeholder="A friend’s key or link"
          value={text.value}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? 'dial-error' : undefined}
          onInput={event => {
            text.value = event.currentTarget.value
            state.dialProblem.value = undefined
          }}
        />
        <button
          type="submit"
          class="icon-button is-accent"
          data-testid="dial-button"
          aria-label="Open the chat with this key"
          title="Open the chat"
          disabled={!isRunning}
        >
          <ArrowIcon />
        </button>
      </div>
      {problem !== undefined && (
        <p class="field-error" id="dial-error" data-testid="dial-error" role="alert">
          {fullSentence(problem)}
        </p>
      )}
    </form>
  )
}
