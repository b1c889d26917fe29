// Of all tabs of the web client one sends what waits, so that nothing is sent by two at once; the others hand theirs to
// it with the book. A Web Lock says who it is: when that tab ends, or is frozen, the next one has its turn.
// Where the page has no locks (plain http on a LAN) every tab sends its own.

export type Locks = Pick<LockManager, 'request'>

export interface OutboxTurn {
  /** @param onTurn called when it is this tab's turn, until `leave` */
  join(onTurn: () => void): void
  leave(): void
}

const LOCK_NAME = 'keymesh/outbox'

export function createOutboxTurn(locks: Locks | undefined): OutboxTurn {
  let leave = (): void => {}
  return {
    join(onTurn) {
      leave()
      if (locks === undefined) {
        onTurn()
        return
      }
      const queue = new AbortController()
      let release = (): void => {}
      leave = () => {
        queue.abort()
        release()
      }
      const untilReleased = () =>
        new Promise<void>(resolve => {
          release = resolve
          if (queue.signal.aborted) resolve()
          else onTurn()
        })
      // Left before its turn came.
      locks.request(LOCK_NAME, { signal: queue.signal }, untilReleased).catch(() => {})
    },
    leave() {
      leave()
      leave = () => {}
    },
  }
}
