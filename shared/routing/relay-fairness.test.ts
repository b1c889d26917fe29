// Circuits that wait for one link get the same bytes, whatever cells they use, and a lone small cell waits for
// about one small cell of each other circuit.

import { describe, expect, it } from 'vitest'
import { LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import { FRAME } from '../wire/frame-type.ts'
import { FORWARD_SMALL_DATA } from './onion-layout.ts'
import { chainOfThree, fill, numbered } from './testing/circuit-fixture.ts'

const LARGE_DATA = new Uint8Array(FORWARD_SMALL_DATA + 1)

/** Circuits whose cells wait in the relay for the link to their end. */
function waiting(circuits: readonly ('small' | 'large')[]) {
  const { net, client, relay, end, open, link } = chainOfThree()
  const opened = circuits.map(kind => ({ kind, ...open(kind === 'large') }))
  net.feed(relay, { kind: 'linkPause', link: link.toEnd })
  for (const { kind, circuit } of opened) {
    if (kind === 'small') fill(net, client, circuit)
    while (client.router.room(circuit) > 0) {
      net.run(client, { kind: 'send', circuit, data: LARGE_DATA })
    }
  }
  net.log.length = 0
  /** Lets the relay hand over slices until so many bytes went out. */
  const pass = (bytes: number): void => {
    let passed = 0
    net.intercept = wired => {
      if (wired.to === end) passed += wired.bytes.length
      return wired.bytes
    }
    while (passed < bytes) {
      net.run(relay, { kind: 'linkResume', link: link.toEnd })
      net.feed(relay, { kind: 'linkPause', link: link.toEnd })
    }
  }
  const bytesOf = (kind: 'small' | 'large'): number => {
    const type = kind === 'small' ? FRAME.cellForward : FRAME.cellForwardLarge
    return net.log
      .filter(({ to, bytes }) => to === end && bytes[0] === type)
      .reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
  return { net, client, end, open, opened, pass, bytesOf }
}

describe('circuits that wait for one link', () => {
  it('get the same bytes with small cells as with large ones', () => {
    const { pass, bytesOf } = waiting(['small', 'large'])
    pass(40 * LARGE_CELL)
    expect(Math.abs(bytesOf('small') - bytesOf('large'))).toBeLessThanOrEqual(2 * LARGE_CELL)
  })

  it('let a lone small cell pass after about a small cell of each', () => {
    const { net, client, end, open, pass, bytesOf } = waiting(Array(8).fill('large'))
    const lone = open()
    net.run(client, { kind: 'send', circuit: lone.circuit, data: numbered(1) })
    net.log.length = 0
    pass(LARGE_CELL)
    const place = net.log
      .filter(({ to }) => to === end)
      .findIndex(({ bytes }) => bytes.length === SMALL_CELL)
    // All eight would be before it, were turns counted in cells.
    expect(place).toBeLessThanOrEqual(1)
    expect(bytesOf('large')).toBeGreaterThan(0)
  })
})
