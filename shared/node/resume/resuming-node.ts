// A node whose sessions outlive its process (docs/PROTOCOL.md 7.7): the core, and around it what keeps a record of
// sends, messages and sessions and takes them up in the next life. Sees what the application sees, and nothing of
// how peers are reached. Peers hear of a restart as of a path that changed.

import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { NodeMachine } from '../driver.ts'
import type { NodeEffect, NodeEvent } from '../effects.ts'
import type { NodeInput } from '../inputs.ts'
import { Resumption } from './resumption.ts'
import type { SessionVault } from './session-vault.ts'

export class ResumingNode implements NodeMachine {
  readonly #core: NodeMachine
  readonly #vault: SessionVault
  readonly #resumption: Resumption
  readonly #effects = new EffectQueue<NodeEffect>()
  #isStopped = false

  /** @param core made with the `seenIds` of `vault` */
  constructor(core: NodeMachine, vault: SessionVault, time: Time) {
    this.#core = core
    this.#vault = vault
    this.#resumption = new Resumption(vault, time)
  }

  newIncomingLink(): LinkId {
    return this.#core.newIncomingLink()
  }

  handle(time: Time, input: NodeInput): void {
    const isForCore = this.#isStopped || this.#before(time, input)
    if (isForCore) this.#core.handle(time, input)
    if (input.kind === 'start') this.#resumption.start(time)
    this.#run(time)
    for (let save = this.#vault.poll(); save !== undefined; save = this.#vault.poll()) {
      this.#effects.push(save)
    }
    if (this.#isStopped) this.#vault.wipe()
  }

  poll(): NodeEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    const next = this.#core.nextTimeout()
    if (this.#isStopped) return next
    return earliest(next, this.#vault.nextTimeout(), this.#resumption.nextTimeout())
  }

  /** @returns whether the core is to be told, too */
  #before(time: Time, input: NodeInput): boolean {
    switch (input.kind) {
      case 'dial':
      case 'ping':
        if (input.mode !== undefined) {
          this.#vault.modeSaid(time, input.peer, input.mode)
          this.#resumption.modeSaid(input.peer, input.mode)
        }
        return true
      case 'send':
        if (input.mode !== undefined) this.#vault.modeSaid(time, input.peer, input.mode)
        if (this.#resumption.takes(time, input)) return false
        this.#vault.sent(time, input)
        return true
      case 'cancel':
        return !this.#resumption.cancels(input.request)
      case 'hangUp':
        this.#resumption.drop(input.peer)
        return true
      case 'suspend':
        this.#vault.suspend(time)
        return true
      case 'timeout':
        this.#vault.timeout(time)
        this.#resumption.timeout(time)
        return true
      case 'shutdown':
        this.#resumption.stop()
        return true
      default:
        return true
    }
  }

  /** Until neither the core nor the resumption has anything to say. */
  #run(time: Time): void {
    for (;;) {
      const effect = this.#core.poll() ?? this.#resumption.pollEvent()
      if (effect !== undefined) {
        this.#take(time, effect)
        continue
      }
      const command = this.#resumption.poll()
      if (command === undefined) return
      this.#core.handle(time, command)
    }
  }

  #take(time: Time, effect: NodeEffect): void {
    switch (effect.kind) {
      case 'done':
      case 'failed':
        if (effect.request < 0) {
          this.#resumption.settled(time, effect)
          return
        }
        this.#vault.settled(effect.request)
        break
      case 'save':
        this.#vault.keep(effect)
        return
      case 'message':
        this.#vault.shown(effect.peer, effect.id)
        break
      case 'peerUp':
        this.#effects.push(this.#asTold(effect))
        this.#vault.peerUp(time, effect.peer, !effect.isIncoming)
        this.#resumption.peerUp(time, effect.peer)
        return
      case 'peerDown':
        this.#resumption.drop(effect.peer)
        this.#vault.forget(effect.peer)
        break
      case 'stopped':
        this.#isStopped = true
    }
    this.#effects.push(effect)
  }

  /** In this life the application did not ask for a session that goes on: it comes to it. */
  #asTold(up: Extract<NodeEvent, { kind: 'peerUp' }>): NodeEvent {
    return this.#resumption.isSeeking(up.peer) ? { ...up, isIncoming: true } : up
  }
}
