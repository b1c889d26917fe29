// Hands waiting messages to the network, in order, as soon as it can take them, and follows each one to its end.
// What fails for a while is sent again, under its id, so that it is shown once: when the peer or a server is back, and
// after pauses that grow. It ends with delivery, with a failure that stays, after a day, or when the user says so.
// Of several tabs one sends, for all (outbox-turn.ts).

import type { AppState } from './app-state.ts'
import { withConversation } from './book.ts'
import type { Delivery, OutgoingMessage } from './conversation.ts'
import {
  isTooOld,
  STOPPED,
  TOO_OLD,
  undelivered,
  waitingMessages,
  withDelivery,
} from './conversation.ts'
import { RETRY_FIRST_MS, RETRY_MAX_MS } from './limits.ts'
import type { MeshPort } from './mesh-port.ts'
import { problemOf } from './problem.ts'
import { isPassing } from './retrying.ts'

export interface OutboxDeps {
  readonly port: () => MeshPort | undefined
  readonly nowMs: () => number
}

interface Flight {
  readonly message: OutgoingMessage
  readonly controller: AbortController
}

/** What is under way to one key. */
interface Line {
  /** In the order in which they were written. */
  readonly flights: Flight[]
  pauseMs: number
  timer?: ReturnType<typeof setTimeout> | undefined
  stopWatching?: (() => void) | undefined
}

export class Outbox {
  readonly #state: AppState
  readonly #deps: OutboxDeps
  readonly #lines = new Map<string, Line>()
  #hasTurn = false

  constructor(state: AppState, deps: OutboxDeps) {
    this.#state = state
    this.#deps = deps
  }

