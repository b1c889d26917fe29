// What makes a client one that relays for others, in one piece. Whoever starts such a node hands it to the core
// (NodeConfig), so that browsers that do not relay need not load it.

import type { Time } from '../../machine/machine.ts'
import { DailyBudget } from '../../routing/daily-budget.ts'
import { relayRole } from '../../routing/relay-role.ts'
import type { RelayBudget, Relaying } from '../../routing/router-messages.ts'
import {
  CLIENT_RELAY_BURST_BYTES,
  CLIENT_RELAY_BYTES_PER_S,
  CLIENT_RELAY_SERVER_FACTOR,
} from '../../wire/limits.ts'
import type { NodeEffect } from '../effects.ts'
import type { MeshRole } from '../mesh/mesh-role.ts'
import { meshRole } from '../mesh/mesh-role.ts'
import type { NodeParts } from '../node-parts.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import type { ClientRelayEffect } from './client-relay.ts'
import { ClientRelay, RELAY_BUDGET_KEY } from './client-relay.ts'
import type { NeighbourQuestionsConfig } from './neighbour-questions.ts'
import { applyClientRelayEffect } from './relay-wiring.ts'

export interface ClientRelayRole {
  /** For those that have WebRTC. */
  readonly mesh: MeshRole
  /** @param saved values that an earlier life kept @throws RangeError for a budget out of range */
  budget(
    bytesPerDay: number,
    time: Time,
    saved: Iterable<readonly [key: string, value: Uint8Array]>,
  ): DailyBudget
  /** For the router. */
  relaying(budget: RelayBudget): Relaying
  start(
    config: Omit<NeighbourQuestionsConfig, 'isRelay'>,
    ownRecord: OwnRecord,
    budget: DailyBudget,
    time: Time,
  ): ClientRelay
  /** @param emit to the host */
  apply(
    parts: NodeParts,
    time: Time,
    effect: ClientRelayEffect,
    emit: (effect: NodeEffect) => void,
  ): void
}

export const clientRelayRole: ClientRelayRole = {
  mesh: meshRole,
  budget: (bytesPerDay, time, saved) => {
    const kept = [...saved].find(([key]) => key === RELAY_BUDGET_KEY)
    return new DailyBudget(bytesPerDay, time, kept?.[1])
  },
  relaying: budget => ({
    role: relayRole,
    policy: {
      client: { perSecond: CLIENT_RELAY_BYTES_PER_S, burst: CLIENT_RELAY_BURST_BYTES },
      server: {
        perSecond: CLIENT_RELAY_BYTES_PER_S * CLIENT_RELAY_SERVER_FACTOR,
        burst: CLIENT_RELAY_BURST_BYTES * CLIENT_RELAY_SERVER_FACTOR,
      },
    },
    budget,
    isLeaf: true,
  }),
  start: (config, ownRecord, budget, time) => new ClientRelay(config, ownRecord, budget, time),
  apply: applyClientRelayEffect,
}
