// Event listeners whose names and details are known to the compiler, with the rules of EventTarget. Not
// built on one: Node warns of a leak when an EventTarget has more than ten listeners.

import { callSafely } from './call-safely.ts'

type Listener<Detail> = (event: CustomEvent<Detail>) => void

/** `Details` maps each event name to the type of its `detail`. */
export class TypedEvents<Details extends object> {
  readonly #listeners: { [K in keyof Details]?: Set<Listener<Details[K]>> } = {}

  /** Listeners that were added meanwhile are not told, those that were removed are not, either. */
  emit<K extends keyof Details & string>(type: K, detail: Details[K]): void {
    const listeners = this.#listeners[type]
    if (listeners === undefined || listeners.size === 0) return
    const event = eventOf(type, detail)
    for (const listener of [...listeners]) {
      if (listeners.has(listener)) callSafely(listener, event)
    }
  }

  /** Adding a listener again changes nothing. */
  add<K extends keyof Details>(type: K, listener: Listener<Details[K]>): void {
    const listeners = this.#listeners[type] ?? new Set()
    this.#listeners[type] = listeners.add(listener)
  }

  remove<K extends keyof Details>(type: K, listener: Listener<Details[K]>): void {
    this.#listeners[type]?.delete(listener)
  }

  hasListener(type: keyof Details): boolean {
    return (this.#listeners[type]?.size ?? 0) > 0
  }
}

function eventOf<Detail>(type: string, detail: Detail): CustomEvent<Detail> {
  const event = new CustomEvent(type, { detail })
  // The constructor makes null of it.
  if (detail === undefined) Object.defineProperty(event, 'detail', { value: undefined })
  return event
}
