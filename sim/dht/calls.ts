// One call of a virtual server to another: from the machine's effect to its one answer.

import type { DhtEffect } from '../../shared/dht/dht-effects.ts'
import type { ScheduledEvent } from '../event-queue.ts'
import type { DhtServer } from './dht-server.ts'

export type CallEffect = Extract<DhtEffect, { readonly kind: 'call' }>

export interface Call {
  readonly from: DhtServer
  readonly effect: CallEffect
  /** How many calls, this one included, had to be made one after the other. */
  readonly round: number
  readonly deadline: ScheduledEvent
  isOver: boolean
}
