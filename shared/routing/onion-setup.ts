// SETUP: the onion that builds a circuit (docs/PROTOCOL.md 6). The origin wraps one layer per hop, each
// with an ephemeral of its own; a hop checks and peels exactly one. Pure: expiry and replay are judged
// by the caller (incoming-setup.ts), who also owns and wipes the secrets returned here.

import { concat } from '../bytes/concat.ts'
import { equalBytes } from '../bytes/equal.ts'
import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { MAX_HOPS } from '../wire/limits.ts'
import type { SetupKeys } from './hop-keys.ts'
import { deriveSetupKeys, wipeSetupKeys } from './hop-keys.ts'
import {
  BETA,
  BETA_OFFSET,
  BLOCK,
  DELTA,
  DELTA_OFFSET,
  MAC,
  POINT,
  SETUP_STREAM,
  SMALL_BODY,
} from './onion-layout.ts'
import type { NextHop, SetupBlock } from './setup-block.ts'
import { decodeBlock, decodeDataField, encodeBlock, encodeDataField } from './setup-block.ts'

const MAC_DOMAIN = Uint8Array.of(1)
const NO_BYTES = new Uint8Array(0)

export interface SetupHop {
  /** Ed25519 public key of the hop, 32 bytes. */
  readonly id: Uint8Array
  /** X25519 onion key from its record, 32 bytes. */
  readonly onionKey: Uint8Array
}

/** What the origin keeps of one hop until the ACK. */
export interface OriginHop {
  readonly ephemeralPrivate: Uint8Array
  readonly ephemeral: Uint8Array
  readonly es: Uint8Array
  readonly keys: SetupKeys
}

export interface CreatedSetup {
  /** 1,016 bytes for the first hop. */
  readonly body: Uint8Array
  readonly hops: readonly OriginHop[]
}

/** What a hop keeps until the ACK. */
export interface HopSecrets {
  readonly ephemeral: Uint8Array
  readonly es: Uint8Array
  readonly keys: SetupKeys
}

export interface PeeledSetup {
  readonly block: SetupBlock
  /** Relay: 1,016 bytes for the next hop. End: the data, a view. */
  readonly content: Uint8Array
}

export interface ProcessedSetup extends PeeledSetup {
  readonly secrets: HopSecrets
}

/** A hop as itself: its Ed25519 public key and one of its onion keys. */
export interface HopIdentity {
  readonly id: Uint8Array
  readonly onionPrivate: Uint8Array
  readonly onionPublic: Uint8Array
}

/**
 * Takes from `random`, in this order: 32 bytes per hop (its ephemeral private key), then the pad.
 * @returns `undefined` when an onion key gives an all-zero secret.
 * @throws RangeError for no or more than 5 hops, or more than 486 bytes of data.
 */
export function createSetup(
  suite: CryptoSuite,
  random: RandomBytes,
  setup: {
    readonly hops: readonly SetupHop[]
    readonly expiryS: number
    readonly isLarge: boolean
    readonly data: Uint8Array
  },
): CreatedSetup | undefined {
  const { hops: path, expiryS, isLarge, data } = setup
  if (path.length < 1 || path.length > MAX_HOPS) throw new RangeError('a circuit has 1 to 5 hops')
  const privates = path.map(() => random(KEY_LENGTH))
  const hops = path.map((hop, i) => originHop(suite, hop, privates[i] as Uint8Array))
  if (!hops.every(hop => hop !== undefined)) return undefined
  const streams = hops.map(hop => suite.xorStream(hop.keys.stream, 0, 0, ZERO_STREAM))
  const filler = fillerFor(streams.slice(0, -1))
  const pad = random(BETA - BLOCK * path.length)

  let delta: Uint8Array = encodeDataField(data, DELTA)
  let inner: Uint8Array = pad
  let next: NextHop | undefined
  for (let i = path.length - 1; i >= 0; i--) {
    const hop = hops[i] as OriginHop
    const stream = streams[i] as Uint8Array
    const plain = concat(encodeBlock({ isLarge, expiryS, next }), inner)
    const hidden = xor(plain, stream.subarray(0, plain.length))
    const beta = next === undefined ? concat(hidden, filler) : hidden
    delta = xor(delta, stream.subarray(BETA + BLOCK))
    const mac = setupMac(suite, hop.keys.mac, hop.ephemeral, beta, delta)
    next = { id: (path[i] as SetupHop).id, ephemeral: hop.ephemeral, mac }
    inner = i > 0 ? beta.subarray(0, BETA - BLOCK) : beta
  }
  wipe(...streams)
  return { body: bodyOf(next as NextHop, inner, delta), hops }
}

