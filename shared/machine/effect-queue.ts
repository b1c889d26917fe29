// The outbox of a machine: effects in the order they happened, drained by `poll` after every `handle`.
// Not bounded itself: one input makes a bounded number of effects, and all are taken before the next.
// A linked list, so that an idle machine's outbox weighs nothing and a burst leaves nothing behind.

interface Node<T> {
  readonly effect: T
  next: Node<T> | undefined
}

export class EffectQueue<T> {
  #first: Node<T> | undefined
  #last: Node<T> | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  push(effect: T): void {
    const node: Node<T> = { effect, next: undefined }
    if (this.#last === undefined) this.#first = node
    else this.#last.next = node
    this.#last = node
    this.#length++
  }

  shift(): T | undefined {
    const node = this.#first
    if (node === undefined) return undefined
    this.#first = node.next
    if (this.#first === undefined) this.#last = undefined
    this.#length--
    return node.effect
  }

  clear(): void {
    this.#first = undefined
    this.#last = undefined
    this.#length = 0
  }
}
