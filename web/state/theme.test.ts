import { describe, expect, it } from 'vitest'
import { chooseTheme, chosenTheme } from './theme.ts'

function memory() {
  const values = new Map<string, string>()
  return {
    values,
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  }
}

const forbidden = () => {
  throw new DOMException('storage is forbidden', 'SecurityError')
}
const broken = { getItem: forbidden, setItem: forbidden, removeItem: forbidden }

describe('theme', () => {
  it('is remembered when it differs from the system', () => {
    const store = memory()
    expect(chosenTheme(store)).toBeUndefined()
    expect(chooseTheme(store, 'dark', 'light')).toBe('dark')
    expect(chosenTheme(store)).toBe('dark')
  })

  it('follows the system again when it equals it', () => {
    const store = memory()
    chooseTheme(store, 'dark', 'light')
    expect(chooseTheme(store, 'light', 'light')).toBeUndefined()
    expect(store.values.size).toBe(0)
  })

  it('ignores what it does not know', () => {
    const store = memory()
    chooseTheme(store, 'dark', 'light')
    for (const name of store.values.keys()) store.values.set(name, 'purple')
    expect(chosenTheme(store)).toBeUndefined()
  })

  it('works for the visit where storage is forbidden', () => {
    expect(chosenTheme(broken)).toBeUndefined()
    expect(chooseTheme(broken, 'dark', 'light')).toBe('dark')
  })
})
