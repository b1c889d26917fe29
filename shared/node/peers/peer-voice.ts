// What the application hears of one peer: that it is up, over which path, its messages, and that it is
// down again; and of these what concerns direct connections. Says nothing twice, and nothing of a peer that is not up.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathView } from '../effects.ts'
import type { Failure } from '../mesh-error.ts'
import type { PeerContext } from './peer-context.ts'
import { isSamePath } from './peer-paths.ts'

export class PeerVoice {
  readonly #context: Pick<PeerContext, 'emit' | 'held' | 'direct'>
  readonly #peer: KeyId
  #isUp = false
  #path: PathView | undefined

  constructor(context: Pick<PeerContext, 'emit' | 'held' | 'direct'>, peer: KeyId) {
    this.#context = context
    this.#peer = peer
  }

  get isUp(): boolean {
    return this.#isUp
  }

  up(time: Time, isIncoming: boolean): void {
    if (this.#isUp) return
    this.#isUp = true
    this.#context.emit({ kind: 'peerUp', peer: this.#peer, isIncoming })
    this.#context.direct.sessionUp(time, this.#peer, { isIncoming })
  }

  path(path: PathView | undefined): void {
    if (!this.#isUp || isSamePath(path, this.#path)) return
    this.#path = path
    this.#context.emit({ kind: 'peerPath', peer: this.#peer, path })
  }

  message(id: Uint8Array, data: Uint8Array): void {
    this.#context.held.add(this.#peer, data.length)
    this.#context.emit({ kind: 'message', peer: this.#peer, id, data })
  }

  /** Not for the application: the other node says that to this one. */
  signal(time: Time, bytes: Uint8Array): void {
    this.#context.direct.heard(time, this.#peer, bytes)
  }

  /** @param failure absent when one of the two sides closed on purpose */
  down(time: Time, failure: Failure | undefined): void {
    if (!this.#isUp) return
    this.#isUp = false
    this.#path = undefined
    this.#context.direct.sessionDown(time, this.#peer)
    this.#context.emit({
      kind: 'peerDown',
      peer: this.#peer,
      ...(failure !== undefined && { failure }),
    })
  }
}
