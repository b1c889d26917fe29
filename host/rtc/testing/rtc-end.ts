// An RTC link as the conformance suite sees an end, and two of them that speak to each other in one process.

import { nobleSuite } from '../../../shared/crypto/noble-suite.ts'
import { rtcBinding } from '../../../shared/link/binding.ts'
import type { TransportEnd, TransportPair } from '../../../shared/link/testing/transport-pair.ts'
import type { DtlsFingerprints, RtcSignal } from '../../../shared/node/rtc-host.ts'
import { WS_MAX_MESSAGE_BYTES } from '../../../shared/wire/limits.ts'
import { RtcLink } from '../rtc-link.ts'
import type { RtcPlatform } from '../rtc-platform.ts'
import { EventBox } from './event-box.ts'

/** A native stack sends while it is being filled. */
const FULL_WITHIN_BYTES = 64 * 1024 * 1024

export interface RtcEnd extends TransportEnd {
  /** Rejects when the link is lost before it opens. */
  readonly opened: Promise<DtlsFingerprints>
  signal(signal: RtcSignal): void
}

/** @param told what the link says to the other end */
export function openRtcEnd(
  platform: RtcPlatform,
  isOfferer: boolean,
  told: (signal: RtcSignal) => void,
): RtcEnd {
  const box = new EventBox()
  const made: RTCPeerConnection[] = []
  const watched: RtcPlatform = {
    holdMs: platform.holdMs,
    connection(configuration) {
      const pc = platform.connection(configuration)
      made.push(pc)
      return pc
    },
  }
  let settle: { resolve(of: DtlsFingerprints): void; reject(why: Error): void } | undefined
  const opened = new Promise<DtlsFingerprints>((resolve, reject) => {
    settle = { resolve, reject }
  })
  opened.catch(() => {})
  const link = new RtcLink(
    watched,
    { isOfferer, iceServers: [], isRelayOnly: false },
    {
      signal: told,
      opened: fingerprints => settle?.resolve(fingerprints),
      paired: () => {},
      message: bytes => box.tell({ kind: 'message', bytes }),
      writable: () => box.tell({ kind: 'writable' }),
      lost: reason => {
        settle?.reject(new Error(`the link did not open: ${reason}`))
        box.tell({ kind: 'lost', reason })
      },
    },
  )
  return {
    opened,
    signal: signal => link.signal(signal),
    send: bytes => link.send(bytes),
    close: reason => link.close(reason),
    cut() {
      box.shut()
      for (const pc of made) pc.close()
    },
    listen: listener => box.listen(listener),
  }
}

export interface JoinedEnds {
  readonly offerer: RtcEnd
  readonly answerer: RtcEnd
}

/** Two ends whose signals reach each other in turns of the event loop of their own, as over a network. */
export function joinEnds(offering: RtcPlatform, answering: RtcPlatform): JoinedEnds {
  const offerer: RtcEnd = openRtcEnd(offering, true, signal =>
    setImmediate(() => answerer.signal(signal)),
  )
  const answerer: RtcEnd = openRtcEnd(answering, false, signal =>
    setImmediate(() => offerer.signal(signal)),
  )
  return { offerer, answerer }
}

export async function rtcPair(platform: RtcPlatform): Promise<TransportPair> {
  const { offerer, answerer } = joinEnds(platform, platform)
  const [fingerprints] = await Promise.all([offerer.opened, answerer.opened])
  return {
    initiator: offerer,
    responder: answerer,
    ...rtcPairTraits(fingerprints),
    async dispose() {
      offerer.cut()
      answerer.cut()
    },
  }
}

/** @param fingerprints as the offerer sees them */
export function rtcPairTraits({
  own,
  peer,
}: DtlsFingerprints): Omit<TransportPair, 'initiator' | 'responder' | 'dispose'> {
  const binding = rtcBinding(nobleSuite, own, peer)
  return {
    maxMessageBytes: WS_MAX_MESSAGE_BYTES,
    fullWithinBytes: FULL_WITHIN_BYTES,
    carriesReason: true,
    initiatorBinding: binding,
    responderBindings: [binding],
  }
}
