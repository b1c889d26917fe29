// One peer of this node, and who waits for it: dials, messages and pings, each of them answered once. What they need,
// a session over a path, is in peer-connection.ts.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { RequestId } from '../inputs.ts'
import { ABORTED } from '../peer-failure.ts'
import { PeerConnection } from './peer-connection.ts'
import type { PeerContext } from './peer-context.ts'
import { PeerRequests } from './peer-requests.ts'

export class Peer {
  readonly keyId: KeyId
  readonly connection: PeerConnection
  readonly #requests: PeerRequests

  constructor(context: PeerContext, keyId: KeyId) {
    this.keyId = keyId
    this.#requests = new PeerRequests(context.emit)
    this.connection = new PeerConnection(context, keyId, this.#requests)
  }

  /** From now on. What we opened and breaks it goes. */
  setMode(time: Time, mode: PathMode): void {
    this.connection.setMode(time, mode)
  }

  dial(time: Time, request: RequestId): void {
    this.#requests.addDial(request)
    if (this.connection.isReached) this.#requests.allDialed()
    else this.connection.ensurePath(time)
  }

  send(time: Time, request: RequestId, id: Uint8Array, data: Uint8Array): void {
    const { connection } = this
    const { session } = connection
    if (session !== undefined) {
      const isFirst = session.queuedMessages === 0
      this.#requests.addSend(request, id)
      // A lone message leaves at once; what follows it in one go shares packets.
      if (isFirst) connection.handle(time, { kind: 'send', id, data })
      else connection.handleSoon(time, { kind: 'send', id, data })
    } else if (this.#requests.queueSend(request, { id, data })) {
      connection.ensurePath(time)
    }
  }

  ping(time: Time, request: RequestId): void {
    this.#requests.addPing(request)
    if (this.connection.session === undefined) this.connection.ensurePath(time)
    this.connection.handle(time, { kind: 'ping', id: request })
  }

  /** Gives a request up: its time ran out, or its caller does not want it any more. */
  giveUp(time: Time, request: RequestId, why: 'TIMEOUT' | 'ABORTED', messageId?: Uint8Array): void {
    const isMessage = messageId !== undefined
    const failure = why === 'ABORTED' ? ABORTED : this.connection.timeoutReason(isMessage)
    const isInSession = this.#requests.giveUp(request, messageId, failure)
    if (isInSession && isMessage) this.connection.handle(time, { kind: 'cancel', id: messageId })
    if (this.#requests.isEmpty) this.connection.letGo(time)
  }

  hangUp(time: Time): void {
    this.connection.hangUp(time)
  }

  /** The application took this many message bytes. */
  consumed(time: Time, bytes: number): void {
    this.connection.handle(time, { kind: 'consumed', bytes })
  }
}
