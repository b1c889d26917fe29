// One WebRTC connection with one data channel as a link (architecture D3; docs/PROTOCOL.md 9). Loaded on demand.
// A connection that is lost is not repaired: another is made, and sessions do not notice.

import type {
  CandidatePair,
  DtlsFingerprints,
  RtcOptions,
  RtcSignal,
} from '../../shared/node/rtc-host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { ChunkedChannel, createChannel, isLinkChannel } from './chunked-channel.ts'
import { Negotiation } from './negotiation.ts'
import type { RtcPlatform } from './rtc-platform.ts'
import { PairWatch } from './selected-pair.ts'
import { fingerprintOf } from './session-description.ts'

export interface RtcLinkEvents {
  signal(signal: RtcSignal): void
  opened(fingerprints: DtlsFingerprints): void
  /** After `opened`, and when it has changed. */
  paired(pair: CandidatePair): void
  message(bytes: Uint8Array): void
  writable(): void
  /** The last event, unless we closed. */
  lost(reason: CloseReason): void
}

/** How long the other side may take for what is on its way to it when we close. */
const CLOSE_TIMEOUT_MS = 2_000

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly channel: ChunkedChannel }
  | { readonly kind: 'closing'; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly kind: 'over' }

export class RtcLink {
  readonly #pc: RTCPeerConnection
  readonly #negotiation: Negotiation
  readonly #events: RtcLinkEvents
  readonly #pairs: PairWatch
  #state: State = { kind: 'opening' }
  #channel: ChunkedChannel | undefined

  /** @throws what the platform throws when it makes no connection like that */
  constructor(platform: RtcPlatform, options: RtcOptions, events: RtcLinkEvents) {
    const { isOfferer, iceServers, isRelayOnly } = options
    const pc = platform.connection({
      iceServers: iceServers.map(({ urls, ...login }) => ({ urls: [...urls], ...login })),
      iceTransportPolicy: isRelayOnly ? 'relay' : 'all',
    })
    this.#pc = pc
    this.#events = events
    this.#negotiation = new Negotiation(
      pc,
      { isOfferer, holdMs: platform.holdMs },
      { signal: signal => events.signal(signal), failed: reason => this.#lose(reason) },
    )
    this.#pairs = new PairWatch(pc, pair => {
      if (this.#state.kind === 'open') events.paired(pair)
    })
    pc.oniceconnectionstatechange = () => this.#iceChanged()
    pc.onconnectionstatechange = () => this.#connectionChanged()
    pc.ondatachannel = ({ channel }) => this.#offered(channel)
    if (isOfferer) this.#offer()
  }

  /** What makes no sense loses the link. */
  signal(signal: RtcSignal): void {
    if (this.#state.kind === 'opening' || this.#state.kind === 'open') {
      this.#negotiation.take(signal)
    }
  }

  send(bytes: Uint8Array): 'ok' | 'full' {
    return this.#state.kind === 'open' ? this.#state.channel.send(bytes) : 'ok'
  }

  /** Sends what is buffered, then closes. No event follows. */
  close(reason: CloseReason): void {
    if (this.#state.kind === 'opening') this.#free()
    if (this.#state.kind !== 'open') return
    const { channel } = this.#state
    this.#state = { kind: 'closing', timer: setTimeout(() => this.#free(), CLOSE_TIMEOUT_MS) }
    channel.end(reason)
  }

  /** As `close`, at once: a page that is frozen may have no open connection. What was sent may be lost. */
  drop(reason: CloseReason): void {
    if (this.#state.kind === 'over') return
    if (this.#state.kind === 'open') this.#state.channel.end(reason)
    this.#free()
  }

  #offer(): void {
    try {
      this.#attach(createChannel(this.#pc))
    } catch (error) {
      this.#free()
      throw error
    }
    this.#negotiation.offer()
  }

  #attach(channel: RTCDataChannel): void {
    const attached = new ChunkedChannel(channel, {
      opened: () => this.#open(attached),
      message: bytes => {
        // Whoever opened first may have sent before we were told that it is open.
        this.#open(attached)
        if (this.#state.kind === 'open') this.#events.message(bytes)
      },
      writable: () => {
        if (this.#state.kind === 'open') this.#events.writable()
      },
      ended: reason => this.#lose(reason),
      broken: reason => this.#lose(reason ?? this.#endReason()),
    })
    this.#channel = attached
    if (attached.isOpen) this.#open(attached)
  }

  #offered(channel: RTCDataChannel): void {
    if (this.#channel === undefined && isLinkChannel(channel)) this.#attach(channel)
    else this.#lose('protocol')
  }

  #open(channel: ChunkedChannel): void {
    if (this.#state.kind !== 'opening') return
    // A channel may be open a moment before its page is told that the descriptions are in force.
    const { currentLocalDescription, localDescription, currentRemoteDescription } = this.#pc
    const own = fingerprintOf((currentLocalDescription ?? localDescription)?.sdp ?? '')
    const peer = fingerprintOf(currentRemoteDescription?.sdp ?? this.#negotiation.heard ?? '')
    if (own === undefined || peer === undefined) {
      this.#lose('unauthenticated')
      return
    }
    this.#state = { kind: 'open', channel }
    this.#negotiation.release()
    this.#events.opened({ own, peer })
    this.#pairs.look()
  }

  /** A connection that is `disconnected` may come back, and the core's own pings judge it meanwhile. */
  #iceChanged(): void {
    const state = this.#pc.iceConnectionState
    if (state === 'connected' || state === 'completed') {
      this.#negotiation.release()
      if (this.#state.kind === 'open') this.#pairs.look()
    } else if (state === 'failed')
      this.#lose(this.#state.kind === 'open' ? 'timeout' : 'unreachable')
    else if (state === 'closed') this.#lose(this.#endReason())
  }

  /** Also fails when the way is open but the certificate at its end is not the one described. */
  #connectionChanged(): void {
    const { connectionState } = this.#pc
    if (connectionState === 'closed') this.#lose(this.#endReason())
    if (connectionState !== 'failed') return
    if (this.#pc.iceConnectionState === 'failed') this.#iceChanged()
    else this.#lose(this.#state.kind === 'open' ? 'normal' : 'unauthenticated')
  }

  #endReason(): CloseReason {
    return this.#state.kind === 'open' ? 'normal' : 'unreachable'
  }

  #lose(reason: CloseReason): void {
    const { kind } = this.#state
    if (kind === 'over') return
    this.#free()
    if (kind !== 'closing') this.#events.lost(reason)
  }

  #free(): void {
    if (this.#state.kind === 'closing') clearTimeout(this.#state.timer)
    this.#state = { kind: 'over' }
    this.#negotiation.stop()
    this.#pairs.stop()
    this.#pc.oniceconnectionstatechange = null
    this.#pc.onconnectionstatechange = null
    this.#pc.ondatachannel = null
    this.#channel?.release()
    this.#pc.close()
  }
}
