// The onion vectors in both directions: every body that the prototype made is opened hop by hop, and,
// given its ephemerals and random bytes, made again bit for bit.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { concat } from '../bytes/concat.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { CELL_HEADER, encodeCell } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { DataKeys } from './hop-keys.ts'
import { createAck, peelAck, wrapAck } from './onion-ack.ts'
import {
  emptyPlaintext,
  FORWARD_PAYLOAD,
  newScratch,
  openBackward,
  openForwardAtEnd,
  openForwardAtRelay,
  sealBackward,
  sealForward,
  wrapBackward,
} from './onion-cell.ts'
import { BETA, BETA_OFFSET, BLOCK, DELTA_OFFSET, SLOT, SLOTS } from './onion-layout.ts'
import { createSetup, processSetup } from './onion-setup.ts'
import type { OnionVector } from './testing/onion-vectors.ts'
import { hasOnionVectors, readOnionVectors } from './testing/onion-vectors.ts'
import { scriptedRandom } from './testing/scripted-random.ts'

const vectors = hasOnionVectors ? readOnionVectors() : []
const suites: readonly CryptoSuite[] = [nobleSuite, nodeSuite]
const cases = suites.flatMap(suite =>
  vectors.map(vector => ({ suite, vector, name: `${suite.name}, ${vector.raw.hops} hops` })),
)
const WIRE_ID = 0x8000_0001

describe.skipIf(!hasOnionVectors)(
  'onion vectors (skipped where the vectors folder is missing)',
  () => {
    it.each(cases)('setup keys, bodies and data: $name', ({ suite, vector }) => {
      vector.raw.setup_bodies.forEach((body, i) => {
        const processed = processSetup(
          suite,
          vector.nodes[i] as OnionVector['nodes'][0],
          fromHex(body),
        )
        const keys = vector.raw.keys[i]
        expect(processed && toHex(processed.secrets.keys.mac)).toBe(keys?.setup_mac)
        expect(processed && toHex(processed.secrets.keys.stream)).toBe(keys?.setup_stream)
        expect(processed && toHex(processed.secrets.keys.ackMac)).toBe(keys?.ack_mac)
        expect(processed && toHex(processed.secrets.keys.ackStream)).toBe(keys?.ack_stream)
        expect(processed && toHex(processed.secrets.keys.replayTag)).toBe(keys?.replay_tag)
        expect(processed?.block.expiryS).toBe(vector.raw.expiry)
        const next = vector.raw.setup_bodies[i + 1] ?? vector.raw.setup_payload
        expect(processed && toHex(processed.content)).toBe(next)
        const nextNode = vector.nodes[i + 1]
        expect(processed?.block.next?.id).toEqual(nextNode?.id)
      })
    })

    it.each(cases)('setup made again: $name', ({ suite, vector }) => {
      const created = create(suite, vector)
      expect(created && toHex(created.body)).toBe(vector.raw.setup_bodies[0])
    })

    it.each(cases)('ack made again at every hop, and peeled: $name', ({ suite, vector }) => {
      const created = create(suite, vector)
      if (created === undefined) throw new Error('no setup')
      let body: Uint8Array = new Uint8Array(0)
      const madeKeys: DataKeys[] = []
      const bodies = vector.raw.ack_bodies_terminal_to_origin
      for (let i = vector.raw.hops - 1; i >= 0; i--) {
        const expected = bodies[vector.raw.hops - 1 - i] as string
        const known = suiteKnowing(suite, vector, i)
        const secrets = created.hops[i]
        if (secrets === undefined) throw new Error('no hop')
        const slots = suite
          .xorStream(secrets.keys.ackStream, 0, 0, fromHex(expected).subarray(SLOT))
          .subarray(0, SLOTS)
        const made =
          i === vector.raw.hops - 1
            ? createAck(
                known,
                scriptedRandom(FAKE_Y, slots),
                secrets,
                fromHex(vector.raw.ack_payload),
              )
            : wrapAck(known, scriptedRandom(FAKE_Y), secrets, body)
        if (made === undefined) throw new Error('no ack')
        body = made.body
        madeKeys.unshift(made.dataKeys)
        expect(toHex(body)).toBe(expected)
      }
      const peeled = peelAck(suite, created.hops, body)
      expect(peeled && toHex(peeled.data)).toBe(vector.raw.ack_payload)
      expect(peeled?.dataKeys).toEqual(dataKeys(vector))
      expect(madeKeys).toEqual(dataKeys(vector))
    })

    it.each(cases)('forward cells opened and made again: $name', ({ suite, vector }) => {
      const keys = dataKeys(vector)
      const last = keys.length - 1
      for (const { n, cells, payload } of vector.raw.forward) {
        let cell = encodeCell(FRAME.cellForward, WIRE_ID, fromHex(cells[0] as string))
        for (let i = 0; i < last; i++) {
          const next = openForwardAtRelay(
            suite,
            keys[i] as DataKeys,
            n,
            cell,
            WIRE_ID,
            newScratch(),
          )
          if (next === undefined) throw new Error('forged')
          cell = next
          expect(toHex(cell.subarray(CELL_HEADER))).toBe(cells[i + 1])
        }
        const opened = openForwardAtEnd(suite, keys[last] as DataKeys, n, cell, newScratch())
        expect(opened && toHex(opened.payload)).toBe(payload)
        const lastBody = fromHex(cells[last] as string)
        const randomHead = lastBody.subarray(16, 80 - 16 * last)
        const plaintext = emptyPlaintext(false)
        plaintext.set(fromHex(payload), FORWARD_PAYLOAD)
        const random = scriptedRandom(randomHead)
        const sealed = sealForward(suite, random, keys, n, WIRE_ID, plaintext)
        expect(toHex(sealed.cell.subarray(CELL_HEADER))).toBe(cells[0])
        expect(sealed.tag).toEqual(opened?.tag)
      }
    })

    it.each(cases)('backward cells made again and opened: $name', ({ suite, vector }) => {
      const keys = dataKeys(vector)
      const last = keys.length - 1
      for (const { n, cells, payload } of vector.raw.backward) {
        const sealed = sealBackward(suite, keys[last] as DataKeys, n, WIRE_ID, fromHex(payload))
        let cell = sealed.cell
        const bodies = [toHex(cell.subarray(CELL_HEADER))]
        for (let i = last - 1; i >= 0; i--) {
          cell = wrapBackward(suite, keys[i] as DataKeys, n, cell, WIRE_ID)
          bodies.push(toHex(cell.subarray(CELL_HEADER)))
        }
        expect(bodies).toEqual(cells)
        const opened = openBackward(suite, keys, n, cell, newScratch())
        expect(opened && toHex(opened.payload)).toBe(payload)
        expect(opened?.tag).toEqual(sealed.tag)
      }
    })
  },
)

