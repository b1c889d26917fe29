// The wide screen's place for a chat while none is open.

import { usePage } from './context.ts'

export function Welcome() {
  const { state } = usePage()
  const isNewHere = state.book.value.size === 0
  return (
    <section class="welcome">
      <div class="welcome-inner">
        <h2>{isNewHere ? 'Your key is your address.' : 'No chat is open.'}</h2>
        <p>
          {isNewHere
            ? 'Whoever has it can reach you here, end-to-end encrypted, with no account to make.'
            : 'Choose one on the left, or open a new one with a friend’s key.'}
        </p>
        {isNewHere && (
          <ol class="steps">
            <li>
              <b>Share your link</b> or let a friend scan your code.
            </li>
            <li>
              <b>Or open theirs:</b> paste a key or link on the left.
            </li>
            <li>
              <b>Write.</b> A <span class="step-mark">✓</span> means that it arrived.
            </li>
          </ol>
        )}
      </div>
    </section>
  )
}
