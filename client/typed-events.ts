// An EventTarget whose event names and details are known to the compiler. Nothing else.

type Listener<Detail> = (event: CustomEvent<Detail>) => void

/** `Details` maps each event name to the type of its `detail`. */
export class TypedEvents<Details extends object> {
  readonly #target = new EventTarget()
  readonly #listeners = new Map<string, Set<unknown>>()

  emit<K extends keyof Details & string>(type: K, detail: Details[K]): void {
    if (this.hasListener(type)) this.#target.dispatchEvent(new CustomEvent(type, { detail }))
  }

  add<K extends keyof Details & string>(type: K, listener: Listener<Details[K]>): void {
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(listener))
    this.#target.addEventListener(type, listener as EventListener)
  }

  remove<K extends keyof Details & string>(type: K, listener: Listener<Details[K]>): void {
    this.#listeners.get(type)?.delete(listener)
    this.#target.removeEventListener(type, listener as EventListener)
  }

  hasListener(type: keyof Details & string): boolean {
    return (this.#listeners.get(type)?.size ?? 0) > 0
  }
}
