// Setups at a relay that has no link to their next hop yet (docs/PROTOCOL.md 6): its parent is asked for one
// (`needLink`), and they wait, already authenticated, peeled and remembered against replay. Meanwhile they count
// as circuits of the link they came over, are ended like these, and get DESTROY `unreachable` when no link came.
// What a neighbour can make this node dial or look for at once is bounded by its key, not by its links; what a
// silent server can hold up, by that server; the memory, by all of them together.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import {
  MAX_WAITING_SETUPS_PER_KEY,
  MAX_WAITING_SETUPS_PER_PEER,
  MAX_WAITING_SETUPS_PER_SERVER,
  SETUP_WAIT_MS,
} from '../wire/limits.ts'
import { noticeQuota } from './allowances.ts'
import type { Allowance, Port, WaitingCircuit } from './circuit.ts'
import type { ProcessedSetup } from './onion-setup.ts'
import { wipeHopSecrets } from './onion-setup.ts'
import { extendCircuit } from './relay-circuit.ts'
import type { RouterContext } from './router-context.ts'
import { sendDestroy } from './router-context.ts'
import { closeCircuit } from './teardown.ts'

/** @returns why it may not wait; then the setup is still the caller's */
export function awaitLink(
  context: RouterContext,
  time: Time,
  { port, wireId }: { readonly port: Port; readonly wireId: number },
  next: KeyId,
  owner: Allowance,
  setup: ProcessedSetup,
): DestroyReason | undefined {
  const refusal = refuseToWait(context, time.now, port, next, owner)
  if (refusal !== undefined) return refusal
  const circuit: WaitingCircuit = {
    kind: 'waiting',
    id: context.table.nextCircuitId(),
    isLarge: setup.block.isLarge,
    port,
    wireId,
    next,
    owner,
    state: { phase: 'setup', startedAtMs: time.now, ...setup },
  }
  context.table.add(circuit)
  context.deadlines.set(circuit, time.now + SETUP_WAIT_MS)
  owner.waitingSetups += 1
  context.waitingSetups += 1
  const others = context.waiting.get(next)
  if (others !== undefined) {
    others.add(circuit)
  } else {
    context.waiting.set(next, new Set([circuit]))
    context.effects.push({ kind: 'needLink', peer: next })
  }
  return undefined
}

/** There is a link to `peer`: its setups go on in the order in which they came. */
export function continueWaiting(context: RouterContext, time: Time, peer: KeyId): void {
  const next = context.table.portTo(peer)
  for (const circuit of [...(context.waiting.get(peer) ?? [])]) {
    const { port, wireId, owner, state } = circuit
    if (next === undefined || state.phase !== 'setup') continue
    context.table.remove(circuit)
    context.deadlines.delete(circuit)
    forgetWaiting(context, circuit)
    circuit.state = { phase: 'closed' }
    const refusal = extendCircuit(context, time, circuit, next, owner, state)
    if (refusal === undefined) continue
    wipeHopSecrets(state.secrets)
    sendDestroy(context, port, wireId, refusal)
  }
}

/** There will be no link to `peer`. */
export function refuseWaiting(context: RouterContext, peer: KeyId): void {
  for (const circuit of [...(context.waiting.get(peer) ?? [])]) {
    closeCircuit(context, circuit, { reason: 'unreachable', side: 'local' })
  }
}

/** It waits no more, whatever became of it. */
export function forgetWaiting(context: RouterContext, circuit: WaitingCircuit): void {
  const { next, owner } = circuit
  const others = context.waiting.get(next)
  if (others?.delete(circuit) !== true) return
  owner.waitingSetups -= 1
  context.waitingSetups -= 1
  if (others.size === 0) context.waiting.delete(next)
}

function refuseToWait(
  context: RouterContext,
  now: number,
  port: Port,
  next: KeyId,
  owner: Allowance,
): DestroyReason | undefined {
  const mostOfKey = port.isServer ? MAX_WAITING_SETUPS_PER_SERVER : MAX_WAITING_SETUPS_PER_KEY
  if (owner.waitingSetups >= mostOfKey) {
    noticeQuota(context, now, port, owner, 'waitingSetups', 0)
    return 'quota'
  }
  const toNext = context.waiting.get(next)?.size ?? 0
  const isFull =
    context.waitingSetups >= context.maxWaitingSetups || toNext >= MAX_WAITING_SETUPS_PER_PEER
  return isFull ? 'busy' : undefined
}