const FAKE_Y = new Uint8Array(32).fill(7)

function create(suite: CryptoSuite, vector: OnionVector) {
  const { raw } = vector
  const body = fromHex(raw.setup_bodies.at(-1) as string)
  const stream = fromHex(raw.keys.at(-1)?.setup_stream as string)
  const beta = body.subarray(BETA_OFFSET, DELTA_OFFSET)
  const pad = suite.xorStream(stream, 0, 0, beta).slice(BLOCK, BETA - BLOCK * (raw.hops - 1))
  const ephemerals = raw.ephemerals.map(({ x }) => fromHex(x))
  return createSetup(suite, scriptedRandom(...ephemerals, pad), {
    hops: vector.nodes.map(node => ({ id: node.id, onionKey: node.onionPublic })),
    expiryS: raw.expiry,
    isLarge: false,
    data: fromHex(raw.setup_payload),
  })
}

/** The vectors give a hop's public Y only; what its private half computes, the origin's x computes too. */
function suiteKnowing(suite: CryptoSuite, vector: OnionVector, hop: number): CryptoSuite {
  const ephemeral = vector.raw.ephemerals[hop]
  if (ephemeral === undefined) throw new Error('no ephemeral')
  const y = fromHex(ephemeral.Y)
  return {
    ...suite,
    dhPublic: () => y.slice(),
    dh: () => suite.dh(fromHex(ephemeral.x), y),
  }
}

function dataKeys(vector: OnionVector): DataKeys[] {
  return vector.raw.keys.map(keys => ({
    forward: fromHex(keys.fwd),
    fill: fromHex(keys.fill),
    backward: fromHex(keys.bwd),
  }))
}

it('lays out the sizes of section 6', () => {
  expect(concat(new Uint8Array(DELTA_OFFSET), new Uint8Array(488))).toHaveLength(1_016)
})
