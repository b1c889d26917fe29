// Tells who asks by UDP from which address it is seen (docs/PROTOCOL.md 3.7): a STUN binding responder, over IPv4 and
// IPv6. One socket for each address of this machine: from one for all of them the system would choose by which address
// an answer goes out, and a NAT lets in only what comes from where the question went. Keeps nothing of those who ask
// but the rates of their networks, and says nothing to what is no good request.

import type { RemoteInfo, Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { tryDecode } from '../../shared/bytes/try-decode.ts'
import { TokenBucket } from '../../shared/machine/token-bucket.ts'
import { TokenBuckets } from '../../shared/machine/token-buckets.ts'
import * as limits from '../../shared/wire/limits.ts'
import type { BindingRequest, TransportAddress } from '../../shared/wire/stun.ts'
import {
  decodeBindingRequest,
  encodeBindingAnswer,
  looksLikeBindingRequest,
} from '../../shared/wire/stun.ts'
import { parseAddress } from './address.ts'

export interface StunOptions {
  /** 0 takes any free one, the same on all addresses. */
  readonly port: number
  /** The addresses of this machine to be asked at, as they are now; the first STUN_MAX_ADDRESSES count. */
  readonly addresses: () => readonly string[]
  /** False where all who ask share an address, as in tests: then only the rate of all together counts. */
  readonly limitsNetworks?: boolean
}

/** Datagrams since the start. */
export interface StunStats {
  /** Told an address. */
  readonly answered: number
  /** Told that they ask for something unknown. */
  readonly refused: number
  /** Good ones over a rate, or while the system takes no answers. */
  readonly limited: number
  /** No good requests. */
  readonly ignored: number
}

export class StunResponder {
  readonly #options: StunOptions
  readonly #networks: TokenBuckets<string>
  readonly #all: TokenBucket
  /** By address; also those that are being bound. */
  readonly #sockets = new Map<string, Socket>()
  readonly #stats = { answered: 0, refused: 0, limited: 0, ignored: 0 }
  #port: number
  #isClosed = false

  constructor(options: StunOptions) {
    const { STUN_PER_NETWORK_PER_S, STUN_PER_NETWORK_BURST, STUN_PER_S, STUN_BURST } = limits
    this.#options = options
    this.#port = options.port
    const ofNetwork = { perSecond: STUN_PER_NETWORK_PER_S, burst: STUN_PER_NETWORK_BURST }
    this.#networks = new TokenBuckets(ofNetwork, limits.STUN_MAX_NETWORKS)
    this.#all = new TokenBucket({ perSecond: STUN_PER_S, burst: STUN_BURST }, performance.now())
  }

  get stats(): StunStats {
    return { ...this.#stats }
  }

  /**
   * To be called once. An address that the system does not give yet is left to `refresh`.
   * @returns the port
   * @throws the system's error, with its `code`, when the port is taken on one address or cannot be had on any;
   *   nothing is open then
   */
  async open(): Promise<number> {
    let failure: unknown
    for (const address of this.#wanted()) {
      try {
        await this.#bind(address)
      } catch (error) {
        if (isTaken(error)) this.close()
        failure ??= error
      }
      if (this.#isClosed) break
    }
    if (!this.#isClosed && this.#sockets.size > 0) return this.#port
    this.close()
    throw failure ?? new Error('there is no address to listen on')
  }

  /** The machine may have other addresses than before: follows them. What cannot be bound is tried the next time. */
  refresh(): void {
    if (this.#isClosed) return
    const wanted = this.#wanted()
    for (const [address, socket] of this.#sockets) {
      if (wanted.includes(address)) continue
      this.#sockets.delete(address)
      socket.close()
    }
    for (const address of wanted) {
      if (!this.#sockets.has(address)) this.#bind(address).catch(() => {})
    }
  }

  /** Nothing is answered any more, and the port is free. Safe to call again. */
  close(): void {
    this.#isClosed = true
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  #wanted(): readonly string[] {
    return this.#options.addresses().slice(0, limits.STUN_MAX_ADDRESSES)
  }

  /** @throws the system's error */
  #bind(address: string): Promise<void> {
    const socket = address.includes(':')
      ? createSocket({ type: 'udp6', ipv6Only: true })
      : createSocket('udp4')
    this.#sockets.set(address, socket)
    socket.unref()
    socket.on('message', (bytes, from) => this.#onDatagram(socket, bytes, from))
    return new Promise((resolve, reject) => {
      let isBound = false
      // Also later, of single datagrams: without a listener an error would end the process.
      socket.on('error', error => {
        reject(error)
        if (isBound || this.#sockets.get(address) !== socket) return
        this.#sockets.delete(address)
        socket.close()
      })
      socket.on('close', () => resolve())
      socket.bind({ address, port: this.#port, exclusive: true }, () => {
        isBound = true
        this.#port = socket.address().port
        resolve()
      })
    })
  }

  /** What costs least to know comes first: a flood must cost little more than the system calls that take it. */
  #onDatagram(socket: Socket, bytes: Uint8Array, from: RemoteInfo): void {
    const ip = looksLikeBindingRequest(bytes) ? parseAddress(from.address) : undefined
    if (this.#isClosed || ip === undefined || from.port === 0) {
      this.#stats.ignored += 1
      return
    }
    if (!this.#isWithinRates(ip) || socket.getSendQueueSize() > limits.STUN_MAX_QUEUED_BYTES) {
      this.#stats.limited += 1
      return
    }
    const request = tryDecode(() => decodeBindingRequest(bytes))
    if (request === undefined) {
      this.#stats.ignored += 1
      return
    }
    this.#stats[request.unknownAttributes.length > 0 ? 'refused' : 'answered'] += 1
    const answer = answerTo(request, { ip: bytesOf(ip), port: from.port })
    // What did not go out is asked for again.
    socket.send(answer, from.port, from.address, () => {})
  }

  #isWithinRates(ip: readonly number[]): boolean {
    const now = performance.now()
    const network = this.#options.limitsNetworks === false ? undefined : networkOf(ip)
    return this.#networks.take(now, network) && this.#all.take(now)
  }
}

/** @param from where the request came from */
function answerTo(request: BindingRequest, from: TransportAddress): Uint8Array {
  const { unknownAttributes: types } = request
  return encodeBindingAnswer(
    types.length > 0
      ? { ...request, kind: 'unknownAttributes', types }
      : { ...request, kind: 'success', address: from },
  )
}

/** IPv4 /24, IPv6 /48; private and loopback ones too: one machine must not keep a LAN from being answered. */
function networkOf(ip: readonly number[]): string {
  return ip.slice(0, 3).join(ip.length === 4 ? '.' : ':')
}

/** @param ip 4 bytes, or 8 groups of 16 bits */
function bytesOf(ip: readonly number[]): Uint8Array {
  const bytes = ip.length === 4 ? ip : ip.flatMap(group => [group >> 8, group & 0xff])
  return Uint8Array.from(bytes)
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
