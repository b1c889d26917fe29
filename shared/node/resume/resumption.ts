// Takes up the sessions of a node's last life (docs/PROTOCOL.md 7.7): dials the peers again, a few at a time and
// in a peer's case until it must have given up, and sends what was not delivered, under the old ids and before
// anything new. Its requests have negative numbers, so that they are told from the application's.

import { mapKey } from '../../bytes/map-key.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import { REATTACH_MAX_MS, RESUME_DIALS, RESUME_RETRY_MS } from '../../wire/limits.ts'
import type { NodeEvent } from '../effects.ts'
import type { Command, RequestId } from '../inputs.ts'
import { ABORTED, isPassing, NODE_CLOSED } from '../peer-failure.ts'
import { AdoptedSends } from './adopted-sends.ts'
import type { SendCommand, SessionVault } from './session-vault.ts'
import type { Waiting } from './sought.ts'
import { Sought } from './sought.ts'

type Settled = Extract<NodeEvent, { kind: 'done' | 'failed' }>

export class Resumption {
  readonly #vault: SessionVault
  readonly #sought = new Map<KeyId, Sought>()
  readonly #byRequest = new Map<RequestId, Sought>()
  readonly #byMessage = new Map<string, Waiting>()
  /** Their turn to be dialed. */
  readonly #queue: Sought[] = []
  /** When to dial again, or to give up. */
  readonly #deadlines = new DeadlineHeap<KeyId>()
  readonly #commands: Command[] = []
  readonly #events: NodeEvent[] = []
  readonly #adopted = new AdoptedSends()
  #dials = 0
  #lastRequest = 0

  constructor(vault: SessionVault, time: Time) {
    this.#vault = vault
    for (const peer of vault.restored) {
      const sought = new Sought(time, peer)
      this.#sought.set(peer.key, sought)
      for (const message of peer.messages) {
        const request = this.#wait(sought, message, time.now + message.remainingMs)
        vault.resumed(request, message)
      }
    }
  }

  /** The node starts. Peers that made the session come by themselves. */
  start(time: Time): void {
    for (const sought of this.#sought.values()) {
      sought.isDialed = sought.peer.isOurs || sought.waiting.size > 0
      if (sought.isDialed) this.#queue.push(sought)
      else this.#deadlines.set(sought.peer.key, sought.until)
    }
    this.#dialNext(time)
  }

  /** Whether this peer's session is being taken up. */
  isSeeking(key: KeyId): boolean {
    return this.#sought.has(key)
  }

  /** The application says which paths may be used: what was said in the last life must not undo it. */
  modeSaid(key: KeyId, mode: PathMode): void {
    const sought = this.#sought.get(key)
    if (sought !== undefined) sought.mode = mode
  }

  /**
   * The application sends to a peer.
   * @returns whether the message goes the way of those from the last life: it is one of them, or its peer is
   *   still sought, so that it waits behind them as it would in a session without a path
   */
  takes(time: Time, send: SendCommand): boolean {
    const { peer, mode, timeoutMs } = send
    const known = this.#byMessage.get(mapKey(send.id))
    const sought = this.#sought.get(peer)
    if (sought === undefined) return false
    if (mode !== undefined) sought.mode = mode
    if (known !== undefined) {
      if (!this.#adopted.add(time, known.request, send)) return false
    } else {
      const request = this.#wait(sought, send, time.now + timeoutMs)
      this.#adopted.add(time, request, send)
      this.#vault.sent(time, { ...send, request })
    }
    if (mode !== undefined) {
      this.#lastRequest -= 1
      this.#commands.push({ kind: 'dial', request: this.#lastRequest, peer, timeoutMs, mode })
    }
    if (sought.isUp || sought.dial !== undefined) this.#commands.push(...sought.takeSends(time))
    else if (!sought.isDialed) this.#dial(time, sought)
    return true
  }

  /** @returns whether the request was for such a message, which is given up now */
  cancels(request: RequestId): boolean {
    const given = this.#adopted.take(request)
    if (given === undefined) return false
    this.#giveUp(given)
    this.#events.push({ kind: 'failed', request, failure: ABORTED })
    return true
  }

  peerUp(time: Time, key: KeyId): void {
    const sought = this.#sought.get(key)
    if (sought === undefined) return
    sought.isUp = true
    this.#commands.push(...sought.takeSends(time))
    this.#dropIfDone(sought)
  }

  /** The session ended, or the application ended it: nothing of it is sought any more. */
  drop(key: KeyId): void {
    const sought = this.#sought.get(key)
    if (sought === undefined) return
    this.#sought.delete(key)
    this.#deadlines.delete(key)
    for (const one of sought.waiting.values()) {
      this.#end(sought, one)
      const adopted = this.#adopted.end(one.request)
      if (adopted === undefined) continue
      const { request } = adopted.send
      this.#events.push({ kind: 'failed', request, failure: sought.failure })
    }
    this.#vault.forget(key)
  }

  /** The node closes. */
  stop(): void {
    for (const sought of [...this.#sought.values()]) {
      sought.failure = NODE_CLOSED
      this.drop(sought.peer.key)
    }
  }

  /** What became of a request of ours. */
  settled(time: Time, event: Settled): void {
    const sought = this.#byRequest.get(event.request)
    if (sought === undefined) return
    if (event.kind === 'failed') sought.failure = event.failure
    if (event.request === sought.dial) this.#dialEnded(time, sought, event)
    const one = sought.waiting.get(event.request)
    if (one !== undefined) this.#sendEnded(time, sought, one, event)
  }

  timeout(time: Time): void {
    for (let key = this.#deadlines.takeExpired(time.now); key !== undefined; ) {
      const sought = this.#sought.get(key)
      if (sought !== undefined) this.#due(time, sought)
      key = this.#deadlines.takeExpired(time.now)
    }
    for (const { request, given, failure } of this.#adopted.expired(time.now)) {
      this.#giveUp(given)
      this.#events.push({ kind: 'failed', request, failure })
    }
  }

  nextTimeout(): number | undefined {
    return earliest(this.#deadlines.next(), this.#adopted.nextTimeout())
  }

  /** The next command for the core. */
  poll(): Command | undefined {
    return this.#commands.shift()
  }

  /** The next thing that the application is to hear. */
  pollEvent(): NodeEvent | undefined {
    return this.#events.shift()
  }

  #wait(
    sought: Sought,
    { id, data }: Pick<SendCommand, 'id' | 'data'>,
    expiresAt: number,
  ): RequestId {
    const request = this.#request(sought)
    const one = { id, data, request, expiresAt, isIssued: false }
    sought.add(one)
    this.#byMessage.set(mapKey(id), one)
    return request
  }

  #dialNext(time: Time): void {
    while (this.#dials < RESUME_DIALS) {
      const sought = this.#queue.shift()
      if (sought === undefined) return
      const isWanted = this.#sought.get(sought.peer.key) === sought && sought.dial === undefined
      if (isWanted) this.#dial(time, sought)
    }
  }

  /** Hands over the messages in the same step, so that they are ahead of all that comes later. */
  #dial(time: Time, sought: Sought): void {
    sought.isDialed = true
    this.#deadlines.delete(sought.peer.key)
    this.#dials += 1
    this.#commands.push(sought.beginDial(time, this.#request(sought)), ...sought.takeSends(time))
  }