/** At a hop, both steps. @returns `undefined` for every fault alike. */
export function processSetup(
  suite: CryptoSuite,
  self: HopIdentity,
  body: Uint8Array,
): ProcessedSetup | undefined {
  const secrets = authenticateSetup(suite, self, body)
  const peeled = secrets && peelSetup(suite, secrets, body)
  if (secrets !== undefined && peeled === undefined) wipeHopSecrets(secrets)
  return secrets && peeled && { secrets, ...peeled }
}

/**
 * The first step: was this made for us under that onion key? Comes before the replay check, which needs
 * `keys.replayTag`. @returns `undefined` when forged, of a wrong size, or for another key.
 */
export function authenticateSetup(
  suite: CryptoSuite,
  self: HopIdentity,
  body: Uint8Array,
): HopSecrets | undefined {
  if (body.length !== SMALL_BODY) return undefined
  const ephemeral = body.slice(0, POINT)
  const es = suite.dh(self.onionPrivate, ephemeral)
  if (es === undefined) return undefined
  const keys = deriveSetupKeys(suite, es, self.id, self.onionPublic, ephemeral)
  const beta = body.subarray(BETA_OFFSET, DELTA_OFFSET)
  const mac = setupMac(suite, keys.mac, ephemeral, beta, body.subarray(DELTA_OFFSET))
  const secrets = { ephemeral, es, keys }
  if (equalBytes(mac, body.subarray(POINT, BETA_OFFSET))) return secrets
  wipeHopSecrets(secrets)
  return undefined
}

/** The second step, once for each setup. @returns `undefined` when malformed inside. */
export function peelSetup(
  suite: CryptoSuite,
  { keys }: HopSecrets,
  body: Uint8Array,
): PeeledSetup | undefined {
  const beta = body.subarray(BETA_OFFSET, DELTA_OFFSET)
  const shifted = concat(beta, new Uint8Array(BLOCK), body.subarray(DELTA_OFFSET))
  const plain = suite.xorStream(keys.stream, 0, 0, shifted)
  const block = decodeBlock(plain.subarray(0, BLOCK))
  if (block === undefined) return undefined
  const rest = plain.subarray(BLOCK)
  const content =
    block.next === undefined
      ? decodeDataField(rest.subarray(BETA))
      : bodyOf(block.next, rest.subarray(0, BETA), rest.subarray(BETA))
  return content && { block, content }
}

export function wipeHopSecrets(secrets: HopSecrets): void {
  wipe(secrets.es)
  wipeSetupKeys(secrets.keys)
}

export function wipeOriginHops(hops: readonly OriginHop[]): void {
  for (const hop of hops) {
    wipe(hop.ephemeralPrivate)
    wipeHopSecrets(hop)
  }
}

const ZERO_STREAM = new Uint8Array(SETUP_STREAM)

function originHop(
  suite: CryptoSuite,
  hop: SetupHop,
  ephemeralPrivate: Uint8Array,
): OriginHop | undefined {
  const es = suite.dh(ephemeralPrivate, hop.onionKey)
  if (es === undefined) return undefined
  const ephemeral = suite.dhPublic(ephemeralPrivate)
  const keys = deriveSetupKeys(suite, es, hop.id, hop.onionKey, ephemeral)
  return { ephemeralPrivate, ephemeral, es, keys }
}

/** What the hops before the last leave at the end of beta by shifting in zeros. */
function fillerFor(streams: readonly Uint8Array[]): Uint8Array {
  let filler: Uint8Array = NO_BYTES
  for (const stream of streams) {
    const grown = concat(filler, new Uint8Array(BLOCK))
    filler = xor(grown, stream.subarray(BETA + BLOCK - grown.length, BETA + BLOCK))
  }
  return filler
}

function setupMac(
  suite: CryptoSuite,
  key: Uint8Array,
  ephemeral: Uint8Array,
  beta: Uint8Array,
  delta: Uint8Array,
): Uint8Array {
  return suite.hmac(key, MAC_DOMAIN, ephemeral, beta, delta).slice(0, MAC)
}

function bodyOf(head: NextHop, beta: Uint8Array, delta: Uint8Array): Uint8Array {
  return concat(head.ephemeral, head.mac, beta, delta)
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] as number))
}
