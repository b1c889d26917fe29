// A network of plain tables for tests of lookups: every node knows some others at each distance and answers
// with the nearest of them. Runs a lookup against it by direct calls on a virtual clock.

import type { KeyId } from '../../identity/node-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { Contact, DhtId } from '../contact.ts'
import type { DhtParameters } from '../dht-parameters.ts'
import { DHT_DEFAULTS } from '../dht-parameters.ts'
import { Lookup } from '../lookup.ts'
import { RoutingTable } from '../routing-table.ts'
import { nearestOf, randomContacts } from './contacts.ts'

/** What a node does when it is asked: names others, or stays silent (`undefined`) for that long. */
export interface ModelReply {
  readonly nodes: readonly Contact[] | undefined
  readonly afterMs: number
  /** Where it is. */
  readonly network?: string
}

export type Answering = (asked: Contact, target: DhtId) => ModelReply

const LATENCY_MS = 50

export class ModelNetwork {
  readonly nodes: readonly Contact[]
  readonly #tables = new Map<KeyId, RoutingTable>()

  constructor(random: RandomBytes, count: number) {
    this.nodes = randomContacts(random, count)
    for (const [i, node] of this.nodes.entries()) {
      const table = new RoutingTable(node.id, DHT_DEFAULTS)
      // Everybody meets everybody, each in another order: full buckets keep whom they met first.
      for (let step = 1; step < count; step++) {
        const other = this.nodes[(i + step) % count]
        if (other !== undefined) table.verified(0, other, undefined, undefined)
      }
      this.#tables.set(node.key, table)
    }
  }

  tableOf({ key }: Contact): RoutingTable {
    const table = this.#tables.get(key)
    if (table === undefined) throw new Error('no node of this network')
    return table
  }

  /** Whom a node would name. */
  named(asked: Contact, target: DhtId): readonly Contact[] {
    return this.#tables.get(asked.key)?.closest(target, DHT_DEFAULTS.k) ?? []
  }

  /** The true answer. */
  nearest(target: DhtId, count: number, without?: Contact): Contact[] {
    return nearestOf(
      this.nodes.filter(node => node !== without),
      target,
      count,
    )
  }

  readonly honest: Answering = (asked, target) => ({
    nodes: this.named(asked, target),
    afterMs: LATENCY_MS,
  })
}

export interface LookupSetup {
  readonly from: Contact
  readonly target: DhtId
  readonly parameters?: Partial<DhtParameters>
  readonly radius?: number
}

/** A lookup as the node `from` would begin it at 0. */
export function newLookup(network: ModelNetwork, setup: LookupSetup): Lookup {
  const { from, target, parameters, radius } = setup
  const seeds = network.tableOf(from).closest(target, DHT_DEFAULTS.k)
  return new Lookup({ ...DHT_DEFAULTS, ...parameters }, target, seeds, {
    now: 0,
    ownKey: from.key,
    region: radius === undefined ? undefined : { radius },
  })
}

export interface ModelRun {
  readonly asked: readonly Contact[]
  readonly endedAtMs: number
}

interface Due {
  readonly atMs: number
  readonly contact: Contact
  readonly reply: ModelReply
}

/** Runs a lookup that began at 0 to its end. @throws Error when it never ends */
export function runLookup(lookup: Lookup, target: DhtId, answering: Answering): ModelRun {
  const asked: Contact[] = []
  const due: Due[] = []
  let now = 0
  for (let steps = 0; steps < 100_000; steps++) {
    for (let contact = lookup.next(now); contact !== undefined; contact = lookup.next(now)) {
      asked.push(contact)
      const reply = answering(contact, target)
      due.push({ atMs: now + reply.afterMs, contact, reply })
    }
    if (lookup.isDone) return { asked, endedAtMs: now }
    due.sort((a, b) => a.atMs - b.atMs)
    const timeoutMs = lookup.nextTimeout() ?? Number.POSITIVE_INFINITY
    const first = due[0]
    now = Math.min(first?.atMs ?? Number.POSITIVE_INFINITY, timeoutMs)
    if (first === undefined || first.atMs > now) continue
    due.shift()
    const { nodes, network } = first.reply
    if (nodes === undefined) lookup.failed(first.contact.key)
    else lookup.answered(now, first.contact.key, nodes, network)
  }
  throw new Error('the lookup never ended')
}
