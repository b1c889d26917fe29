// One circuit built by the pure onion functions alone, with every body on the way, for tests.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { DataKeys } from '../hop-keys.ts'
import { createAck, peelAck, wrapAck } from '../onion-ack.ts'
import type { HopSecrets, OriginHop } from '../onion-setup.ts'
import { createSetup, processSetup } from '../onion-setup.ts'
import { seededRandom } from './scripted-random.ts'

export const EXPIRY_S = 1_767_225_900
export const SETUP_DATA = Uint8Array.of(1, 2, 3)
export const ACK_DATA = Uint8Array.of(4, 5)

export interface OnionPath {
  readonly nodes: readonly { id: Uint8Array; onionPrivate: Uint8Array; onionPublic: Uint8Array }[]
  /** What each hop received. */
  readonly setupBodies: readonly Uint8Array[]
  /** What each hop kept. */
  readonly secrets: readonly HopSecrets[]
  readonly originHops: readonly OriginHop[]
  /** What each hop made, by hop. */
  readonly ackBodies: readonly Uint8Array[]
  readonly keys: readonly DataKeys[]
}

export function buildPath(suite: CryptoSuite, hops: number, seed = 1): OnionPath {
  const random = seededRandom(seed)
  const nodes = Array.from({ length: hops }, () => {
    const onionPrivate = random(32)
    return { id: random(32), onionPrivate, onionPublic: suite.dhPublic(onionPrivate) }
  })
  const setup = createSetup(suite, random, {
    hops: nodes.map(({ id, onionPublic }) => ({ id, onionKey: onionPublic })),
    expiryS: EXPIRY_S,
    isLarge: true,
    data: SETUP_DATA,
  })
  if (setup === undefined) throw new Error('no setup')
  const setupBodies: Uint8Array[] = []
  const secrets: HopSecrets[] = []
  let body = setup.body
  for (const node of nodes) {
    setupBodies.push(body)
    const processed = processSetup(suite, node, body)
    if (processed === undefined) throw new Error('setup refused')
    secrets.push(processed.secrets)
    body = processed.content
  }
  const ackBodies: Uint8Array[] = []
  for (const hop of [...secrets].reverse()) {
    const before = ackBodies[0]
    const ack =
      before === undefined
        ? createAck(suite, random, hop, ACK_DATA)
        : wrapAck(suite, random, hop, before)
    if (ack === undefined) throw new Error('no ack')
    ackBodies.unshift(ack.body)
  }
  const peeled = peelAck(suite, setup.hops, ackBodies[0] as Uint8Array)
  if (peeled === undefined) throw new Error('ack refused')
  return { nodes, setupBodies, secrets, originHops: setup.hops, ackBodies, keys: peeled.dataKeys }
}

/** A copy with one bit of byte `index` changed. */
export function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice()
  copy[index] = (copy[index] as number) ^ (1 << (index % 8))
  return copy
}