  #dialEnded(time: Time, sought: Sought, event: Settled): void {
    this.#byRequest.delete(event.request)
    sought.dial = undefined
    this.#dials -= 1
    const { key } = sought.peer
    if (event.kind === 'done') this.#dropIfDone(sought)
    else if (this.#sought.get(key) === sought) {
      sought.failures += 1
      if (isPassing(event.failure)) this.#retry(time, sought)
      else this.drop(key)
    }
    this.#dialNext(time)
  }

  #sendEnded(time: Time, sought: Sought, one: Waiting, event: Settled): void {
    one.isIssued = false
    if (event.kind === 'failed' && time.now < one.expiresAt) {
      const { failure } = event
      if (failure.code !== 'ABORTED' && isPassing(failure)) {
        if (sought.dial === undefined) this.#retry(time, sought)
        return
      }
    }
    this.#end(sought, one)
    this.#dropIfDone(sought)
    this.#answer(time, one, event)
  }

  #retry({ now }: Time, { peer, until, failures }: Sought): void {
    const pauseMs = Math.min(REATTACH_MAX_MS, RESUME_RETRY_MS * 2 ** Math.max(0, failures - 1))
    this.#deadlines.set(peer.key, Math.min(now + pauseMs, until))
  }

  #due(time: Time, sought: Sought): void {
    if (time.now >= sought.until) this.drop(sought.peer.key)
    else this.#queue.push(sought)
    this.#dialNext(time)
  }

  /** Wherever the message waits. */
  #giveUp(request: RequestId): void {
    const sought = this.#byRequest.get(request)
    const one = sought?.waiting.get(request)
    if (sought === undefined || one === undefined) return
    if (one.isIssued) this.#commands.push({ kind: 'cancel', request })
    this.#end(sought, one)
    this.#dropIfDone(sought)
  }

  #end(sought: Sought, one: Waiting): void {
    sought.waiting.delete(one.request)
    this.#byRequest.delete(one.request)
    this.#byMessage.delete(mapKey(one.id))
    this.#vault.settled(one.request)
  }

  #dropIfDone(sought: Sought): void {
    const { key } = sought.peer
    if (!sought.isDone || !sought.isUp || this.#sought.get(key) !== sought) return
    this.#sought.delete(key)
    this.#deadlines.delete(key)
  }

  /** An application that gave the message more time has the rest of it, as a message of its own. */
  #answer(time: Time, one: Waiting, event: Settled): void {
    const adopted = this.#adopted.end(one.request)
    if (adopted === undefined) return
    const { send, until } = adopted
    if (event.kind === 'failed' && event.failure.code === 'TIMEOUT' && time.now < until) {
      this.#commands.push({ ...send, timeoutMs: until - time.now })
    } else {
      this.#events.push({ ...event, request: send.request })
    }
  }

  #request(sought: Sought): RequestId {
    this.#lastRequest -= 1
    this.#byRequest.set(this.#lastRequest, sought)
    return this.#lastRequest
  }
}
