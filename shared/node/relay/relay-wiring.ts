// Where the effects of a client's relaying go: to links, servers and host. No logic.

import type { Time } from '../../machine/machine.ts'
import { recordBody } from '../../wire/registry-bodies.ts'
import { encodePush } from '../../wire/rpc-messages.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { ClientRelayEffect } from './client-relay.ts'

/** @param emit to the host */
export function applyClientRelayEffect(
  { links, homes, lan, ownRecord }: NodeParts,
  time: Time,
  effect: ClientRelayEffect,
  emit: (effect: NodeEffect) => void,
): void {
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
    case 'recordChanged': {
      homes.recordChanged(time)
      const body = recordBody(ownRecord.take(time).bytes)
      const bytes = encodePush({ method: 'record', body })
      for (const { link } of lan?.linked() ?? []) links.feed(time, link, { kind: 'send', bytes })
    }
  }
}
