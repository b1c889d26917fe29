// Puts the page together by hand: state, engine, actions, browser effects, components.

import { render } from 'preact'
import type { MeshNode } from '../../client/api.ts'
import { createActions } from '../state/actions.ts'
import { createAppState } from '../state/app-state.ts'
import { BOOK_CHANNEL } from '../state/book-sync.ts'
import { Engine } from '../state/engine.ts'
import { idbHistory } from '../state/history-store.ts'
import { createOutboxTurn } from '../state/outbox-turn.ts'
import { App } from './app.tsx'
import { PageProvider } from './context.ts'
import { tieAddress, tieAttention, tieTheme, tieTitle } from './page-effects.ts'

const HISTORY_DATABASE = 'keymesh-web'

export function mount(root: HTMLElement, connect: () => Promise<MeshNode>): void {
  const nowMs = () => Date.now()
  const state = createAppState()
  const engine = new Engine(state, {
    connect,
    nowMs,
    history: idbHistory(HISTORY_DATABASE),
    // Browsers have locks on secure pages only, whatever the types say.
    outboxTurn: createOutboxTurn('locks' in navigator ? navigator.locks : undefined),
    bookChannel: new BroadcastChannel(BOOK_CHANNEL),
  })
  const actions = createActions(state, {
    port: () => engine.port,
    outbox: engine.outbox,
    nowMs,
    newId,
  })

  tieTitle(state)
  tieAddress(state, actions)
  tieAttention(actions, engine)
  const { theme, toggleTheme } = tieTheme()
  const [pageUrl = ''] = window.location.href.split(/[?#]/u, 1)

  render(
    <PageProvider
      value={{
        state,
        actions,
        theme,
        toggleTheme,
        pageUrl,
        tryAgain: () => void engine.start(),
      }}
    >
      <App />
    </PageProvider>,
    root,
  )
  void engine.start()
}

/** `crypto.randomUUID` is missing on plain http pages. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
