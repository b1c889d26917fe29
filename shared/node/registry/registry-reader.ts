// Judges what our servers say of a key (docs/PROTOCOL.md 2.3, 4): nothing is believed that the key, or the
// servers it names, did not sign. Asks nobody, and keeps only the records of servers.

import type { CborMap } from '../../bytes/cbor.ts'
import { equalBytes } from '../../bytes/equal.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import { MAX_KNOWN_SERVERS } from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { readFindAnswer } from '../../wire/registry-bodies.ts'
import type { RegistryValue, ValueBytes } from '../../wire/registry-value.ts'
import { decodeValue, newerOf, verifyValue } from '../../wire/registry-value.ts'
import { RememberedServers } from './remembered-servers.ts'

/** What an answer of `find` or `watch` comes to. */
export interface Finding {
  /** The better one of it and what was known; `undefined` without either. */
  readonly value: RegistryValue | undefined
  /** The server has searched to the end. */
  readonly isFinal: boolean
  readonly isOnline: boolean | undefined
}

export class RegistryReader {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #servers: RememberedServers

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
    this.#servers = new RememberedServers(suite, net, MAX_KNOWN_SERVERS)
  }

  /** @returns `undefined` for an answer that makes no sense, or offers what is not valid */
  answer(
    unixMs: number,
    key: KeyId,
    body: CborMap,
    known: RegistryValue | undefined,
  ): Finding | undefined {
    const answer = tryDecode(() => readFindAnswer(body))
    if (answer === undefined) return undefined
    const { value: offered, isFinal, isOnline, servers } = answer
    if (offered === undefined) return { value: known, isFinal, isOnline }
    const value = this.value(unixMs, key, offered, known)
    if (value === undefined) return undefined
    const expected = new Set(serverKeysOf(value).map(keyIdOf))
    for (const bytes of servers) this.#servers.offer(unixMs, bytes, one => expected.has(one))
    return { value, isFinal, isOnline }
  }

  /** @returns the better one of `offered` and `known`; `undefined` when `offered` is not valid */
  value(
    unixMs: number,
    key: KeyId,
    offered: ValueBytes,
    known: RegistryValue | undefined,
  ): RegistryValue | undefined {
    if (known !== undefined && equalBytes(known.signed.bytes, offered.bytes)) return known
    // A copy: the received bytes are a view into a larger network buffer.
    const value = tryDecode(() => decodeValue({ ...offered, bytes: offered.bytes.slice() }))
    if (value === undefined) return undefined
    const expectation = { unixMs, net: this.#net, expectedKey: publicKeyOf(key) }
    if (verifyValue(this.#suite, value, expectation) !== 'valid') return undefined
    if (value.kind === 'record') this.#servers.learn(value.signed)
    return known === undefined ? value : newerOf(known, value)
  }

  /** The records of the servers that `value` names, as far as they are known and valid. */
  serversOf(unixMs: number, value: RegistryValue): NodeRecord[] {
    const keys = serverKeysOf(value).map(keyIdOf)
    return keys.flatMap(key => this.#servers.get(unixMs, key)?.record ?? [])
  }
}

function serverKeysOf(value: RegistryValue): readonly Uint8Array[] {
  return value.kind === 'record' ? value.signed.record.servers : []
}
