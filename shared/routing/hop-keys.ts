// The key schedule of one hop (docs/PROTOCOL.md 6): 144 bytes from the static exchange (es) for SETUP
// and ACK, 96 bytes from es and the ephemeral exchange (ee) for data. Origin and hop derive the same.

import { concat } from '../bytes/concat.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { wipe } from '../bytes/wipe.ts'
import { hkdf } from '../crypto/kdf.ts'
import type { CryptoSuite } from '../crypto/suite.ts'

const SETUP_INFO = utf8Encode('keymesh/onion/1 setup')
const DATA_INFO = utf8Encode('keymesh/onion/1 data')

export interface SetupKeys {
  readonly mac: Uint8Array
  readonly stream: Uint8Array
  readonly ackMac: Uint8Array
  readonly ackStream: Uint8Array
  /** 16 bytes, not secret: what the replay cache remembers. */
  readonly replayTag: Uint8Array
}

/** Keys of one hop while its circuit lives, 32 bytes each. */
export interface DataKeys {
  readonly forward: Uint8Array
  readonly fill: Uint8Array
  readonly backward: Uint8Array
}

/** `es`: shared secret of X and the onion key `onionPublic` of the hop `id`. */
export function deriveSetupKeys(
  suite: CryptoSuite,
  es: Uint8Array,
  id: Uint8Array,
  onionPublic: Uint8Array,
  ephemeral: Uint8Array,
): SetupKeys {
  const salt = concat(id, onionPublic, ephemeral)
  const okm = hkdf(suite, { ikm: es, salt, info: SETUP_INFO, length: 144 })
  const keys = {
    mac: okm.slice(0, 32),
    stream: okm.slice(32, 64),
    ackMac: okm.slice(64, 96),
    ackStream: okm.slice(96, 128),
    replayTag: okm.slice(128, 144),
  }
  wipe(okm)
  return keys
}

/** `x` and `y`: the public ephemerals of the origin and of the hop. */
export function deriveDataKeys(
  suite: CryptoSuite,
  es: Uint8Array,
  ee: Uint8Array,
  x: Uint8Array,
  y: Uint8Array,
): DataKeys {
  const ikm = concat(es, ee)
  const okm = hkdf(suite, { ikm, salt: concat(x, y), info: DATA_INFO, length: 96 })
  const keys = { forward: okm.slice(0, 32), fill: okm.slice(32, 64), backward: okm.slice(64, 96) }
  wipe(ikm, okm)
  return keys
}

export function wipeSetupKeys(keys: SetupKeys): void {
  wipe(keys.mac, keys.stream, keys.ackMac, keys.ackStream)
}

export function wipeDataKeys(keys: DataKeys): void {
  wipe(keys.forward, keys.fill, keys.backward)
}
