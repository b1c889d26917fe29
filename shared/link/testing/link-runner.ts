// One Link on one end of a transport, driven by the transport's events alone: its clock counts inputs, so
// that nothing depends on how fast the transport is.

import type { CloseReason } from '../../wire/close-code.ts'
import type { LinkClosed, LinkConfig, LinkEffect, LinkInput, LinkSide } from '../link.ts'
import { Link } from '../link.ts'
import type { TransportEnd } from './transport-pair.ts'

export class LinkRunner {
  readonly #end: TransportEnd
  readonly #link: Link
  readonly #frames: Uint8Array[] = []
  #now = 0
  #isOpen = false
  #closed: LinkClosed | undefined
  #wake: (() => void) | undefined

  constructor(end: TransportEnd, config: LinkConfig, side: LinkSide) {
    this.#end = end
    this.#link = new Link(config, side, this.#time())
    end.listen(event => this.#feed(event))
    this.#feed({ kind: 'opened' })
  }

  get canSend(): boolean {
    return this.#link.canSend
  }

  send(bytes: Uint8Array): void {
    this.#feed({ kind: 'send', bytes })
  }

  close(reason: CloseReason): void {
    this.#feed({ kind: 'close', reason })
  }

  /** Whether the link opened; false when it ended instead. */
  async opened(): Promise<boolean> {
    await this.#until(() => this.#isOpen || this.#closed !== undefined)
    return this.#isOpen
  }

  async closed(): Promise<LinkClosed> {
    for (;;) {
      if (this.#closed !== undefined) return this.#closed
      await this.#changed()
    }
  }

  async sendable(): Promise<void> {
    await this.#until(() => this.canSend || this.#closed !== undefined)
  }

  /** The next frame; `undefined` when the link ended before one came. */
  async frame(): Promise<Uint8Array | undefined> {
    await this.#until(() => this.#frames.length > 0 || this.#closed !== undefined)
    return this.#frames.shift()
  }

  #feed(input: LinkInput): void {
    this.#now++
    this.#link.handle(this.#time(), input)
    this.#drain()
    // A burst goes on a moment later; all other timers are seconds away.
    while ((this.#link.nextTimeout() ?? Infinity) <= this.#now + 1) {
      this.#now++
      this.#link.handle(this.#time(), { kind: 'timeout' })
      this.#drain()
    }
    this.#wake?.()
  }

  #drain(): void {
    for (let effect = this.#link.poll(); effect !== undefined; effect = this.#link.poll()) {
      this.#apply(effect)
    }
  }

  #apply(effect: LinkEffect): void {
    if (effect.kind === 'transmit') {
      const answer = this.#end.send(effect.bytes)
      if (answer === 'full') this.#link.handle(this.#time(), { kind: 'full' })
    } else if (effect.kind === 'open') {
      this.#isOpen = true
    } else if (effect.kind === 'frame') {
      this.#frames.push(effect.bytes)
    } else if (effect.kind === 'closed') {
      this.#closed = effect
      if (effect.side !== 'transport') this.#end.close(effect.reason)
    }
  }

  #time() {
    return { now: this.#now, unixMs: this.#now }
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.#changed()
  }

  #changed(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}
