// What one tab has asked of the node and not been answered yet, so that it can be asked of the next node in the same
// words: a message under the same id, with the time that is left. Asks nothing itself.

import type { KeyId } from '../../shared/identity/node-id.ts'
import type { Command, RequestId } from '../../shared/node/inputs.ts'
import type { Failure } from '../../shared/node/mesh-error.ts'
import { ABORTED, PEER_SILENT, QUEUE_FULL } from '../../shared/node/peer-failure.ts'
import { TAB_MAX_REQUESTS, TAB_SENDS_MAX_BYTES } from '../../shared/wire/limits.ts'

export type Request = Extract<Command, { readonly request: RequestId; readonly timeoutMs: number }>

export interface Ended {
  readonly request: RequestId
  readonly failure: Failure
}

interface Open {
  readonly command: Request
  readonly until: number
  isCanceled: boolean
}

/** For the node to answer first: it knows better why. */
const GRACE_MS = 1_000

export class OpenRequests {
  readonly #open = new Map<RequestId, Open>()
  #sendBytes = 0

  /** @returns why it is not taken */
  add(now: number, command: Request): Failure | undefined {
    const bytes = bytesOf(command)
    const isTooMuch = this.#sendBytes > 0 && this.#sendBytes + bytes > TAB_SENDS_MAX_BYTES
    if (this.#open.size >= TAB_MAX_REQUESTS || isTooMuch) return QUEUE_FULL
    this.#sendBytes += bytes
    this.#open.set(command.request, { command, until: now + command.timeoutMs, isCanceled: false })
    return undefined
  }

  has(request: RequestId): boolean {
    return this.#open.has(request)
  }

  /** @returns false when it was not open */
  end(request: RequestId): boolean {
    const open = this.#open.get(request)
    if (open === undefined) return false
    this.#sendBytes -= bytesOf(open.command)
    return this.#open.delete(request)
  }

  /** The application does not wait any more; the node is to say so. */
  cancel(request: RequestId): void {
    const open = this.#open.get(request)
    if (open !== undefined) open.isCanceled = true
  }

  /** Whether this peer is about to be reached because we asked for it. */
  isForPeer(peer: KeyId): boolean {
    for (const { command } of this.#open.values()) {
      if ('peer' in command && command.peer === peer) return true
    }
    return false
  }

  /** For the next node, in the order in which they were asked. */
  again(now: number): Request[] {
    return [...this.#open.values()].map(({ command, until }) => ({
      ...command,
      timeoutMs: Math.max(1, until - now),
    }))
  }

  /** Those that no node answered in time. They are still open. */
  overdue(now: number): Ended[] {
    const overdue: Ended[] = []
    for (const [request, { until }] of this.#open) {
      if (now > until + GRACE_MS) overdue.push({ request, failure: PEER_SILENT })
    }
    return overdue
  }

  /** Those that were given up while no node could be told. They are still open. */
  canceled(): Ended[] {
    const canceled: Ended[] = []
    for (const [request, { isCanceled }] of this.#open) {
      if (isCanceled) canceled.push({ request, failure: ABORTED })
    }
    return canceled
  }
}

function bytesOf(command: Request): number {
  return command.kind === 'send' ? command.data.length : 0
}
