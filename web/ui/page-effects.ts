// What the browser around the page is told, and tells: title, address, theme, attention, goodbye.
// The address carries the key of the open chat, so that links, reload and the back button just work.

import type { ReadonlySignal } from '@preact/signals'
import { computed, effect, signal } from '@preact/signals'
import type { Actions } from '../state/actions.ts'
import type { AppState } from '../state/app-state.ts'
import type { Engine } from '../state/engine.ts'
import type { Theme } from '../state/theme.ts'
import { chooseTheme, chosenTheme } from '../state/theme.ts'

export function tieTitle(state: AppState): void {
  effect(() => {
    const unread = state.unread.value
    document.title = unread === 0 ? 'keymesh' : `(${unread}) keymesh`
  })
}

export function tieAddress(state: AppState, actions: Actions): void {
  const isRunning = computed(() => state.phase.value.kind === 'running')

  const readAddress = () => {
    const hash = window.location.hash
    if (hash === `#${state.selectedKey.peek()}`) return
    if (hash !== '' && actions.dialText(hash)) return
    // On a phone the list is where the sentence about a wrong link is seen.
    actions.closeChat()
    if (hash !== '') clearHash()
  }

  window.addEventListener('hashchange', () => {
    if (isRunning.peek()) readAddress()
    // Read as soon as we run: the new address wins over the chat that was open.
    else actions.closeChat()
  })

  let isAddressRead = false
  effect(() => {
    const key = state.selectedKey.value
    if (!isRunning.value) {
      isAddressRead = false
      return
    }
    if (!isAddressRead) {
      isAddressRead = true
      // A chat can be chosen from the history before we run.
      if (key === undefined) {
        queueMicrotask(readAddress)
        return
      }
    }
    const hash = key === undefined ? '' : `#${key}`
    if (hash === window.location.hash) return
    // One step back from any chat is the list, however many chats were opened in between.
    if (hash !== '' && window.location.hash === '') window.history.pushState(null, '', hash)
    else if (hash !== '') window.history.replaceState(null, '', hash)
    else clearHash()
  })
}

export function tieAttention(actions: Actions, engine: Engine): void {
  const look = () =>
    actions.setAttentive(document.visibilityState === 'visible' && document.hasFocus())
  look()
  window.addEventListener('focus', look)
  window.addEventListener('blur', look)
  document.addEventListener('visibilitychange', () => {
    look()
    if (document.visibilityState === 'hidden') void engine.save()
  })
  window.addEventListener('pagehide', () => engine.rest())
  document.addEventListener('freeze', () => engine.rest())
  window.addEventListener('pageshow', () => engine.goOn())
  document.addEventListener('resume', () => engine.goOn())
}

export function tieTheme(): { theme: ReadonlySignal<Theme>; toggleTheme: () => void } {
  const darkSystem = matchMedia('(prefers-color-scheme: dark)')
  const system = signal<Theme>(darkSystem.matches ? 'dark' : 'light')
  const choice = signal(chosenTheme(localStore()))
  const theme = computed(() => choice.value ?? system.value)
  darkSystem.addEventListener('change', event => {
    system.value = event.matches ? 'dark' : 'light'
  })
  effect(() => {
    document.documentElement.dataset.theme = theme.value
  })
  return {
    theme,
    toggleTheme() {
      const other = theme.peek() === 'dark' ? 'light' : 'dark'
      choice.value = chooseTheme(localStore(), other, system.peek())
    },
  }
}

/** Reading `localStorage` itself throws where storage is forbidden: every call must be inside a try. */
function localStore() {
  return {
    getItem: (name: string) => window.localStorage.getItem(name),
    setItem: (name: string, value: string) => window.localStorage.setItem(name, value),
    removeItem: (name: string) => window.localStorage.removeItem(name),
  }
}

function clearHash(): void {
  window.history.replaceState(null, '', window.location.pathname + window.location.search)
}
