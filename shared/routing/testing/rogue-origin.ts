// An origin that keeps no rules, for tests: it opens a circuit by the pure functions and then seals what
// the test wants, whatever the window says.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { PayloadCommand } from '../../wire/circuit-cells.ts'
import { CELL_HEADER, encodeCell, INITIATOR_BIT, writePayload } from '../../wire/circuit-cells.ts'
import { FRAME } from '../../wire/frame-type.ts'
import type { DataKeys } from '../hop-keys.ts'
import { peelAck } from '../onion-ack.ts'
import { emptyPlaintext, FORWARD_PAYLOAD, sealForward } from '../onion-cell.ts'
import { createSetup } from '../onion-setup.ts'
import type { RouterNet, TestNode } from './router-net.ts'
import { seededRandom } from './scripted-random.ts'

const WIRE_ID = INITIATOR_BIT + 0x0100_0000
const random = seededRandom(5)

export class RogueOrigin {
  readonly #net: RouterNet
  readonly #self: TestNode
  readonly #first: TestNode
  readonly #keys: readonly DataKeys[]
  #counter = 0

  /** `path`: a node whose place it takes, then the hops. That node must have dialed the first hop. */
  constructor(net: RouterNet, path: readonly TestNode[], isLarge = false) {
    const [self, first] = path
    if (self === undefined || first === undefined) throw new Error('no path')
    this.#net = net
    this.#self = self
    this.#first = first
    const setup = createSetup(nodeSuite, random, {
      hops: path.slice(1).map(node => node.hop),
      expiryS: Math.floor(net.time.unixMs / 1000) + 300,
      isLarge,
      data: new Uint8Array(0),
    })
    if (setup === undefined) throw new Error('no setup')
    net.inject(self, first, encodeCell(FRAME.cellSetup, WIRE_ID, setup.body))
    const ack = net.log.findLast(({ to, bytes }) => to === self && bytes[0] === FRAME.cellAck)
    const peeled = ack && peelAck(nodeSuite, setup.hops, ack.bytes.subarray(CELL_HEADER))
    if (peeled === undefined) throw new Error('no ack')
    this.#keys = peeled.dataKeys
  }

  send(command: PayloadCommand, data: Uint8Array): void {
    const plaintext = emptyPlaintext(false)
    writePayload(plaintext, FORWARD_PAYLOAD, command, data)
    this.sendPlain(plaintext)
  }

  /** `plaintext`: 64 bytes of room, then any payload. */
  sendPlain(plaintext: Uint8Array): void {
    const counter = this.#counter++
    const { cell } = sealForward(nodeSuite, random, this.#keys, counter, WIRE_ID, plaintext)
    this.#net.inject(this.#self, this.#first, cell)
  }
}
