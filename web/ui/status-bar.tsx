// The bar over everything: name, connection status in one sentence, theme.

import { useEffect, useReducer } from 'preact/hooks'
import { fullSentence } from '../state/problem.ts'
import { statusLine } from '../state/status-line.ts'
import { usePage } from './context.ts'
import { MoonIcon, SunIcon } from './icons.tsx'
import { useCurrentStatus } from './use-current-status.ts'

const COUNTDOWN_MS = 1_000

export function StatusBar() {
  const { theme, toggleTheme } = usePage()
  const other = theme.value === 'dark' ? 'light' : 'dark'
  return (
    <header class="bar">
      <h1 class="brand">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
          <path d="M11 11 21.5 9M11 11l2 11.5M13 22.5 21.5 9M13 22.5l9.5-1.5M21.5 9l1 12" />
          <circle cx="11" cy="11" r="4.5" />
          <circle cx="21.5" cy="9" r="2.5" />
          <circle cx="13" cy="22.5" r="2.5" />
          <circle cx="22.5" cy="21" r="2.5" />
        </svg>
        <span class="brand-name">keymesh</span>
      </h1>
      <Status />
      <button
        type="button"
        class="icon-button"
        data-testid="theme-toggle"
        aria-label={`Switch to ${other} colours`}
        title={`Switch to ${other} colours`}
        onClick={toggleTheme}
      >
        {other === 'dark' ? <MoonIcon /> : <SunIcon />}
      </button>
    </header>
  )
}

function Status() {
  const { state, actions } = usePage()
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const phase = state.phase.value
  const status = useCurrentStatus()
  const isCountingDown = phase.kind === 'running' && status.state === 'offline'
  useEffect(() => {
    if (!isCountingDown) return
    const timer = setInterval(() => redraw(undefined), COUNTDOWN_MS)
    return () => clearInterval(timer)
  }, [isCountingDown])

  const { tone, text, time, reason, isTryWorth } = statusLine(
    phase,
    status,
    Date.now(),
    state.connected.value,
  )
  const storage = state.storageProblem.value
  return (
    <div
      class={`status is-${tone}`}
      data-testid="status"
      data-state={phase.kind === 'running' ? status.state : phase.kind}
      title={reason}
    >
      <span class="dot" aria-hidden="true" />
      <span class="status-lines">
        {/* Apart from the live region is what changes all the time: it must not be read aloud. */}
        <span class="status-text">
          <span role="status">{text}</span>
          {time !== undefined && <span class="status-time"> · {time}</span>}
        </span>
        {reason !== undefined && (
          <span class="status-reason">
            {reason}{' '}
            {isTryWorth && (
              <button
                type="button"
                class="text-button"
                data-testid="try-now"
                onClick={() => actions.tryServers()}
              >
                Try now
              </button>
            )}
          </span>
        )}
        {storage !== undefined && (
          <span class="status-reason failed-text" role="alert">
            {fullSentence(storage)}
          </span>
        )}
      </span>
    </div>
  )
}
