// Which paths this chat may use, and what each choice hides from whom.

import type { Conversation } from '../state/conversation.ts'
import { MODES } from '../state/route-words.ts'
import { usePage } from './context.ts'

export function ModeChoice({ conversation }: { conversation: Conversation }) {
  const { actions } = usePage()
  const { key, mode: chosen = 'fast' } = conversation
  return (
    <fieldset class="modes">
      <legend class="eyebrow">Paths that this chat may use</legend>
      {MODES.map(({ mode, title, meaning }) => (
        <label class="mode" key={mode}>
          <input
            type="radio"
            name="mode"
            data-testid={`mode-${mode}`}
            value={mode}
            checked={mode === chosen}
            onChange={() => actions.setMode(key, mode)}
          />
          <span>
            <b>{title}</b>
            <span class="mode-meaning">{meaning}</span>
          </span>
        </label>
      ))}
      <p class="faint">In every mode only the two of you can read what you write.</p>
    </fieldset>
  )
}
