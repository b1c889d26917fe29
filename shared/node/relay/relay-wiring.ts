// Where the effects of a client's relaying go: to links, servers and host. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import { tellRecord } from '../neighbours/neighbour-wiring.ts'
import type { NodeParts } from '../node-parts.ts'
import type { ClientRelayEffect } from './client-relay.ts'

/** @param emit to the host */
export function applyClientRelayEffect(
  parts: NodeParts,
  time: Time,
  effect: ClientRelayEffect,
  emit: (effect: NodeEffect) => void,
): void {
  const { links, homes, neighbours } = parts
  switch (effect.kind) {
    case 'save':
      emit(effect)
      return
    case 'sendFrame':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'misbehaved':
      links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
      return
    case 'recordChanged':
      homes.recordChanged(time)
      tellRecord(
        parts,
        time,
        (neighbours?.linked() ?? []).map(({ link }) => link),
      )
  }
}
