// Where the effects of direct connections go: to links, peers and the host. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { DirectEffect } from './direct-types.ts'

/** @param emit to the host */
export function applyDirectEffect(
  { direct, directRole, links, mesh, peers }: NodeParts,
  time: Time,
  effect: DirectEffect,
  emit: (effect: NodeEffect) => void,
): void {
  switch (effect.kind) {
    case 'open': {
      const { peer, options } = effect
      // What came after it in the same packet may have ended the attempt.
      if (directRole === undefined || direct?.awaitsLink(peer) !== true) return
      direct.opening(peer, links.openRtc(time, peer, options, directRole.steps))
      return
    }
    case 'signalRtc':
      emit(effect)
      return
    case 'tell':
      for (const one of [peers, mesh?.peers]) {
        if (one?.hasSession(effect.peer) !== true) continue
        one.signal(time, effect.peer, effect.bytes)
        return
      }
      return
    case 'close':
      links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
  }
}
