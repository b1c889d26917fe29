// The shapes of the public vector files that keymesh's crypto runs, as parsed JSON (one is lines of
// text). Only the fields that are read. load-vectors.ts reads them in Node; a browser test is handed them.

export interface VectorFiles {
  readonly x25519: WycheproofFile<{ public: string; private: string; shared: string }>
  readonly chachaPoly: WycheproofFile<AeadVector>
  readonly hkdf: WycheproofFile<HkdfVector>
  readonly hmac: WycheproofFile<{ key: string; msg: string; tag: string }>
  readonly ed25519: WycheproofFile<{ msg: string; sig: string }, { publicKey: { pk: string } }>
  readonly speccheck: readonly { message: string; pub_key: string; signature: string }[]
  readonly zip215: readonly { vk_bytes: string; sig_bytes: string }[]
  readonly consensusSplit: {
    message: string
    pub_key: string
    signature: string
    rule_k: boolean
  }
  /** Lines of `seed+public:public:message:signature+message:`. */
  readonly signInput: string
  readonly edToX: { readonly vectors: readonly ConversionVector[] }
  readonly cacophony: NoiseFile
  readonly snow: NoiseFile
}

export interface WycheproofFile<Vector, Group = unknown> {
  readonly testGroups: readonly (Group & {
    readonly tests: readonly (Vector & {
      readonly tcId: number
      readonly result: 'valid' | 'invalid' | 'acceptable'
    })[]
  })[]
}

export interface AeadVector {
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
}

export interface HkdfVector {
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly size: number
  readonly okm: string
}

export interface ConversionVector {
  readonly ed25519_seed: string
  readonly ed25519_public: string
  readonly x25519_private: string
  readonly x25519_public: string
}

export interface NoiseFile {
  readonly vectors: readonly NoiseVector[]
}

export interface NoiseVector {
  readonly protocol_name: string
  readonly init_prologue: string
  readonly init_ephemeral: string
  readonly init_static?: string
  readonly init_remote_static?: string
  readonly resp_prologue: string
  readonly resp_ephemeral?: string
  readonly resp_static?: string
  readonly resp_remote_static?: string
  readonly handshake_hash?: string
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[]
}
