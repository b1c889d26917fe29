// The global budget of relay queues (docs/PROTOCOL.md 6, threat 17): over the mark, the circuits whose
// queues have stood still longest go first, which are those of neighbours that do not read. Goes well
// below the mark, so that the search through all circuits is rare.

import { MEMORY_EVICT_KEEP } from '../wire/limits.ts'
import type { RelayCircuit } from './circuit.ts'
import { queuedBytesOf } from './relay-queue.ts'
import type { RouterContext } from './router-context.ts'
import { closeCircuit } from './teardown.ts'

export function keepWithinBudget(context: RouterContext): void {
  if (context.queuedBytes <= context.maxQueuedBytes) return
  const waiting: RelayCircuit[] = []
  for (const circuit of context.table.circuits()) {
    if (circuit.kind === 'relay' && bytesOf(circuit) > 0) waiting.push(circuit)
  }
  waiting.sort((a, b) => stalledSinceMs(a) - stalledSinceMs(b))
  for (const circuit of waiting) {
    if (context.queuedBytes <= context.maxQueuedBytes * MEMORY_EVICT_KEEP) return
    const cause = circuit.backward.port
    closeCircuit(context, circuit, { reason: 'busy', side: 'local', cause })
  }
}

function bytesOf({ forward, backward }: RelayCircuit): number {
  return queuedBytesOf(forward) + queuedBytesOf(backward)
}

function stalledSinceMs({ forward, backward }: RelayCircuit): number {
  return Math.min(
    ...[forward, backward]
      .filter(flow => flow.queue !== undefined)
      .map(flow => flow.stalledSinceMs),
  )
}
