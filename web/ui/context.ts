// What the components get: the state to draw and the actions to call. Handed down by context, so that no
// component knows the network, storage or other components' state.

import type { ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Actions } from '../state/actions.ts'
import type { AppState } from '../state/app-state.ts'
import type { Theme } from '../state/theme.ts'

export interface Page {
  readonly state: AppState
  readonly actions: Actions
  /** Starts the node again, after it could not start. */
  readonly tryAgain: () => void
  readonly theme: ReadonlySignal<Theme>
  readonly toggleTheme: () => void
  /** Address of this page without a hash: what share links begin with. */
  readonly pageUrl: string
}

const PageContext = createContext<Page | undefined>(undefined)

export const PageProvider = PageContext.Provider

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === undefined) throw new TypeError('usePage needs a PageProvider above it')
  return page
}
