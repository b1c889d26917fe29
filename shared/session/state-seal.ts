// Seals what a node keeps on its device between two lives (docs/PROTOCOL.md 7.7), under keys from its identity's
// seed. Each life seals under a key of its own, made with fresh randomness: a store that was copied, set back or
// has lost writes can never make two lives use one key and counter. Knows neither stores nor contents.

import { concat } from '../bytes/concat.ts'
import { equalBytes } from '../bytes/equal.ts'
import { toHex } from '../bytes/hex.ts'
import { Reader } from '../bytes/reader.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { wipe } from '../bytes/wipe.ts'
import { Writer } from '../bytes/writer.ts'
import { hkdf } from '../crypto/kdf.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'

const SALT_BYTES = 32
const NAME_BYTES = 16
const NAMES = utf8Encode('keymesh/saved/1 names')
const LIFE = utf8Encode('keymesh/saved/1 life')

interface LifeKey {
  readonly salt: Uint8Array
  readonly key: Uint8Array
}

export class StateSeal {
  readonly #suite: CryptoSuite
  readonly #seed: Uint8Array
  readonly #nameKey: Uint8Array
  readonly #own: LifeKey
  /** Of the life whose values were opened last. */
  #former: LifeKey | undefined
  #counter = 0

  /** Keeps a copy of `seed` until it is wiped. */
  constructor(suite: CryptoSuite, random: RandomBytes, seed: Uint8Array) {
    this.#suite = suite
    this.#seed = seed.slice()
    this.#nameKey = this.#derive(new Uint8Array(0), NAMES)
    this.#own = this.#lifeKey(random(SALT_BYTES))
  }

  /** A name for `secret` that says nothing to who has only the store: 32 hex digits, the same in every life. */
  nameOf(secret: Uint8Array): string {
    return toHex(this.#suite.hmac(this.#nameKey, secret).subarray(0, NAME_BYTES))
  }

  /** `salt 32 | u64 counter | ciphertext and tag`; bound to `name`. */
  seal(name: string, plaintext: Uint8Array): Uint8Array {
    const counter = this.#counter++
    const head = new Writer(SALT_BYTES + 8).bytes(this.#own.salt).u64(counter).finish()
    return concat(head, this.#suite.seal(this.#own.key, counter, utf8Encode(name), plaintext))
  }

  /** @returns `undefined` for what was not sealed under this seed and name */
  open(name: string, sealed: Uint8Array): Uint8Array | undefined {
    return tryDecode(() => {
      const reader = new Reader(sealed)
      const { key } = this.#formerKey(reader.bytes(SALT_BYTES))
      const counter = reader.u64()
      return this.#suite.open(key, counter, utf8Encode(name), reader.rest())
    })
  }

  wipe(): void {
    wipe(this.#seed, this.#nameKey, this.#own.key)
    this.forgetFormer()
  }

  /** Call when everything that earlier lives kept was opened. */
  forgetFormer(): void {
    if (this.#former !== undefined) wipe(this.#former.key)
    this.#former = undefined
  }

  #formerKey(salt: Uint8Array): LifeKey {
    if (this.#former !== undefined && equalBytes(this.#former.salt, salt)) return this.#former
    this.forgetFormer()
    this.#former = this.#lifeKey(salt.slice())
    return this.#former
  }

  #lifeKey(salt: Uint8Array): LifeKey {
    return { salt, key: this.#derive(salt, LIFE) }
  }

  #derive(salt: Uint8Array, info: Uint8Array): Uint8Array {
    return hkdf(this.#suite, { ikm: this.#seed, salt, info, length: KEY_LENGTH })
  }
}
