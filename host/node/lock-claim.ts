// One process's claim to a lock: a local socket that listens under a name of its own. Whoever connects
// learns what becomes of the claim. The kernel ends it with the process, which leaves a dead file behind.

import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A claim whose process is stopped says nothing; it may go on one day, so it counts. */
const ANSWER_TIMEOUT_MS = 2_000

export class LockClaim {
  readonly #server: Server
  readonly #waiting = new Set<Socket>()
  #isHolding = false

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', socket => this.#answer(socket))
    // A lock alone must not keep a process alive.
    server.unref()
  }

  static open(path: string): Promise<LockClaim> {
    const server = createServer()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => resolve(new LockClaim(server)))
    })
  }

  /** The claim has won. */
  hold(): void {
    this.#isHolding = true
    for (const socket of this.#waiting) this.#answer(socket)
    this.#waiting.clear()
  }

  /** Gives the claim up, and removes its file. */
  close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy()
    return new Promise(resolve => this.#server.close(() => resolve()))
  }

  #answer(socket: Socket): void {
    socket.unref()
    socket.on('error', () => socket.destroy())
    if (this.#isHolding) socket.end('held')
    else this.#waiting.add(socket)
  }
}

/** `alive` is all that is asked of a claim whose outcome nobody waits for. */
export type ClaimState = 'dead' | 'alive' | 'held' | 'withdrawn'

/** @param awaitOutcome whether to wait until the claim has won or was given up */
export function stateOfClaim(path: string, awaitOutcome: boolean): Promise<ClaimState> {
  return new Promise(resolve => {
    const socket = connect(path)
    const finish = (state: ClaimState): void => {
      socket.destroy()
      resolve(state)
    }
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => finish('held'))
    socket.once('connect', () => {
      if (!awaitOutcome) finish('alive')
    })
    socket.once('data', () => finish('held'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(stateOfFailure(code)))
    socket.once('close', () => finish('withdrawn'))
  })
}

function stateOfFailure(code: string | undefined): ClaimState {
  // Only a refused connection proves that nobody listens.
  if (code === 'ECONNREFUSED') return 'dead'
  return code === 'ENOENT' || code === 'ECONNRESET' ? 'withdrawn' : 'held'
}
