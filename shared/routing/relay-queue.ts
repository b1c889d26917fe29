// Where relayed cells wait: only while their link is paused or their key's byte quota is used up. One
// bounded queue per flow, made at need; the flows of a link, or of a key, are served in turn, and a turn is
// worth the bytes of a small cell (deficit round robin, Shreedhar and Varghese 1995): who sends large cells
// gets no more than others, and none waits longer for a word than one small cell of each. Cells are delayed,
// never dropped: a flow whose sender ignores the window is the caller's to end.

import { BoundedQueue } from '../machine/bounded-queue.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import { LARGE_CELL, SMALL_CELL } from '../wire/circuit-cells.ts'
import { RELAY_QUEUE_MAX_UNITS, RELAY_SHAPING_TICK_MS, RELAY_SLICE_BYTES } from '../wire/limits.ts'
import type { Allowance, Flow, Port } from './circuit.ts'
import { unitsOf } from './circuit-window.ts'
import type { RouterContext } from './router-context.ts'
import { transmit } from './router-context.ts'

const BOUNDS = { maxItems: RELAY_QUEUE_MAX_UNITS, sizeOf: (cell: Uint8Array) => cell.length }

const TURNS_OF_A_LARGE_CELL = LARGE_CELL / SMALL_CELL

/** `overflow`: nothing was queued, the circuit must go. `shaped`: it waits for its key's bytes. */
export type FlowVerdict = 'sent' | 'queued' | 'shaped' | 'overflow'

/** Sends a cell on, or lets it wait its turn. */
export function sendOn(
  context: RouterContext,
  now: number,
  flow: Flow,
  cell: Uint8Array,
): FlowVerdict {
  if (flow.queue !== undefined)
    return enqueue(context, flow, flow.queue, cell) ? 'queued' : 'overflow'
  const { port, owner } = flow
  const waitsForLink = port.isPaused || port.waiting !== undefined
  if (!waitsForLink && owner.waiting === undefined && owner.bytes.take(now, cell.length)) {
    passOn(context, port, cell)
    return 'sent'
  }
  flow.queue = new BoundedQueue(BOUNDS)
  // Apart from one another, so that the large cells of all do not leave in one and the same round.
  flow.turnBytes = SMALL_CELL * (flow.wireId % TURNS_OF_A_LARGE_CELL)
  flow.stalledSinceMs = now
  enqueue(context, flow, flow.queue, cell)
  if (waitsForLink) waitForLink(flow)
  else waitForBytes(context, now, flow, cell.length)
  return waitsForLink ? 'queued' : 'shaped'
}

/** The link takes data again, or its next slice is due. */
export function drainPort(context: RouterContext, now: number, port: Port): void {
  let sliceBytes = RELAY_SLICE_BYTES
  while (!port.isPaused && sliceBytes > 0) {
    const flow = port.waiting?.shift()
    if (flow === undefined) break
    const size = flow.queue?.peek()?.length
    if (size === undefined) continue
    if (!hasTurn(flow, size)) {
      waitForLink(flow)
    } else if (flow.owner.bytes.take(now, size)) {
      sliceBytes -= size
      if (sendNext(context, now, flow)) waitForLink(flow)
    } else {
      waitForBytes(context, now, flow, size)
    }
  }
  if (port.waiting?.length === 0) port.waiting = undefined
  if (port.waiting !== undefined && !port.isPaused) context.deadlines.set(port, now)
}

/** The key has bytes again, or its next slice is due. */
export function drainAllowance(context: RouterContext, now: number, allowance: Allowance): void {
  let sliceBytes = RELAY_SLICE_BYTES
  let waitMs = 0
  while (sliceBytes > 0 && waitMs === 0) {
    const flow = allowance.waiting?.shift()
    if (flow === undefined) break
    const size = flow.queue?.peek()?.length
    if (size === undefined) continue
    if (flow.port.isPaused || flow.port.waiting !== undefined) {
      waitForLink(flow)
    } else if (!hasTurn(flow, size)) {
      allowance.waiting?.push(flow)
    } else if (allowance.bytes.take(now, size)) {
      sliceBytes -= size
      if (sendNext(context, now, flow)) allowance.waiting?.push(flow)
    } else {
      allowance.waiting?.push(flow)
      waitMs = bytesWaitMs(allowance, now, size)
    }
  }
  if (allowance.waiting?.length === 0) allowance.waiting = undefined
  if (allowance.waiting !== undefined) context.deadlines.set(allowance, now + waitMs)
}

/** Drops what waits. The flow stays in its ring until its turn, where an empty one is passed over. */
export function clearFlow(context: RouterContext, flow: Flow): void {
  context.queuedBytes -= queuedBytesOf(flow)
  flow.queue = undefined
  flow.queuedUnits = 0
}

export function queuedBytesOf(flow: Flow): number {
  return flow.queue?.bytes ?? 0
}

function enqueue(
  context: RouterContext,
  flow: Flow,
  queue: BoundedQueue<Uint8Array>,
  cell: Uint8Array,
): boolean {
  const units = unitsOf(cell)
  if (flow.queuedUnits + units > RELAY_QUEUE_MAX_UNITS || !queue.push(cell)) return false
  flow.queuedUnits += units
  context.queuedBytes += cell.length
  return true
}

/** One more turn of a flow. @returns whether its turns are worth its next cell by now */
function hasTurn(flow: Flow, size: number): boolean {
  flow.turnBytes = Math.min(LARGE_CELL, flow.turnBytes + SMALL_CELL)
  return flow.turnBytes >= size
}

/** @returns whether more cells of this flow wait. */
function sendNext(context: RouterContext, now: number, flow: Flow): boolean {
  const cell = flow.queue?.shift()
  if (cell === undefined) return false
  flow.queuedUnits -= unitsOf(cell)
  flow.turnBytes -= cell.length
  flow.stalledSinceMs = now
  context.queuedBytes -= cell.length
  passOn(context, flow.port, cell)
  if (flow.queuedUnits > 0) return true
  flow.queue = undefined
  return false
}

function passOn(context: RouterContext, port: Port, cell: Uint8Array): void {
  context.relayedBytes += cell.length
  transmit(context, port, cell)
}

function waitForLink(flow: Flow): void {
  flow.port.waiting ??= new EffectQueue()
  flow.port.waiting.push(flow)
}

function waitForBytes(context: RouterContext, now: number, flow: Flow, size: number): void {
  const { owner } = flow
  if (owner.waiting === undefined) {
    owner.waiting = new EffectQueue()
    context.deadlines.set(owner, now + bytesWaitMs(owner, now, size))
  }
  owner.waiting.push(flow)
}

function bytesWaitMs(allowance: Allowance, now: number, size: number): number {
  return Math.max(RELAY_SHAPING_TICK_MS, allowance.bytes.msUntil(now, size))
}
