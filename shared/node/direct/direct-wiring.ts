// Where the effects of direct connections go: to links, peers and the host. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { DirectEffect } from './direct-types.ts'

/** @param emit to the host */
export function applyDirectEffect(
  { direct, directRole, links, peers }: NodeParts,
  time: Time,
  effect: DirectEffect,
  emit: (effect: NodeEffect) => void,
): void {
  switch (effect.kind) {
    case 'open': {
      if (directRole === undefined) return
      const { peer, options } = effect
      direct?.opening(peer, links.openRtc(time, peer, options, directRole.steps))
      return
    }
    case 'signalRtc':
      emit(effect)
      return
    case 'tell':
      peers.signal(time, effect.peer, effect.bytes)
      return
    case 'close':
      links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
  }
}
