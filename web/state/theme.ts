// Light or dark: what the system prefers until the user chooses. A choice that equals the system's is
// forgotten again, so that the page follows the system from then on.

export type Theme = 'light' | 'dark'

export interface ThemeStore {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

const STORE_NAME = 'keymesh-theme'

/** @param store may throw on every call: some browsers refuse storage */
export function chosenTheme(store: ThemeStore): Theme | undefined {
  try {
    const stored = store.getItem(STORE_NAME)
    return stored === 'light' || stored === 'dark' ? stored : undefined
  } catch {
    return undefined
  }
}

/** @returns the choice from now on; `undefined` follows the system */
export function chooseTheme(store: ThemeStore, theme: Theme, system: Theme): Theme | undefined {
  const choice = theme === system ? undefined : theme
  try {
    if (choice === undefined) store.removeItem(STORE_NAME)
    else store.setItem(STORE_NAME, choice)
  } catch {
    // The choice holds for this visit.
  }
  return choice
}
