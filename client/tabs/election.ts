// Which tab runs the node: the one that holds the Web Lock of the group. All the others wait for it in the queue that the
// browser keeps, so that the end of a tab, however it comes, makes the next one the leader at once. A leader that
// gives no sign of life is robbed of the lock.

export type Locks = Pick<LockManager, 'request'>

export interface ElectionEvents {
  /** @param isRobbed the tab before did not let go by itself, and may go on for a moment */
  won(isRobbed: boolean): void
  /** Another tab took the lock away: stop at once. */
  robbed(): void
}

export class Election {
  readonly #locks: Locks
  readonly #name: string
  readonly #events: ElectionEvents
  /** Counts candidacies: an answer to an earlier one is for nobody. */
  #candidacy = 0
  #leaveQueue: (() => void) | undefined
  #release: (() => void) | undefined

  constructor(locks: Locks, name: string, events: ElectionEvents) {
    this.#locks = locks
    this.#name = name
    this.#events = events
  }

  get isLeader(): boolean {
    return this.#release !== undefined
  }

  /** Waits for its turn. */
  stand(): void {
    if (this.#release !== undefined || this.#leaveQueue !== undefined) return
    const queue = new AbortController()
    this.#leaveQueue = () => queue.abort()
    this.#request({ signal: queue.signal }, false)
  }

  /** Takes the lock from whoever has it. */
  rob(): void {
    if (this.#release !== undefined) return
    this.#leaveQueue?.()
    this.#leaveQueue = () => {}
    this.#request({ steal: true }, true)
  }

  /** Lets the next one, or leaves the queue. */
  resign(): void {
    this.#candidacy += 1
    this.#leaveQueue?.()
    this.#leaveQueue = undefined
    this.#release?.()
    this.#release = undefined
  }

  #request(options: LockOptions, isRobbed: boolean): void {
    this.#candidacy += 1
    const candidacy = this.#candidacy
    const isMine = (): boolean => candidacy === this.#candidacy
    this.#locks
      .request(this.#name, options, () => {
        if (!isMine()) return undefined
        this.#leaveQueue = undefined
        return new Promise<void>(resolve => {
          this.#release = resolve
          this.#events.won(isRobbed)
        })
      })
      .catch(() => {
        // Refused, or taken away.
        if (!isMine()) return
        const wasLeader = this.#release !== undefined
        this.#release = undefined
        this.#leaveQueue = undefined
        if (wasLeader) this.#events.robbed()
      })
  }
}

/**
 * Holds a lock of that name for as long as the page lives, so that others can wait for its end.
 * @returns lets go
 */
export function showLife(locks: Locks, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const untilReleased = (): Promise<void> => new Promise(release => resolve(() => release()))
    locks.request(name, untilReleased).catch(reject)
  })
}

/** Calls back when nobody holds the lock of that name any more. @returns stops waiting */
export function onEnd(locks: Locks, name: string, callback: () => void): () => void {
  const waiting = new AbortController()
  locks
    .request(name, { signal: waiting.signal }, () => {
      if (!waiting.signal.aborted) callback()
    })
    .catch(() => {})
  return () => waiting.abort()
}
