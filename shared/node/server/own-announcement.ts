// Keeps this server's own newest record in the registry (docs/PROTOCOL.md 2.3): each one that is made anew, and
// above whatever an earlier life, or a clock that was ahead, left there. Sends nothing itself.

import type { Dht } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { OwnRecord } from '../registry/own-record.ts'

export class OwnAnnouncement {
  readonly #ownRecord: OwnRecord
  readonly #dht: Dht
  readonly #key: KeyId
  /** Of the record that others know. */
  #seq: number | undefined

  constructor(ownRecord: OwnRecord, dht: Dht) {
    this.#ownRecord = ownRecord
    this.#dht = dht
    this.#key = keyIdOf(ownRecord.publicKey)
  }

  /** For the first time. */
  start(time: Time): void {
    this.#publish(time)
  }

  /** @returns the record, if there is a new one since the last that was announced */
  renew(time: Time): Uint8Array | undefined {
    const hasStarted = this.#seq !== undefined
    const isNew = this.#ownRecord.take(time).record.seq !== this.#seq
    return hasStarted && isNew ? this.#publish(time) : undefined
  }

  /** A value that the registry keeps. @returns our record above it, if it is one of ours that we do not know */
  outdo(time: Time, key: KeyId, value: RegistryValue): Uint8Array | undefined {
    if (key !== this.#key || value.kind !== 'record') return undefined
    return this.#ownRecord.goAbove(time, value.signed.bytes) ? this.renew(time) : undefined
  }

  #publish(time: Time): Uint8Array {
    const signed = this.#ownRecord.take(time)
    this.#seq = signed.record.seq
    const verdict = this.#dht.offer(time, signed.bytes, 'record', {
      isHome: true,
      source: this.#key,
    })
    const kept = typeof verdict === 'string' ? undefined : this.#dht.findNow(time, this.#key)
    const isOutdone = kept?.kind === 'record' && this.#ownRecord.goAbove(time, kept.signed.bytes)
    return isOutdone ? this.#publish(time) : signed.bytes
  }
}
