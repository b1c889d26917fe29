// WebRTC of a MiniWorld: descriptions name the connection that they are of, candidates say nothing, and two ends that
// have each other's description and a candidate are connected if the world lets them reach one another. What a test
// changes of a description (fingerprints, for one) the ends believe, as a browser would.

import { fromHex, toHex } from '../../bytes/hex.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { CandidatePair, RtcHost, RtcSignal } from '../rtc-host.ts'
import type { MiniNode } from './mini-node.ts'
import type { MiniWorld } from './mini-world.ts'

interface RtcEnd {
  readonly number: number
  readonly node: MiniNode
  readonly link: LinkId
  readonly life: number
  readonly isOfferer: boolean
  readonly hasIceServers: boolean
  readonly fingerprint: Uint8Array
  peerNumber: number | undefined
  peerFingerprint: Uint8Array | undefined
  hasCandidate: boolean
  isOpen: boolean
}

/** As a browser writes them, as far as anybody here looks. */
const DESCRIPTION =
  /^v=0\r\no=- (\d+) 2 IN IP4 127\.0\.0\.1\r\na=fingerprint:sha-256 ([0-9A-F:]+)\r\n$/
export const MINI_CANDIDATE = 'candidate:1 1 udp 2122260223 203.0.113.5 40000 typ host'

export class MiniRtc {
  /** The certificate that the other end sees, if somebody is in between. */
  certificateOf: (own: Uint8Array, isOfferer: boolean) => Uint8Array = own => own
  readonly #world: MiniWorld
  readonly #ends: RtcEnd[] = []

  constructor(world: MiniWorld) {
    this.#world = world
  }

  /** Whether it takes ICE servers on both sides. */
  needsIceServers = false
  /** How long it takes to open one, once both know of each other; a round trip unless given. */
  openMs: number | undefined

  /** Connections that were asked for, of all nodes. */
  get made(): number {
    return this.#ends.length
  }

  /** Those that were open once. */
  get opened(): number {
    return this.#ends.filter(end => end.isOpen).length
  }

  madeBy(node: MiniNode): number {
    return this.#ends.filter(end => end.node === node).length
  }

  /** The open connections of a node go over other candidates now. */
  moved(node: MiniNode, pair: CandidatePair): void {
    const open = this.#ends.filter(end => end.node === node && end.isOpen)
    for (const { link } of open) node.driver.rtcPaired(link, pair)
  }

  hostOf(node: MiniNode): RtcHost {
    const { life } = node
    return {
      open: (link, { isOfferer, iceServers }) => {
        const end: RtcEnd = {
          number: this.#ends.length,
          node,
          link,
          life,
          isOfferer,
          hasIceServers: iceServers.length > 0,
          fingerprint: this.#world.random.bytes(32),
          peerNumber: undefined,
          peerFingerprint: undefined,
          hasCandidate: false,
          isOpen: false,
        }
        this.#ends.push(end)
        if (isOfferer) this.#describe(end, 'offer')
      },
      signal: (link, signal) => {
        const end = this.#ends.find(
          one => one.link === link && one.life === life && one.node === node,
        )
        if (end !== undefined) this.#signalled(end, signal)
      },
    }
  }

  #signalled(end: RtcEnd, signal: RtcSignal): void {
    if (signal.kind === 'candidate') {
      if (signal.candidate !== '') end.hasCandidate = true
    } else {
      const [, number = '', fingerprint = ''] = DESCRIPTION.exec(signal.sdp) ?? []
      end.peerNumber = Number(number)
      end.peerFingerprint = fromHex(fingerprint.replaceAll(':', '').toLowerCase())
      if (signal.kind === 'offer') this.#describe(end, 'answer')
    }
    this.#connect(end)
  }

  /** In a task of its own, as any host does. */
  #describe(end: RtcEnd, kind: 'offer' | 'answer'): void {
    const hex = toHex(end.fingerprint).toUpperCase()
    const fingerprint = (hex.match(/../g) ?? []).join(':')
    const sdp = `v=0\r\no=- ${end.number} 2 IN IP4 127.0.0.1\r\na=fingerprint:sha-256 ${fingerprint}\r\n`
    this.#tell(end, { kind, sdp })
    this.#tell(end, { kind: 'candidate', candidate: MINI_CANDIDATE, mid: '0' })
    this.#tell(end, { kind: 'candidate', candidate: '', mid: '0' })
  }

  #tell({ node, life, link }: RtcEnd, signal: RtcSignal): void {
    this.#world.at(this.#world.now, () => {
      if (node.life === life) node.driver.rtcSignal(link, signal)
    })
  }

  #connect(end: RtcEnd): void {
    const other = this.#ends[end.peerNumber ?? -1]
    if (other === undefined || other.peerNumber !== end.number) return
    const isReady = end.hasCandidate && other.hasCandidate && !end.isOpen
    if (!isReady || !this.#world.connects(end.node, other.node)) return
    if (this.needsIceServers && !(end.hasIceServers && other.hasIceServers)) return
    for (const one of [end, other]) one.isOpen = true
    const openMs = this.openMs ?? 2 * this.#world.delayMs
    this.#world.at(this.#world.now + openMs, () => {
      if ([end, other].some(({ node, life }) => node.life !== life)) return
      this.#world.join(end, other)
      for (const { node, link, fingerprint: own, peerFingerprint, isOfferer } of [end, other]) {
        if (peerFingerprint === undefined) continue
        const peer = this.certificateOf(peerFingerprint, !isOfferer)
        node.driver.linkOpened(link, { rtc: { own, peer } })
        node.driver.rtcPaired(link, { own: 'host', peer: 'host', protocol: 'udp' })
      }
    })
  }
}
