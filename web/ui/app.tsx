// The page: bar on top, list and chat below; side by side on a wide screen, one at a time on a phone.

import { Chat } from './chat.tsx'
import { usePage } from './context.ts'
import { ConversationList } from './conversation-list.tsx'
import { DialForm } from './dial-form.tsx'
import { OwnIdentity } from './own-identity.tsx'
import { StatusBar } from './status-bar.tsx'
import { Stopped } from './stopped.tsx'
import { Welcome } from './welcome.tsx'

export function App() {
  const { state } = usePage()
  const phase = state.phase.value
  if (phase.kind === 'failed') {
    return (
      <div class="app">
        <StatusBar />
        <Stopped phase={phase} />
      </div>
    )
  }
  const selected = state.selected.value
  const isFirstVisit = state.book.value.size === 0
  return (
    <div class={selected === undefined ? 'app' : 'app has-chat'}>
      <StatusBar />
      <div class="columns">
        <aside class="side">
          <OwnIdentity />
          {isFirstVisit && (
            <p class="side-hint">
              Your key is your address: share it, and your friend can reach you here.
            </p>
          )}
          <DialForm />
          <ConversationList />
        </aside>
        <main class="stage">
          {selected === undefined ? (
            <Welcome />
          ) : (
            <Chat key={selected.key} conversation={selected} />
          )}
        </main>
      </div>
    </div>
  )
}
