// The end of a simulated link at a running program: puts what the link tells into that node's event loop
// and hands it to its host under the link's id.

import type { LinkId } from '../shared/link/link-id.ts'
import type { DialedChannel } from '../shared/node/host.ts'
import type { CloseReason } from '../shared/wire/close-code.ts'
import type { SimHost } from './sim-host.ts'
import type { LinkEnd } from './sim-link.ts'
import type { SimNode } from './sim-node.ts'

export class HostEnd implements LinkEnd {
  readonly node: SimNode
  readonly #host: SimHost
  readonly #dialed: DialedChannel
  /** An acceptor learns it from the program, a moment after the link was made. */
  id: LinkId | undefined

  constructor(node: SimNode, host: SimHost, id: LinkId | undefined, dialed: DialedChannel = {}) {
    this.node = node
    this.#host = host
    this.id = id
    this.#dialed = dialed
  }

  enqueue(task: () => void): void {
    this.node.enqueue(task)
  }

  isUp(): boolean {
    return this.node.isUp
  }

  opened(): void {
    if (this.id !== undefined) this.#host.handOpened(this.id, this.#dialed)
  }

  message(bytes: Uint8Array): void {
    if (this.id !== undefined) this.#host.handMessage(this.id, bytes)
  }

  writable(): void {
    if (this.id !== undefined) this.#host.handWritable(this.id)
  }

  lost(reason: CloseReason): void {
    if (this.id !== undefined) this.#host.handLost(this.id, reason)
  }
}
