// WebRTC in the simulator: descriptions and candidates go to and fro between two hosts as their programs carry them,
// and a link comes about where the NATs of both let packets through (RFC 4787, RFC 5389: what hole punching can do).
// How ICE finds that out is not simulated, only how long it takes.

import { fromHex, toHex } from '../shared/bytes/hex.ts'
import type { LinkId } from '../shared/link/link-id.ts'
import type { RtcHost, RtcOptions, RtcSignal } from '../shared/node/rtc-host.ts'
import { HostEnd } from './host-end.ts'
import type { SimHost } from './sim-host.ts'
import type { SimNode } from './sim-node.ts'

/** How the router of a computer maps and filters. `blocked`: no UDP at all. */
export type Nat = 'open' | 'fullCone' | 'restricted' | 'portRestricted' | 'symmetric' | 'blocked'

/** Checks, DTLS and SCTP, in one-way latencies: ICE in parallel, then about four round trips. */
const OPENING_LATENCIES = 10
const CANDIDATE = 'candidate:1 1 udp 2122260223 198.51.100.7 40000 typ srflx raddr 0.0.0.0 rport 0'
const DESCRIPTION =
  /^v=0\r\no=- (\d+) 2 IN IP4 127\.0\.0\.1\r\na=fingerprint:sha-256 ([0-9A-F:]+)\r\n$/

interface RtcEnd {
  readonly number: number
  readonly node: SimNode
  readonly host: SimHost
  readonly link: LinkId
  readonly fingerprint: Uint8Array
  peer: { readonly number: number; readonly fingerprint: Uint8Array } | undefined
  hasCandidate: boolean
  isConnecting: boolean
}

/** Of one world. */
export class SimRtc {
  readonly #ends: RtcEnd[] = []

  get made(): number {
    return this.#ends.length
  }

  /** Both ends of all connections that are open. */
  get open(): readonly (readonly [SimNode, SimNode])[] {
    return this.#ends.flatMap(({ node, host, link, peer }) => {
      const other = this.#ends[peer?.number ?? -1]
      const isOpen = [{ host, link }, other].every(one => one?.host.isLinked(one.link) === true)
      return isOpen && other !== undefined && node.name < other.node.name
        ? [[node, other.node] as const]
        : []
    })
  }

  hostOf(node: SimNode, host: SimHost): RtcHost {
    return {
      open: (link, options) => this.#open(node, host, link, options),
      signal: (link, signal) => {
        const end = this.#ends.find(one => one.host === host && one.link === link)
        if (end !== undefined && host.isWaiting(link)) this.#signalled(end, signal)
      },
    }
  }

  #open(node: SimNode, host: SimHost, link: LinkId, { isOfferer }: RtcOptions): void {
    const end: RtcEnd = {
      number: this.#ends.length,
      node,
      host,
      link,
      fingerprint: node.rng.bytes(32),
      peer: undefined,
      hasCandidate: false,
      isConnecting: false,
    }
    this.#ends.push(end)
    host.waitFor(link)
    if (isOfferer) this.#describe(end, 'offer')
  }

  #signalled(end: RtcEnd, signal: RtcSignal): void {
    if (signal.kind === 'candidate') {
      if (signal.candidate !== '') end.hasCandidate = true
    } else {
      const [, number = '', hex = ''] = DESCRIPTION.exec(signal.sdp) ?? []
      const fingerprint = fromHex(hex.replaceAll(':', '').toLowerCase())
      end.peer = { number: Number(number), fingerprint }
      if (signal.kind === 'offer') this.#describe(end, 'answer')
    }
    this.#connect(end)
  }

  #describe(end: RtcEnd, kind: 'offer' | 'answer'): void {
    const { node, host, link } = end
    const hex = (toHex(end.fingerprint).toUpperCase().match(/../g) ?? []).join(':')
    const sdp = `v=0\r\no=- ${end.number} 2 IN IP4 127.0.0.1\r\na=fingerprint:sha-256 ${hex}\r\n`
    const candidates = [CANDIDATE, ''].map(candidate => ({
      kind: 'candidate' as const,
      candidate,
      mid: '0',
    }))
    for (const signal of [{ kind, sdp }, ...candidates]) {
      node.world.after(0, () => node.enqueue(() => host.handSignal(link, signal)))
    }
  }

  /** Once both have what they need of each other; the one that heard last begins. */
  #connect(end: RtcEnd): void {
    const other = this.#ends[end.peer?.number ?? -1]
    if (other?.peer?.number !== end.number || end.isConnecting) return
    if (!end.hasCandidate || !other.hasCandidate) return
    const { world } = end.node
    if (!canPunch(end.node.nat, other.node.nat) || !world.canReach(end.node, other.node)) return
    end.isConnecting = true
    other.isConnecting = true
    const { latencyMs } = world.profileBetween(end.node, other.node)
    world.after(OPENING_LATENCIES * latencyMs, () => this.#join(end, other))
  }

  #join(one: RtcEnd, other: RtcEnd): void {
    if (![one, other].every(({ host, link }) => host.isWaiting(link))) return
    const [dialer, acceptor] = [one, other].map(({ node, host, link, fingerprint, peer }) => {
      const rtc = { own: fingerprint, peer: peer?.fingerprint ?? new Uint8Array(32) }
      return new HostEnd(node, host, link, { rtc })
    }) as [HostEnd, HostEnd]
    const link = one.node.world.connect(dialer, acceptor, () => other.link)
    one.host.linked(one.link, link, 'dialer')
    other.host.linked(other.link, link, 'acceptor')
    acceptor.enqueue(() => acceptor.opened())
  }
}

/** Whether hole punching opens a way between two NATs: a symmetric one shows each peer another port. */
export function canPunch(a: Nat, b: Nat): boolean {
  if (a === 'blocked' || b === 'blocked') return false
  const isStrict = (nat: Nat): boolean => nat === 'portRestricted' || nat === 'symmetric'
  return !(a === 'symmetric' && isStrict(b)) && !(b === 'symmetric' && isStrict(a))
}
