// The records a server keeps for the clients attached to it (docs/PROTOCOL.md 2.3): who may publish,
// which record wins, caps and expiry. When it is full, who left first makes way, so throwaway keys keep
// nobody out. In memory, written through to the host's store. Not distributed.

import type { CborMap } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { equalBytes } from '../bytes/equal.ts'
import { toHex } from '../bytes/hex.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { MAX_RECORDS, RECORD_FULL_SWEEP_MS, RECORD_SWEEP_MS } from '../wire/limits.ts'
import type { RecordExpectation, SignedRecord } from '../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../wire/record.ts'
import { EMPTY_BODY, foundBody, readFindBody, readRecordBody } from '../wire/registry-bodies.ts'
import type { RpcErrorCode } from '../wire/rpc-messages.ts'
import { Departures } from './departures.ts'

export const RECORD_PREFIX = 'record/'

export interface RegistryEffect {
  readonly kind: 'save'
  readonly key: string
  readonly value: Uint8Array | undefined
}

export type RegistryAnswer =
  | { readonly kind: 'ok'; readonly body: CborMap }
  | { readonly kind: 'error'; readonly code: RpcErrorCode; readonly hint: string }

interface Kept {
  readonly bytes: Uint8Array
  readonly seq: number
  readonly expiresMs: number
}

export class Registry {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #kept = new Map<KeyId, Kept>()
  readonly #departures = new Departures()
  readonly #effects = new EffectQueue<RegistryEffect>()
  #isStorageWorking = true
  #sweepAt: number | undefined
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  get size(): number {
    return this.#kept.size
  }

  /**
   * Takes back what an earlier life saved. A damaged or expired value is dropped from the store; one of the
   * future only waits there, as it is our clock that is wrong after a start without one.
   */
  restore(time: Time, key: string, value: Uint8Array): void {
    const signed = tryDecode(value)
    if (signed === undefined || key !== storeKeyOf(signed.record.key)) {
      this.#effects.push({ kind: 'save', key, value: undefined })
      return
    }
    const verdict = verifyRecord(this.#suite, signed, this.#expectation(time))
    if (verdict === 'valid' && this.#kept.size < MAX_RECORDS) this.#keep(time, signed)
    else if (verdict !== 'future') this.#effects.push({ kind: 'save', key, value: undefined })
  }

  /** A link of this key is open. */
  attached(key: KeyId): void {
    this.#departures.attached(key)
  }

  /** A link of this key has closed; once all have, its record may have to make way. */
  detached(key: KeyId): void {
    this.#departures.detached(key, this.#kept.has(key))
  }

  /** While storage fails nothing new is promised; what is kept is served on. */
  storageChanged(isWorking: boolean): void {
    this.#isStorageWorking = isWorking
  }

  /** Method `publish`: a client's own record, over its own link. Cheap checks come first. @throws DecodeError */
  publish(time: Time, publisher: KeyId, body: CborMap): RegistryAnswer {
    const signed = decodeRecord(readRecordBody(body))
    const owner = keyIdOf(signed.record.key)
    if (owner !== publisher)
      return refusal('INVALID_RECORD', 'a link publishes its own record only')
    const known = this.#kept.get(owner)
    if (known !== undefined) {
      if (signed.record.seq < known.seq) return refusal('SEQ_TOO_LOW', 'a newer record is kept')
      if (signed.record.seq === known.seq) {
        return equalBytes(signed.bytes, known.bytes)
          ? { kind: 'ok', body: EMPTY_BODY }
          : refusal('SEQ_REUSED', 'another record with this sequence number is kept')
      }
    }
    if (!this.#isStorageWorking) return refusal('STORAGE', 'the server cannot write to its disk')
    if (known === undefined && !this.#hasRoom(time)) {
      return refusal('QUOTA', `the server keeps ${MAX_RECORDS} records, try again later`)
    }
    const verdict = verifyRecord(this.#suite, signed, this.#expectation(time))
    if (verdict !== 'valid') return refusal('INVALID_RECORD', verdict)
    if (known === undefined) this.#makeRoom()
    this.#keep(time, signed)
    this.#effects.push({ kind: 'save', key: storeKeyOf(signed.record.key), value: signed.bytes })
    return { kind: 'ok', body: EMPTY_BODY }
  }

  /** Method `find`: the record of a key, or null. @throws DecodeError */
  find(time: Time, body: CborMap): RegistryAnswer {
    const kept = this.#kept.get(keyIdOf(readFindBody(body)))
    const isLive = kept !== undefined && kept.expiresMs > time.unixMs
    return { kind: 'ok', body: foundBody(isLive ? kept.bytes : undefined) }
  }

  timeout(time: Time): void {
    if (this.#sweepAt !== undefined && time.now >= this.#sweepAt) this.#sweep(time)
  }

  poll(): RegistryEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return this.#sweepAt
  }

  #keep(time: Time, signed: SignedRecord): void {
    const owner = keyIdOf(signed.record.key)
    this.#departures.kept(owner)
    this.#kept.set(owner, {
      // A copy: the received bytes are a view into a larger network buffer.
      bytes: signed.bytes.slice(),
      seq: signed.record.seq,
      expiresMs: recordExpiryMs(signed.record),
    })
    this.#sweepAt ??= time.now + RECORD_SWEEP_MS
  }

  /**
   * Whether there is room for one more, or can be made. A full table is searched for expired records seldom:
   * that costs more than what a stranger pays for it.
   */
  #hasRoom(time: Time): boolean {
    if (this.#kept.size < MAX_RECORDS) return true
    if (time.now >= this.#sweptAt + RECORD_FULL_SWEEP_MS) this.#sweep(time)
    return this.#kept.size < MAX_RECORDS || this.#departures.hasAny
  }

  /** Only once the newcomer's record is known to be valid. */
  #makeRoom(): void {
    if (this.#kept.size < MAX_RECORDS) return
    const oldest = this.#departures.takeOldest()
    if (oldest !== undefined) this.#drop(oldest)
  }

  #drop(key: KeyId): void {
    this.#kept.delete(key)
    this.#departures.dropped(key)
    this.#effects.push({ kind: 'save', key: storeKeyOf(publicKeyOf(key)), value: undefined })
  }

  #expectation({ unixMs }: Time): RecordExpectation {
    return { unixMs, net: this.#net }
  }

  #sweep(time: Time): void {
    this.#sweptAt = time.now
    for (const [key, kept] of this.#kept) {
      if (kept.expiresMs <= time.unixMs) this.#drop(key)
    }
    this.#sweepAt = this.#kept.size === 0 ? undefined : time.now + RECORD_SWEEP_MS
  }
}

function storeKeyOf(publicKey: Uint8Array): string {
  return RECORD_PREFIX + toHex(publicKey)
}

function tryDecode(bytes: Uint8Array): SignedRecord | undefined {
  try {
    return decodeRecord(bytes)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function refusal(code: RpcErrorCode, hint: string): RegistryAnswer {
  return { kind: 'error', code, hint }
}
