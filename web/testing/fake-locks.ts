// Web Locks and a broadcast channel between imagined tabs, for tests: one lock name, as in the LockManager
// of the specification with `ifAvailable`, `signal` and `steal`.

import type { BookChannel } from '../state/book-sync.ts'
import type { Locks } from '../state/outbox-turn.ts'

interface Waiting {
  readonly run: LockGrantedCallback<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export class FakeLocks {
  #holder: Waiting | undefined
  readonly #queue: Waiting[] = []
  readonly #listeners = new Map<object, ((event: MessageEvent) => void)[]>()

  get isHeld(): boolean {
    return this.#holder !== undefined
  }

  readonly manager: Locks = {
    request: ((_name: string, options: LockOptions, run: LockGrantedCallback<unknown>) =>
      new Promise<unknown>((resolve, reject) => {
        const waiting = { run, resolve, reject }
        if (options.steal === true) {
          this.#holder?.reject(new DOMException('stolen', 'AbortError'))
          this.#grant(waiting)
        } else if (this.#holder === undefined) this.#grant(waiting)
        else if (options.ifAvailable === true) void Promise.resolve(run(null)).then(resolve, reject)
        else this.#wait(waiting, options.signal)
      })) as Locks['request'],
  }

  /** One tab's end of the channel: it hears the other ends, not itself. */
  channel(): BookChannel {
    const heard: ((event: MessageEvent) => void)[] = []
    const end = {
      postMessage: (data: unknown) => {
        for (const [other, listeners] of this.#listeners) {
          if (other === end) continue
          for (const listener of listeners) listener(new MessageEvent('message', { data }))
        }
      },
      addEventListener: (_type: string, listener: (event: MessageEvent) => void) => {
        heard.push(listener)
      },
    }
    this.#listeners.set(end, heard)
    return end as BookChannel
  }

  #grant(waiting: Waiting): void {
    this.#holder = waiting
    const done = Promise.resolve(waiting.run({ mode: 'exclusive', name: '' }))
    void done.then(waiting.resolve, waiting.reject).finally(() => {
      if (this.#holder !== waiting) return
      this.#holder = undefined
      const next = this.#queue.shift()
      if (next !== undefined) this.#grant(next)
    })
  }

  #wait(waiting: Waiting, signal: AbortSignal | undefined): void {
    this.#queue.push(waiting)
    signal?.addEventListener('abort', () => {
      const at = this.#queue.indexOf(waiting)
      if (at === -1) return
      this.#queue.splice(at, 1)
      waiting.reject(signal.reason)
    })
  }
}
