// Threat 18: whatever byte a hop or a link changes, the next honest hop refuses (forward and setup) or
// the origin does (ack and backward). Every body has one size.

import { describe, expect, it } from 'vitest'
import { nodeSuite as suite } from '../../host/node/node-suite.ts'
import { CELL_HEADER } from '../wire/circuit-cells.ts'
import type { DataKeys } from './hop-keys.ts'
import { peelAck, wrapAck } from './onion-ack.ts'
import {
  emptyPlaintext,
  newScratch,
  openBackward,
  openForwardAtEnd,
  openForwardAtRelay,
  sealBackward,
  sealForward,
  wrapBackward,
} from './onion-cell.ts'
import { SLOT, SLOTS, SMALL_BODY } from './onion-layout.ts'
import { processSetup } from './onion-setup.ts'
import type { OnionPath } from './testing/onion-path.ts'
import { ACK_DATA, buildPath, EXPIRY_S, flipped, SETUP_DATA } from './testing/onion-path.ts'
import { seededRandom } from './testing/scripted-random.ts'

const random = seededRandom(99)
const scratch = newScratch()
const WIRE_ID = 7

describe.each([1, 2, 3, 4, 5])('%i hops', hops => {
  const path = buildPath(suite, hops)

  it('round trips, and every body has the one size', () => {
    const sizes = [...path.setupBodies, ...path.ackBodies].map(body => body.length)
    expect(new Set(sizes)).toEqual(new Set([SMALL_BODY]))
    const last = processSetup(suite, nodeOf(path, hops - 1), path.setupBodies.at(-1) as Uint8Array)
    expect(last?.content).toEqual(SETUP_DATA)
    expect(last?.block).toEqual({ isLarge: true, expiryS: EXPIRY_S, next: undefined })
    expect(peelAck(suite, path.originHops, path.ackBodies[0] as Uint8Array)?.data).toEqual(ACK_DATA)
  })

  it('refuses a setup with any byte changed, at each hop', () => {
    path.setupBodies.forEach((body, hop) => {
      for (let i = hops === 3 ? 0 : hop; i < body.length; i += hops === 3 ? 1 : 37) {
        expect(processSetup(suite, nodeOf(path, hop), flipped(body, i))).toBeUndefined()
      }
    })
  })

  it('refuses a setup of another size, for another hop or under another key', () => {
    const body = path.setupBodies[0] as Uint8Array
    const node = nodeOf(path, 0)
    for (const length of [0, 31, SMALL_BODY - 1]) {
      expect(processSetup(suite, node, body.subarray(0, length))).toBeUndefined()
    }
    expect(processSetup(suite, { ...node, id: random(32) }, body)).toBeUndefined()
    const onionPrivate = random(32)
    expect(processSetup(suite, { ...node, onionPrivate }, body)).toBeUndefined()
  })

  it('refuses an ack with any byte changed that a layer covers, on each link', () => {
    path.ackBodies.forEach((body, hop) => {
      // Slots behind those of the hops still to come hold random bytes that nobody reads.
      const unread = { from: SLOT + SLOT * (hops - 1 - hop), to: SLOT + SLOTS }
      for (let i = hops === 3 ? 0 : hop; i < body.length; i += hops === 3 ? 1 : 37) {
        const isRead = i < unread.from || i >= unread.to
        expect(origin(path, hop, flipped(body, i)) === undefined).toBe(isRead)
      }
      expect(origin(path, hop, body.subarray(1))).toBeUndefined()
    })
  })

  it.each([
    ['small', false, 1],
    ['large', true, 211],
  ] as const)(
    'refuses a %s forward cell with any byte changed, at each hop',
    (_, isLarge, stride) => {
      let { cell } = sealForward(suite, random, path.keys, 3, WIRE_ID, emptyPlaintext(isLarge))
      path.keys.forEach((keys, hop) => {
        const isEnd = hop === hops - 1
        const open = (bytes: Uint8Array, counter = 3) =>
          isEnd
            ? openForwardAtEnd(suite, keys, counter, bytes, scratch)?.payload
            : openForwardAtRelay(suite, keys, counter, bytes, WIRE_ID, scratch)
        for (let i = CELL_HEADER; i < cell.length; i += stride) {
          expect(open(flipped(cell, i))).toBeUndefined()
        }
        expect(open(flipped(cell, cell.length - 1))).toBeUndefined()
        expect(open(cell, 4)).toBeUndefined()
        const next = open(cell)
        if (next === undefined) throw new Error('refused an honest cell')
        if (!isEnd) expect(next).toHaveLength(cell.length)
        cell = next
      })
      expect(cell).toEqual(emptyPlaintext(isLarge).subarray(64))
    },
  )

  it.each([
    ['small', false, 13],
    ['large', true, 211],
  ] as const)(
    'refuses a %s backward cell with any byte changed on the way',
    (_, isLarge, stride) => {
      const plaintext = emptyPlaintext(isLarge).fill(9)
      const { cell } = sealBackward(suite, path.keys.at(-1) as DataKeys, 3, WIRE_ID, plaintext)
      const arrive = (bytes: Uint8Array) => {
        let layer = bytes
        for (const keys of path.keys.slice(0, -1).reverse()) {
          layer = wrapBackward(suite, keys, 3, layer, WIRE_ID)
          expect(layer).toHaveLength(cell.length)
        }
        return openBackward(suite, path.keys, 3, layer, scratch)?.payload
      }
      for (let i = CELL_HEADER; i < cell.length; i += stride) {
        expect(arrive(flipped(cell, i))).toBeUndefined()
      }
      expect(arrive(cell)).toEqual(plaintext)
    },
  )
})

function nodeOf(path: OnionPath, hop: number) {
  const node = path.nodes[hop]
  if (node === undefined) throw new Error('no such hop')
  return node
}

/** What the origin makes of an ack that left `hop` as `body`. */
function origin(path: OnionPath, hop: number, body: Uint8Array) {
  let layer: Uint8Array | undefined = body
  for (const secrets of path.secrets.slice(0, hop).reverse()) {
    layer = layer && wrapAck(suite, random, secrets, layer)?.body
  }
  return layer && peelAck(suite, path.originHops, layer)
}
