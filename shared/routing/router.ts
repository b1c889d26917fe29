// Every circuit of this node, in the roles of origin, relay and end (docs/PROTOCOL.md 6). A dispatcher:
// each input is one call into the file that knows. Knows keys and links, not routes or sessions; drained
// by its parent after every `handle`, so that a link can pause it between two cells.

import type { LinkId } from '../link/link-id.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Machine, Time } from '../machine/machine.ts'
import { LARGE_CELL } from '../wire/circuit-cells.ts'
import { MAX_CIRCUITS, MAX_WAITING_SETUPS, MEMORY_EVICT_BYTES } from '../wire/limits.ts'
import { Allowances } from './allowances.ts'
import type { CircuitId, Endpoint } from './circuit.ts'
import { CircuitTable, isEndpoint } from './circuit-table.ts'
import type { Capacity } from './endpoint.ts'
import { capacityOf, roomOf } from './endpoint.ts'
import { emptyPlaintext, newScratch } from './onion-cell.ts'
import type { OnionKeys } from './onion-keys.ts'
import { openCircuit } from './origin-circuit.ts'
import { ReplayCache } from './replay-cache.ts'
import type { RouterContext } from './router-context.ts'
import { acceptLink, handleCircuit, handlePort, proveServer } from './router-inputs.ts'
import type { RelayPolicy, RouterConfig, RouterEffect, RouterInput } from './router-messages.ts'
import { closeExpired } from './teardown.ts'

const NO_CAPACITY: Capacity = { smallBytes: 0, largeBytes: 0 }

export class Router implements Machine<RouterInput, RouterEffect> {
  readonly #context: RouterContext

  /** @throws RangeError when a byte quota's burst is smaller than one large cell. */
  constructor(config: RouterConfig, onionKeys: OnionKeys) {
    requireBursts(config.relay?.policy)
    this.#context = {
      suite: config.suite,
      random: config.random,
      identity: config.identity,
      onionKeys,
      relay: config.relay?.role,
      budget: config.relay?.budget,
      isLeaf: config.relay?.isLeaf === true,
      maxCircuits: config.maxCircuits ?? MAX_CIRCUITS,
      maxQueuedBytes: config.maxQueuedBytes ?? MEMORY_EVICT_BYTES,
      table: new CircuitTable(config.identity.keyId),
      allowances: new Allowances(config.relay),
      replays: new ReplayCache(config.maxReplayTags),
      deadlines: new DeadlineHeap(),
      effects: new EffectQueue(),
      scratch: newScratch(),
      plaintext: emptyPlaintext(true),
      queuedBytes: 0,
      relayedBytes: 0,
      maxWaitingSetups: config.maxWaitingSetups ?? MAX_WAITING_SETUPS,
      waiting: new Map(),
      waitingSetups: 0,
    }
  }

  /** @throws RangeError only for mistakes of the parent in `open`, `answer` and `send`. */
  handle(time: Time, input: RouterInput): void {
    const context = this.#context
    const { table } = context
    switch (input.kind) {
      case 'linkUp':
        acceptLink(context, time, input)
        break
      case 'noLink':
        context.relay?.refuseWaiting(context, input.peer)
        break
      case 'serverProven':
        proveServer(context, time.now, input.peer)
        break
      case 'open':
        openCircuit(context, time, input)
        break
      case 'timeout':
        this.#timeout(time.now)
        break
      case 'linkDown':
      case 'linkPause':
      case 'linkResume':
      case 'cell': {
        const port = table.port(input.link)
        if (port !== undefined) handlePort(context, time, port, input)
        break
      }
      default: {
        const circuit = this.#endpoint(input.circuit)
        if (circuit !== undefined) handleCircuit(context, circuit, input)
      }
    }
  }

  poll(): RouterEffect | undefined {
    return this.#context.effects.shift()
  }

  nextTimeout(): number | undefined {
    return this.#context.deadlines.next()
  }

  /** A name for the next `open`. */
  nextCircuitId(): CircuitId {
    return this.#context.table.nextCircuitId()
  }

  /**
   * Units that may be sent now (a small cell weighs 1, a large one LARGE_CELL_UNITS). Above 0 any one
   * cell of the circuit may be sent; 0 while its window is used up, its link is paused, or it is not open.
   */
  room(circuit: CircuitId): number {
    const endpoint = this.#endpoint(circuit)
    return endpoint === undefined ? 0 : roomOf(endpoint)
  }

  capacity(circuit: CircuitId): Capacity {
    const endpoint = this.#endpoint(circuit)
    return endpoint === undefined ? NO_CAPACITY : capacityOf(endpoint)
  }

  /** The link under a circuit that begins or ends here. */
  linkOf(circuit: CircuitId): LinkId | undefined {
    return this.#endpoint(circuit)?.port.link
  }

  /** Whether circuits run over that link. */
  isCarrying(link: LinkId): boolean {
    return this.#context.table.port(link)?.circuits !== undefined
  }

  /** For metrics: circuits in all roles, and bytes waiting in relay queues. */
  get load(): { readonly circuits: number; readonly queuedBytes: number } {
    return { circuits: this.#context.table.size, queuedBytes: this.#context.queuedBytes }
  }

  /** Bytes of cells that were passed on for others, so far. */
  get relayedBytes(): number {
    return this.#context.relayedBytes
  }

  #timeout(now: number): void {
    const context = this.#context
    // Slices may be due again at `now`: each id is served once, so that the parent can drain between.
    for (const id of context.deadlines.takeAllExpired(now)) {
      if (id.kind === 'port') context.relay?.drainPort(context, now, id)
      else if (id.kind === 'allowance') context.relay?.drainAllowance(context, now, id)
      else closeExpired(context, id)
    }
  }

  #endpoint(id: CircuitId): Endpoint | undefined {
    const circuit = this.#context.table.circuit(id)
    return circuit && isEndpoint(circuit) ? circuit : undefined
  }
}

function requireBursts(policy: RelayPolicy | undefined): void {
  const bursts = policy === undefined ? [] : [policy.client.burst, policy.server.burst]
  if (bursts.some(burst => burst < LARGE_CELL)) {
    throw new RangeError('the burst of a relay quota holds at least one large cell')
  }
}
