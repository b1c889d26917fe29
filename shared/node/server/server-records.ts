// What this server remembers of others that it has met or looked up: where they are dialed, and what its
// clients need to lead circuits over them.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Contact } from '../../dht/contact.ts'
import { contactOf } from '../../dht/contact.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import { MAX_REMEMBERED_SERVERS } from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord } from '../../wire/record.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf, tryParseServerUrl } from '../address/server-url.ts'
import { liveOnionKey } from '../onion-key-choice.ts'
import { RememberedServers } from '../registry/remembered-servers.ts'

export class ServerRecords {
  readonly #suite: CryptoSuite
  readonly #remembered: RememberedServers

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#remembered = new RememberedServers(suite, net, MAX_REMEMBERED_SERVERS)
  }

  /** Takes what a server says of itself. @returns the record, if it is valid and that server's own */
  learnBytes(unixMs: number, key: KeyId, bytes: Uint8Array): SignedRecord | undefined {
    return this.#remembered.offer(unixMs, bytes, one => one === key)
  }

  /** @param signed known to be valid */
  learn(signed: SignedRecord): void {
    this.#remembered.learn(signed)
  }

  /** One that circuits can still be made with. */
  get(unixMs: number, key: KeyId): SignedRecord | undefined {
    const known = this.#remembered.get(unixMs, key)
    return known && liveOnionKey(known.record, unixMs) && known
  }

  contact(unixMs: number, key: KeyId): Contact | undefined {
    const known = this.#remembered.get(unixMs, key)
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
}
