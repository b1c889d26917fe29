// One origin of a browser without a browser: Web Locks, channels and clocks of tabs that a test opens, freezes, hangs
// and kills, on virtual time.

import type { TabChannel } from '../tab-messages.ts'
import type { TabSurroundings } from '../tab-surroundings.ts'

const CHANNEL_MS = 1

interface Claim {
  readonly tab: FakeTab
  readonly run: LockGrantedCallback<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Lock {
  holder: Claim | undefined
  readonly queue: Claim[]
}

interface End {
  readonly tab: FakeTab
  readonly onMessage: (message: unknown) => void
}

export class FakeOrigin {
  #now = 0
  #order = 0
  readonly #timers: { at: number; order: number; tab: FakeTab | undefined; run: () => void }[] = []
  readonly #locks = new Map<string, Lock>()
  readonly #ends = new Map<string, Set<End>>()

  get now(): number {
    return this.#now
  }

  openTab(): FakeTab {
    return new FakeTab(this)
  }

  /** Lets time go by, and promises settle at each of its steps. */
  async run(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      this.#timers.sort((a, b) => a.at - b.at || a.order - b.order)
      const [next] = this.#timers
      if (next === undefined || next.at > end) break
      this.#timers.shift()
      this.#now = next.at
      if (next.tab === undefined || next.tab.takes(next.run)) next.run()
      await settle()
    }
    this.#now = end
  }

  /** @param tab whose task it is: it waits while the tab hangs, and is dropped with it */
  later(ms: number, run: () => void, tab?: FakeTab): void {
    this.#order += 1
    this.#timers.push({ at: this.#now + ms, order: this.#order, tab, run })
  }

  request(tab: FakeTab, name: string, options: LockOptions, run: Claim['run']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const lock = this.#locks.get(name) ?? { holder: undefined, queue: [] }
      this.#locks.set(name, lock)
      const claim: Claim = { tab, run, resolve, reject }
      if (options.steal === true) {
        const robbed = lock.holder
        lock.holder = undefined
        robbed?.tab.task(() => robbed.reject(new DOMException('stolen', 'AbortError')))
        this.#grant(lock, claim)
      } else if (lock.holder === undefined) this.#grant(lock, claim)
      else lock.queue.push(claim)
      options.signal?.addEventListener('abort', () => {
        const at = lock.queue.indexOf(claim)
        if (at < 0) return
        lock.queue.splice(at, 1)
        reject(new DOMException('aborted', 'AbortError'))
      })
    })
  }

  open(tab: FakeTab, name: string, onMessage: (message: unknown) => void): TabChannel {
    const ends = this.#ends.get(name) ?? new Set()
    this.#ends.set(name, ends)
    const own = { tab, onMessage }
    ends.add(own)
    return {
      post: message => {
        if (!ends.has(own)) throw new DOMException('closed', 'InvalidStateError')
        const copy: unknown = structuredClone(message)
        for (const end of ends) {
          if (end === own) continue
          this.later(CHANNEL_MS, () => ends.has(end) && end.onMessage(copy), end.tab)
        }
      },
      close: () => ends.delete(own),
    }
  }

  /** Everything of a tab that has ended. */
  drop(tab: FakeTab): void {
    for (const ends of this.#ends.values()) {
      for (const end of ends) if (end.tab === tab) ends.delete(end)
    }
    for (const lock of this.#locks.values()) {
      const others = lock.queue.filter(claim => claim.tab !== tab)
      lock.queue.splice(0, lock.queue.length, ...others)
      if (lock.holder?.tab === tab) this.#next(lock)
    }
  }

  #grant(lock: Lock, claim: Claim): void {
    lock.holder = claim
    claim.tab.task(() => {
      if (lock.holder !== claim) return
      const done = Promise.resolve(claim.run({ mode: 'exclusive', name: '' }))
      void done.then(claim.resolve, claim.reject).finally(() => {
        if (lock.holder === claim) this.#next(lock)
      })
    })
  }

  #next(lock: Lock): void {
    lock.holder = undefined
    const next = lock.queue.shift()
    if (next !== undefined) this.#grant(lock, next)
  }
}

export class FakeTab {
  readonly surroundings: TabSurroundings
  isHidden = false
  readonly #origin: FakeOrigin
  readonly #freezes = new Set<() => void>()
  readonly #thaws = new Set<() => void>()
  readonly #held: (() => void)[] = []
  #state: 'runs' | 'hangs' | 'dead' = 'runs'

  constructor(origin: FakeOrigin) {
    this.#origin = origin
    this.surroundings = {
      locks: {
        request: ((name: string, ...rest: [unknown, unknown?]) => {
          const [first, second] = rest
          const [options, run] = second === undefined ? [{}, first] : [first, second]
          return origin.request(
            this,
            name,
            options as LockOptions,
            run as LockGrantedCallback<unknown>,
          )
        }) as LockManager['request'],
      },
      openChannel: (name, onMessage) => origin.open(this, name, onMessage),
      now: () => origin.now,
      unixMs: () => 1_000_000 + origin.now,
      random: () => 0.5,
      every: (ms, callback) => {
        let isOn = true
        const again = (): void => {
          if (!isOn || this.#state === 'dead') return
          origin.later(ms, again)
          this.task(() => isOn && callback())
        }
        origin.later(ms, again)
        return () => {
          isOn = false
        }
      },
      isHidden: () => this.isHidden,
      onFreeze: callback => listen(this.#freezes, callback),
      onThaw: callback => listen(this.#thaws, callback),
    }
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Runs it unless the tab is dead; a tab that hangs runs it when it goes on. */
  task(run: () => void): void {
    if (this.takes(run)) run()
  }

  /** @returns whether it may run now; else it is kept where that makes sense */
  takes(run: () => void): boolean {
    if (this.#state === 'hangs' && this.#held.length < 10_000) this.#held.push(run)
    return this.#state === 'runs'
  }

  /** Without a word. */
  kill(): void {
    this.#state = 'dead'
    this.#origin.drop(this)
  }

  /** Stuck in one task, without a word. */
  hang(): void {
    this.#state = 'hangs'
  }

  goOn(): void {
    this.#state = 'runs'
    for (const run of this.#held.splice(0)) run()
  }

  /** As browsers do: the page is told, then nothing of it runs. */
  freeze(): void {
    for (const callback of [...this.#freezes]) callback()
    this.#origin.later(0, () => this.hang())
  }

  thaw(): void {
    this.#state = 'runs'
    for (const callback of [...this.#thaws]) callback()
    this.goOn()
  }
}

function listen(listeners: Set<() => void>, callback: () => void): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}

async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}
