// Which paths this chat may use, and what the choice hides from whom; of the others only what they are.

import type { Conversation } from '../state/conversation.ts'
import { MODES } from '../state/route-words.ts'
import { usePage } from './context.ts'

export function ModeChoice({ conversation }: { conversation: Conversation }) {
  const { actions } = usePage()
  const { key, mode: chosen = 'fast' } = conversation
  return (
    <fieldset class="modes">
      <legend class="eyebrow">Paths that this chat may use</legend>
      {MODES.map(({ mode, title, brief, meaning }) => (
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
            <span class="mode-meaning">{mode === chosen ? meaning : brief}</span>
          </span>
        </label>
      ))}
      <p class="faint">
        This is about what you send; your peer chooses for itself. In every mode only the two of you
        can read it.
      </p>
    </fieldset>
  )
}
