// This node's own record and onion keys: made anew when something in it changes, republished in time,
// sequence numbers strictly rising even after a clock went back (docs/PROTOCOL.md 2.2, 2.3, 6).
// Sends nothing: the parent publishes what `take` gives.

import { equalBytes } from '../../bytes/equal.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { createIdentity, wipeIdentity } from '../../identity/identity.ts'
import { jittered } from '../../link/jitter.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { OnionKeys } from '../../routing/onion-keys.ts'
import {
  CLOCK_SLACK_MS,
  RECORD_REPUBLISH_JITTER,
  RECORD_REPUBLISH_MS,
  RECORD_TTL_S,
} from '../../wire/limits.ts'
import type { NodeType, ServerEndpoint, SignedRecord } from '../../wire/record.ts'
import { decodeRecord, signRecord, verifyRecord } from '../../wire/record.ts'
import type { Revocation, SignedRevocation } from '../../wire/revocation.ts'
import { decodeRevocation, signRevocation, verifyRevocation } from '../../wire/revocation.ts'
import { PROTOCOL_VERSIONS } from '../config.ts'

export interface OwnRecordConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: Identity
  readonly type: NodeType
  readonly net: Uint8Array
  readonly endpoints: readonly ServerEndpoint[]
  /** Whether it carries circuits for others, until `setRelay` says otherwise. */
  readonly isRelay: boolean
  /** What of the network's clock to sign, and to judge records of ours, with; all of it unless given. */
  readonly recordTime?: (time: Time) => Time
}

export class OwnRecord {
  readonly onionKeys: OnionKeys
  readonly #config: OwnRecordConfig
  #servers: readonly Uint8Array[] = []
  #endpoints: readonly ServerEndpoint[]
  #isRelay: boolean
  #record: SignedRecord | undefined
  #lastSeq = 0
  #republishAt: number | undefined
  #isStale = true

  constructor(config: OwnRecordConfig, time: Time) {
    this.#config = config
    this.#endpoints = config.endpoints
    this.#isRelay = config.isRelay
    this.onionKeys = new OnionKeys(config.suite, config.random, time)
  }

  get publicKey(): Uint8Array {
    return this.#config.identity.publicKey
  }

  /** The servers that a client is attached to, as its record names them. */
  setServers(keys: readonly Uint8Array[]): void {
    const isSame =
      keys.length === this.#servers.length &&
      keys.every((key, index) => equalBytes(key, this.#servers[index] ?? key.subarray(1)))
    if (isSame) return
    this.#servers = keys
    this.#isStale = true
  }

  /** The addresses of a server, once they are known. */
  setEndpoints(endpoints: readonly ServerEndpoint[]): void {
    this.#endpoints = endpoints
    this.#isStale = true
  }

  /** Whether this node carries circuits for others from now on. */
  setRelay(isRelay: boolean): void {
    if (isRelay !== this.#isRelay) this.#isStale = true
    this.#isRelay = isRelay
  }

  /**
   * A registry says that it keeps this newer record of ours, from another life or a clock that was ahead:
   * the next one goes above it. What we did not sign, and what we know, moves nothing.
   * @returns whether there is something new to publish
   * @throws DecodeError
   */
  goAbove(time: Time, bytes: Uint8Array): boolean {
    const { suite, net } = this.#config
    const signed = decodeRecord(bytes)
    const { unixMs } = this.#recordTime(time)
    const expectation = { unixMs, net, expectedKey: this.publicKey }
    const { seq } = signed.record
    const isKnown = this.#record?.record.seq === seq && equalBytes(signed.bytes, this.#record.bytes)
    if (seq < this.#lastSeq || isKnown) return false
    if (verifyRecord(suite, signed, expectation) !== 'valid') return false
    this.#lastSeq = seq
    this.#isStale = true
    return true
  }

  /**
   * Signs the end of our key, in favour of the key of the seed `successor` if there is one.
   * @returns `undefined` when the key would succeed itself
   * @throws RangeError unless the seed has 32 bytes
   */
  revoke(time: Time, successor: Uint8Array | undefined): SignedRevocation | undefined {
    const { suite, identity, net } = this.#config
    const atMs = this.#recordTime(time).unixMs
    if (successor === undefined) return signRevocation(suite, identity, { net, atMs })
    const heir = createIdentity(suite, successor)
    try {
      if (heir.keyId === identity.keyId) return undefined
      return signRevocation(suite, identity, { net, atMs, successor: heir })
    } finally {
      wipeIdentity(heir)
    }
  }

  /**
   * A registry says that our key is revoked.
   * @returns the revocation, if we signed it
   * @throws DecodeError
   */
  revokedBy(time: Time, bytes: Uint8Array): Revocation | undefined {
    const { suite, net } = this.#config
    const signed = decodeRevocation(bytes)
    const { unixMs } = this.#recordTime(time)
    const expectation = { unixMs, net, expectedKey: this.publicKey }
    return verifyRevocation(suite, signed, expectation) === 'valid' ? signed.revocation : undefined
  }

  /** @returns whether the record must be published again */
  timeout(time: Time): boolean {
    if (this.onionKeys.advance(time)) this.#isStale = true
    if (this.#republishAt !== undefined && time.now >= this.#republishAt) this.#isStale = true
    return this.#isStale
  }

  /**
   * The record as it stands; made anew when the last one is stale. `time.unixMs` is the network's clock.
   * @throws RangeError when the node was configured with more than a record holds
   */
  take(time: Time): SignedRecord {
    // The network's clock may just have jumped past the life of a key.
    if (this.onionKeys.advance(time)) this.#isStale = true
    if (this.#record !== undefined && !this.#isStale) return this.#record
    const { suite, identity, type, net } = this.#config
    const { unixMs } = this.#recordTime(time)
    this.#lastSeq = this.#nextSeq(unixMs)
    this.#record = signRecord(suite, identity, {
      type,
      seq: this.#lastSeq,
      ttlS: RECORD_TTL_S,
      seenMs: unixMs,
      net,
      endpoints: this.#endpoints,
      servers: this.#servers,
      links: [],
      relay: this.#isRelay ? 1 : 0,
      onion: this.onionKeys.entries(),
      meta: new Map(),
      versions: PROTOCOL_VERSIONS,
    })
    this.#isStale = false
    this.#republishAt = time.now + this.#republishDelayMs()
    return this.#record
  }

  nextTimeout(): number {
    return Math.min(this.#republishAt ?? Number.POSITIVE_INFINITY, this.onionKeys.nextTimeout())
  }

  /** Spread, so that nodes that started together do not publish together for ever. */
  #republishDelayMs(): number {
    return jittered(this.#config.random, RECORD_REPUBLISH_MS, RECORD_REPUBLISH_JITTER)
  }

  #recordTime(time: Time): Time {
    return this.#config.recordTime?.(time) ?? time
  }

  #nextSeq(unixMs: number): number {
    // From a clock that was far ahead: honest servers refuse the like of it, so rising above it is no use.
    if (this.#lastSeq >= unixMs + CLOCK_SLACK_MS) return unixMs
    return Math.max(this.#lastSeq + 1, unixMs)
  }
}
