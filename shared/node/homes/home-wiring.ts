// Where the effects of a client's part for its servers go: to links, peers, requests and the application. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { HomeServersEffect } from './home-servers.ts'

/** @param emit to the host */
export function applyHomeEffect(
  { commands, direct, homes, links, mesh, peers, routes }: NodeParts,
  time: Time,
  effect: HomeServersEffect,
  emit: (effect: NodeEffect) => void,
): void {
  switch (effect.kind) {
    case 'dial':
      homes.dialing(effect.index, links.dial(time, effect.url, effect))
      return
    case 'sendFrame':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'misbehaved':
      links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
      return
    case 'changed':
      emit({ kind: 'attachments', attachments: homes.views(time) })
      peers.serversChanged(time)
      mesh?.peers.serversChanged(time)
      commands.serversChanged(time)
      return
    case 'showed':
      routes.relays.learn(effect.record)
      return
    case 'sampled':
      routes.relays.sampled(effect.source, effect.records)
      return
    case 'attached':
      commands.serverAttached(time)
      peers.serverAttached(time)
      mesh?.serverAttached(time)
      direct?.serverAttached(time)
      return
    case 'presence':
      emit(effect)
      return
    case 'revokeEnded':
      commands.revokeEnded(effect)
      return
    case 'lookedUp':
      commands.lookedUp(time, effect)
  }
}
