// Where a friend's key or link is entered.

import { useSignal } from '@preact/signals'
import { fullSentence } from '../state/problem.ts'
import { usePage } from './context.ts'
import { ArrowIcon } from './icons.tsx'

export function DialForm() {
  const { state, actions } = usePage()
  const text = useSignal('')
  const problem = state.dialProblem.value
  const isRunning = state.phase.value.kind === 'running'

  return (
    <form
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
      <div class={problem === undefined ? 'dial-field' : 'dial-field is-wrong'}>
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
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : 'dial-error'}
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
