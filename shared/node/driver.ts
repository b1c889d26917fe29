// The only loop (architecture D2): input, handle, drain the effects, set one timer. Holds no protocol
// logic; the same driver runs in browsers, in Node and in the simulator.

import type { LinkId } from '../link/link-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Machine, Time } from '../machine/machine.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { NodeEffect, NodeEvent } from './effects.ts'
import type { AcceptedChannel, DialedChannel, Host, HostEvents, LanEvents } from './host.ts'
import type { Command, NodeInput } from './inputs.ts'
import type { HeardDatagram } from './lan/lan.ts'
import type { CandidatePair, RtcEvents, RtcOptions, RtcSignal } from './rtc-host.ts'

/** What the driver needs of the core. */
export interface NodeMachine extends Machine<NodeInput, NodeEffect> {
  /** Names an incoming channel. */
  newIncomingLink(): LinkId
}

export class Driver implements HostEvents, LanEvents, RtcEvents {
  readonly #core: NodeMachine
  readonly #host: Host
  readonly #onEvent: (event: NodeEvent) => void
  /** Inputs that arrive while effects are drained: from `onEvent`, or a send that said full. */
  readonly #waiting = new EffectQueue<NodeInput>()
  #isDraining = false
  #isStopped = false
  #wakeAt: number | undefined

  /** @param onEvent told of everything that the application sees; may issue commands at once */
  constructor(core: NodeMachine, host: Host, onEvent: (event: NodeEvent) => void) {
    this.#core = core
    this.#host = host
    this.#onEvent = onEvent
  }

  /** Answered also after the node has stopped. */
  command(command: Command): void {
    this.#feed(command)
  }

  wake(): void {
    this.#wakeAt = undefined
    this.#feed({ kind: 'timeout' })
  }

  linkOpened(link: LinkId, channel: DialedChannel): void {
    this.#feed({ kind: 'linkOpened', link, channel })
  }

  linkAccepted(channel: AcceptedChannel): LinkId {
    const link = this.#core.newIncomingLink()
    this.#feed({ kind: 'linkAccepted', link, channel })
    return link
  }

  linkMessage(link: LinkId, bytes: Uint8Array): void {
    this.#feed({ kind: 'linkMessage', link, bytes })
  }

  linkWritable(link: LinkId): void {
    this.#feed({ kind: 'linkWritable', link })
  }

  linkLost(link: LinkId, reason: CloseReason): void {
    this.#feed({ kind: 'linkLost', link, reason })
  }

  rtcSignal(link: LinkId, signal: RtcSignal): void {
    this.#feed({ kind: 'rtcSignal', link, signal })
  }

  rtcPaired(link: LinkId, pair: CandidatePair): void {
    this.#feed({ kind: 'rtcPaired', link, pair })
  }

  lanOpened(port: number | undefined): void {
    this.#feed({ kind: 'lanOpened', port })
  }

  beaconHeard(datagram: HeardDatagram): void {
    this.#feed({ kind: 'beaconHeard', datagram })
  }

  lanChanged(): void {
    this.#feed({ kind: 'lanChanged' })
  }

  storageChanged(isWorking: boolean): void {
    this.#feed({ kind: 'storageChanged', isWorking })
  }

  #feed(input: NodeInput): void {
    this.#waiting.push(input)
    if (this.#isDraining) return
    this.#isDraining = true
    try {
      this.#run()
    } finally {
      this.#isDraining = false
      this.#setTimer()
    }
  }

  #run(): void {
    for (let input = this.#waiting.shift(); input !== undefined; input = this.#waiting.shift()) {
      this.#core.handle(this.#time(), input)
      for (let effect = this.#core.poll(); effect !== undefined; effect = this.#core.poll()) {
        this.#perform(effect)
      }
    }
  }

  #time(): Time {
    return { now: this.#host.now(), unixMs: this.#host.unixMs() }
  }

  #setTimer(): void {
    const next = this.#isStopped ? undefined : this.#core.nextTimeout()
    if (next === this.#wakeAt) return
    this.#wakeAt = next
    this.#host.wakeAt(next)
  }

  /** A link that nothing can open is lost, as any other. */
  #openRtc(link: LinkId, options: RtcOptions): void {
    if (this.#host.rtc !== undefined) this.#host.rtc.open(link, options)
    else this.#waiting.push({ kind: 'linkLost', link, reason: 'unreachable' })
  }

  #perform(effect: NodeEffect): void {
    switch (effect.kind) {
      case 'transmit':
        if (this.#host.send(effect.link, effect.bytes) === 'full') {
          this.#waiting.push({ kind: 'linkFull', link: effect.link })
        }
        return
      case 'dialLink':
        this.#host.dial(effect.link, effect.url, { isUntrusted: effect.isUntrusted })
        return
      case 'closeLink':
        this.#host.close(effect.link, effect.reason)
        return
      case 'save':
        this.#host.save(effect.key, effect.value)
        return
      case 'openRtc':
        this.#openRtc(effect.link, effect.options)
        return
      case 'signalRtc':
        this.#host.rtc?.signal(effect.link, effect.signal)
        return
      case 'sendBeacon':
        this.#host.sendBeacon?.(effect.bytes)
        return
      case 'stopped':
        this.#isStopped = true
        this.#onEvent(effect)
        return
      default:
        this.#onEvent(effect)
    }
  }
}
