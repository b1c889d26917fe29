// Two ends of circuits over any number of relays, a sender and a receiver: cells with nothing above them.

import { fromHex, toHex } from '../../shared/bytes/hex.ts'
import { parseKey } from '../../shared/identity/key-text.ts'
import type { LinkId } from '../../shared/link/link-id.ts'
import { currentOnionKey } from '../../shared/node/onion-key-choice.ts'
import type { CircuitId } from '../../shared/routing/circuit.ts'
import { FORWARD_LARGE_DATA, FORWARD_SMALL_DATA } from '../../shared/routing/onion-layout.ts'
import type { SetupHop } from '../../shared/routing/onion-setup.ts'
import { decodeRecord } from '../../shared/wire/record.ts'
import { findBody, readFindAnswer } from '../../shared/wire/registry-bodies.ts'
import { CircuitEnd } from '../circuit-end.ts'
import { serve } from '../worker.ts'

/** A hop as it is told to another process. */
export interface HopText {
  readonly id: string
  readonly onionKey: string
}

export interface Way {
  /** Address of the first relay. */
  readonly address: string
  /** Keys of all of them, `key_…`. */
  readonly relays: readonly string[]
  readonly to: HopText
}

const FIND_WITHIN_MS = 20_000
const FIND_AGAIN_MS = 200

let onData = (_circuit: CircuitId, _data: Uint8Array): void => {}
let onRoom = (): void => {}
const end = new CircuitEnd({
  data: (from, data) => onData(from, data),
  room: () => onRoom(),
})
let received: Promise<number> | undefined
/** To the first relay. */
let link: Promise<LinkId> | undefined
let circuit: CircuitId | undefined

async function attach({ address }: { address: string }): Promise<HopText> {
  await end.attach(address)
  return { id: toHex(end.hop.id), onionKey: toHex(end.hop.onionKey) }
}

function echo(): void {
  onData = (from, data) => void end.send(from, data, 1)
}

/** Takes the time from the first cell to the last. */
function listen({ count }: { count: number }): void {
  let [seen, startedAt] = [0, 0]
  received = new Promise(resolve => {
    onData = () => {
      if (seen++ === 0) startedAt = performance.now()
      if (seen === count) resolve(performance.now() - startedAt)
    }
  })
}

async function send({ count, isLarge, ...way }: Way & { count: number; isLarge: boolean }) {
  const out = await open(way, isLarge)
  const data = new Uint8Array(isLarge ? FORWARD_LARGE_DATA : FORWARD_SMALL_DATA).fill(1)
  let sent = 0
  await new Promise<void>(resolve => {
    onRoom = () => {
      sent += end.send(out, data, count - sent)
      if (sent === count) resolve()
    }
    onRoom()
  })
}

async function roundTrips({ count, bytes, ...way }: Way & { count: number; bytes: number }) {
  const out = await open(way, false)
  const data = new Uint8Array(bytes)
  const times: number[] = []
  for (let i = 0; i < count; i += 1) {
    const startedAt = performance.now()
    const answered = new Promise<void>(resolve => {
      onData = () => resolve()
    })
    end.send(out, data, 1)
    await answered
    times.push(performance.now() - startedAt)
  }
  return times
}

/** In the place of the one before. */
async function open({ address, relays, to }: Way, isLarge: boolean): Promise<CircuitId> {
  if (circuit !== undefined) end.close(circuit)
  link ??= end.attach(address)
  const first = await link
  const hops: SetupHop[] = []
  for (const relay of relays) hops.push(await hopOf(first, parseKey(relay)))
  hops.push({ id: fromHex(to.id), onionKey: fromHex(to.onionKey) })
  circuit = await end.open(hops, isLarge)
  return circuit
}

/** As the registry knows it, which takes a moment after a start. */
async function hopOf(first: LinkId, key: Uint8Array): Promise<SetupHop> {
  const until = performance.now() + FIND_WITHIN_MS
  for (;;) {
    const response = await end.ask(first, 'find', findBody(key, true))
    const value = 'body' in response ? readFindAnswer(response.body).value : undefined
    const record = value?.kind === 'record' ? decodeRecord(value.bytes).record : undefined
    const onionKey = record && currentOnionKey(record, Date.now())
    if (onionKey !== undefined) return { id: key, onionKey }
    if (performance.now() > until) throw new Error('a relay is not in the registry')
    await new Promise(resolve => setTimeout(resolve, FIND_AGAIN_MS))
  }
}

serve({ attach, echo, listen, received: () => received, send, roundTrips })
