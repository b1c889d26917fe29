// ACK: the answer to a SETUP (docs/PROTOCOL.md 6). The end makes it, each relay wraps it once in its
// setup key stream and puts its own ephemeral in front, the origin peels all layers. The one key stream
// is used once: a circuit carries exactly one ACK, and the caller destroys it at a second.

import { concat } from '../bytes/concat.ts'
import { equalBytes } from '../bytes/equal.ts'
import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { DataKeys } from './hop-keys.ts'
import { deriveDataKeys, wipeDataKeys } from './hop-keys.ts'
import { ACK_BODY_STREAM, MAC, POINT, SLOT, SLOTS, SMALL_BODY } from './onion-layout.ts'
import type { HopSecrets, OriginHop } from './onion-setup.ts'
import { decodeDataField, encodeDataField } from './setup-block.ts'

const RELAY_DOMAIN = Uint8Array.of(1)
const END_DOMAIN = Uint8Array.of(2)

export interface MadeAck {
  /** 1,016 bytes for the hop before. */
  readonly body: Uint8Array
  readonly dataKeys: DataKeys
}

export interface PeeledAck {
  readonly data: Uint8Array
  /** One per hop, first hop first. */
  readonly dataKeys: readonly DataKeys[]
}

/**
 * At the end. Takes from `random`: 32 bytes (the ephemeral private key), 192 bytes (empty slots).
 * @returns `undefined` when X gives an all-zero secret.
 * @throws RangeError for more than 774 bytes of data.
 */
export function createAck(
  suite: CryptoSuite,
  random: RandomBytes,
  secrets: HopSecrets,
  data: Uint8Array,
): MadeAck | undefined {
  const agreed = agree(suite, random, secrets)
  if (agreed === undefined) return undefined
  const epsilon = encodeDataField(data, ACK_BODY_STREAM - SLOTS)
  const c = suite.xorStream(secrets.keys.ackStream, 0, 0, concat(random(SLOTS), epsilon))
  return seal(suite, END_DOMAIN, secrets, agreed, c)
}

/**
 * At a relay, with the body that the next hop sent. Takes from `random`: 32 bytes.
 * @returns `undefined` for a wrong size or an all-zero secret. What is inside only the origin can judge.
 */
export function wrapAck(
  suite: CryptoSuite,
  random: RandomBytes,
  secrets: HopSecrets,
  body: Uint8Array,
): MadeAck | undefined {
  if (body.length !== SMALL_BODY) return undefined
  const agreed = agree(suite, random, secrets)
  if (agreed === undefined) return undefined
  const shifted = concat(body.subarray(0, SLOTS), body.subarray(SLOTS + SLOT))
  const c = suite.xorStream(secrets.keys.ackStream, 0, 0, shifted)
  return seal(suite, RELAY_DOMAIN, secrets, agreed, c)
}

/** At the origin. @returns `undefined` unless every hop's layer is authentic. */
export function peelAck(
  suite: CryptoSuite,
  hops: readonly OriginHop[],
  body: Uint8Array,
): PeeledAck | undefined {
  if (body.length !== SMALL_BODY) return undefined
  const dataKeys: DataKeys[] = []
  let layer = body
  for (const hop of hops) {
    const isEnd = dataKeys.length === hops.length - 1
    const peeled = peelLayer(suite, hop, isEnd, layer)
    if (peeled === undefined) break
    dataKeys.push(peeled.dataKeys)
    layer = peeled.plain
    if (!isEnd) layer = concat(layer.subarray(0, SLOTS), EMPTY_SLOT, layer.subarray(SLOTS))
  }
  const isWhole = dataKeys.length === hops.length
  const data = isWhole ? decodeDataField(layer.subarray(SLOTS)) : undefined
  if (data === undefined) for (const keys of dataKeys) wipeDataKeys(keys)
  return data && { data, dataKeys }
}

/** Stands for the slot that fell off at a relay: no later layer reads it. */
const EMPTY_SLOT = new Uint8Array(SLOT)

interface Agreed {
  readonly y: Uint8Array
  readonly dataKeys: DataKeys
}

function agree(suite: CryptoSuite, random: RandomBytes, secrets: HopSecrets): Agreed | undefined {
  const yPrivate = random(KEY_LENGTH)
  const ee = suite.dh(yPrivate, secrets.ephemeral)
  if (ee === undefined) return undefined
  const y = suite.dhPublic(yPrivate)
  const dataKeys = deriveDataKeys(suite, secrets.es, ee, secrets.ephemeral, y)
  wipe(yPrivate, ee)
  return { y, dataKeys }
}

function seal(
  suite: CryptoSuite,
  domain: Uint8Array,
  secrets: HopSecrets,
  { y, dataKeys }: Agreed,
  c: Uint8Array,
): MadeAck {
  const auth = ackAuth(suite, domain, secrets, y, c)
  return { body: concat(y, auth, c), dataKeys }
}

function peelLayer(
  suite: CryptoSuite,
  hop: OriginHop,
  isEnd: boolean,
  body: Uint8Array,
): { plain: Uint8Array; dataKeys: DataKeys } | undefined {
  const y = body.slice(0, POINT)
  const c = body.subarray(SLOT)
  const auth = ackAuth(suite, isEnd ? END_DOMAIN : RELAY_DOMAIN, hop, y, c)
  if (!equalBytes(auth, body.subarray(POINT, SLOT))) return undefined
  const ee = suite.dh(hop.ephemeralPrivate, y)
  if (ee === undefined) return undefined
  const dataKeys = deriveDataKeys(suite, hop.es, ee, hop.ephemeral, y)
  wipe(ee)
  return { plain: suite.xorStream(hop.keys.ackStream, 0, 0, c), dataKeys }
}

/** A relay also vouches for the next hop's slot; the slots behind it are covered by their own hops. */
function ackAuth(
  suite: CryptoSuite,
  domain: Uint8Array,
  { ephemeral, keys }: HopSecrets,
  y: Uint8Array,
  c: Uint8Array,
): Uint8Array {
  const nextSlot = domain === RELAY_DOMAIN ? [c.subarray(0, SLOT)] : []
  const parts = [domain, ephemeral, y, ...nextSlot, c.subarray(SLOTS)]
  return suite.hmac(keys.ackMac, ...parts).slice(0, MAC)
}
