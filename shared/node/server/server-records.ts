// Records of other servers that this one has met or looked up: where they are dialed, and what its clients
// need to lead circuits over them. A memory, not the registry: what is not here is looked up.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Contact } from '../../dht/contact.ts'
import { contactOf } from '../../dht/contact.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import { MAX_REMEMBERED_SERVERS } from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord, recordExpiryMs, verifyRecord } from '../../wire/record.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import type { ServerUrl } from '../server-url.ts'
import { originOf, tryParseServerUrl } from '../server-url.ts'
import { tryDecode } from '../try-decode.ts'

export class ServerRecords {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #records = new LruMap<KeyId, SignedRecord>(MAX_REMEMBERED_SERVERS)

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** Takes what a server says of itself. @returns the record, if it is valid and that server's own */
  learnBytes(unixMs: number, key: KeyId, bytes: Uint8Array): SignedRecord | undefined {
    const signed = tryDecode(() => decodeRecord(bytes))
    if (signed?.record.type !== 'server') return undefined
    const expectedKey = publicKeyOf(key)
    const verdict = verifyRecord(this.#suite, signed, { unixMs, net: this.#net, expectedKey })
    if (verdict !== 'valid') return undefined
    // A copy: the received bytes are a view into a larger network buffer.
    const copy = decodeRecord(bytes.slice())
    this.learn(copy)
    return copy
  }

  /** @param signed known to be valid */
  learn(signed: SignedRecord): void {
    if (signed.record.type !== 'server') return
    const key = keyIdOf(signed.record.key)
    const known = this.#records.peek(key)
    if (known === undefined || known.record.seq < signed.record.seq) this.#records.set(key, signed)
  }

  /** One that circuits can still be made with. */
  get(unixMs: number, key: KeyId): SignedRecord | undefined {
    const known = this.#live(unixMs, key)
    return known && liveOnionKey(known.record, unixMs) && known
  }

  contact(unixMs: number, key: KeyId): Contact | undefined {
    const known = this.#live(unixMs, key)
    return known && this.contactOf(known)
  }

  /** Where a server can be dialed, by its own word: the first address that is one, TLS before none. */
  contactOf({ record }: SignedRecord): Contact | undefined {
    const urls = record.endpoints.flatMap(({ url }) => tryParseServerUrl(url) ?? [])
    const url = urls.find(({ scheme }) => scheme === 'wss') ?? urls[0]
    return url && contactOf(this.#suite, record.key, originOf(url))
  }

  /** Where a server can be dialed by what somebody else says: nothing in it was verified. */
  contactOfBytes(bytes: Uint8Array): Contact | undefined {
    const signed = tryDecode(() => decodeRecord(bytes))
    return signed?.record.type === 'server' ? this.contactOf(signed) : undefined
  }

  contactAt(key: KeyId, url: ServerUrl): Contact {
    return contactOf(this.#suite, publicKeyOf(key), originOf(url))
  }

  #live(unixMs: number, key: KeyId): SignedRecord | undefined {
    const known = this.#records.get(key)
    return known && recordExpiryMs(known.record) > unixMs ? known : undefined
  }
}