  /** It is this tab that sends: also what another one, that is gone, had on its way. */
  takeTurn(): void {
    this.#hasTurn = true
    for (const [key, conversation] of this.#state.book.value) {
      if (this.#lines.has(key)) continue
      for (const message of undelivered(conversation)) {
        this.#advance(key, message, { state: 'waiting' })
      }
    }
    this.flushAll()
  }

  /** Another tab sends from here on, under their ids also what is on its way here and may end well all the same. */
  loseTurn(): void {
    this.#hasTurn = false
  }

  /** Another tab changed the conversation: it wrote a message, or stopped what is on its way. */
  changedElsewhere(key: string): void {
    const line = this.#lines.get(key)
    const conversation = this.#state.book.value.get(key)
    const wanted = new Set(conversation && undelivered(conversation).map(({ id }) => id))
    const [left, stopped] = parted(line?.flights ?? [], ({ message }) => wanted.has(message.id))
    if (line !== undefined && stopped.length > 0) {
      this.#lines.delete(key)
      end(line)
      // They went with those that were stopped.
      for (const { message } of left) this.#advance(key, message, { state: 'waiting' })
    }
    this.flush(key)
  }

  flush(key: string): void {
    if (!this.#hasTurn) return
    const mesh = this.#deps.port()
    const conversation = this.#state.book.value.get(key)
    if (mesh === undefined || conversation === undefined || !this.#canSend(key)) return
    const line = this.#lines.get(key) ?? { flights: [], pauseMs: RETRY_FIRST_MS }
    const underWay = new Set(line.flights.map(({ message }) => message.id))
    const isUnderWay = ({ id }: OutgoingMessage) => underWay.has(id)
    const [late, waiting] = parted(waitingMessages(conversation), isUnderWay)
    // Another tab said so before it knew.
    for (const message of late) this.#advance(key, message, { state: 'sending' })
    // What is being called back was written first.
    if (waiting.length === 0 || line.flights.some(isCalledBack)) return
    this.#lines.set(key, line)
    clearTimeout(line.timer)
    for (const message of waiting) this.#send(mesh, key, line, message)
  }

  flushAll(): void {
    for (const key of this.#state.book.value.keys()) this.flush(key)
  }

  /** But for keys to which something comes back from a try that failed. */
  flushUntried(): void {
    for (const key of this.#state.book.value.keys()) if (!this.#lines.has(key)) this.flush(key)
  }

  /** The user does not want what waits or is on its way to be sent any more. */
  cancel(key: string): void {
    this.#drop(key, { state: 'failed', problem: STOPPED })
  }

  /** The node goes: everything waits for the next one. */
  stop(): void {
    for (const key of [...this.#lines.keys()]) this.#drop(key, { state: 'waiting' })
  }

  #send(mesh: MeshPort, key: string, line: Line, message: OutgoingMessage): void {
    const flight = { message, controller: new AbortController() }
    const { id, text, delivery } = message
    line.flights.push(flight)
    this.#advance(key, message, { ...delivery, state: 'sending' })
    mesh.send(key, text, id, flight.controller.signal).then(
      () => this.#landed(key, line, flight),
      error => this.#landed(key, line, flight, { error }),
    )
  }

  /** @param failure absent: it was delivered */
  #landed(key: string, line: Line, flight: Flight, failure?: { readonly error: unknown }): void {
    if (this.#lines.get(key) !== line) return
    const at = line.flights.indexOf(flight)
    line.flights.splice(at, 1)
    if (failure === undefined) {
      line.pauseMs = RETRY_FIRST_MS
      this.#advance(key, flight.message, { state: 'delivered' })
    } else if (this.#comesBack(key, flight, failure.error)) {
      // What was written after it comes back too, or it would overtake.
      for (const later of line.flights.slice(at)) later.controller.abort()
    }
    this.#goOn(key, line)
  }

  /** @returns whether it waits for another try */
  #comesBack(key: string, flight: Flight, error: unknown): boolean {
    const { message } = flight
    const conversation = this.#state.book.value.get(key)
    if (conversation === undefined) return false
    const problem = problemOf(error, 'The message could not be delivered')
    if (!isPassing(error, conversation)) {
      this.#advance(key, message, { state: 'failed', problem })
      return false
    }
    if (isTooOld(message, this.#deps.nowMs())) {
      this.#advance(key, message, { state: 'failed', problem: TOO_OLD })
      return false
    }
    const reason = isCalledBack(flight) ? {} : { problem }
    this.#advance(key, message, { state: 'waiting', ...reason })
    return true
  }

  /** What has come back goes out again, in order, as soon as the peer is there, or after a pause. */
  #goOn(key: string, line: Line): void {
    if (line.flights.some(isCalledBack)) return
    const conversation = this.#state.book.value.get(key)
    const isAnyWaiting = conversation !== undefined && waitingMessages(conversation).length > 0
    if (isAnyWaiting) {
      line.stopWatching ??= this.#deps.port()?.watchReturn(key, () => this.flush(key))
      clearTimeout(line.timer)
      line.timer = setTimeout(() => this.flush(key), line.pauseMs)
      line.pauseMs = Math.min(2 * line.pauseMs, RETRY_MAX_MS)
    } else if (line.flights.length === 0) {
      this.#lines.delete(key)
      end(line)
    }
  }

  #drop(key: string, delivery: Delivery): void {
    const line = this.#lines.get(key)
    this.#lines.delete(key)
    const conversation = this.#state.book.value.get(key)
    for (const message of conversation === undefined ? [] : undelivered(conversation)) {
      this.#advance(key, message, delivery)
    }
    if (line !== undefined) end(line)
  }

  #advance(key: string, { id }: OutgoingMessage, delivery: Delivery): void {
    const { book } = this.#state
    const conversation = book.value.get(key)
    if (conversation === undefined) return
    book.value = withConversation(book.value, withDelivery(conversation, id, delivery))
  }

  /** A session can outlive every server. */
  #canSend(key: string): boolean {
    const { canSeek, reach } = this.#state
    return canSeek.value || reach.value.get(key)?.kind === 'open'
  }
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))]
}

function isCalledBack({ controller }: Flight): boolean {
  return controller.signal.aborted
}

function end({ timer, stopWatching, flights }: Line): void {
  clearTimeout(timer)
  stopWatching?.()
  for (const { controller } of flights) controller.abort()
}
