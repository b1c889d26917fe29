// Where the effects of a server's own part go: to links, router and host. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import type { ServerSideEffect } from './server-side-types.ts'

/** @param emit to the host, and to the application */
export function applyServerEffect(
  { links, router, server, commands }: NodeParts,
  time: Time,
  effect: ServerSideEffect,
  emit: (effect: NodeEffect) => void,
): void {
  switch (effect.kind) {
    case 'save':
    case 'network':
    case 'replicated':
      emit(effect)
      return
    case 'lookedUp': {
      const { request, value = 'absent' } = effect
      const owner = { kind: 'request', request } as const
      const result = { kind: 'lookedUp', lookup: 0, owner, result: value } as const
      commands.lookedUp(time, { ...result, servers: [], isFinal: true })
      return
    }
    case 'sendFrame':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'misbehaved':
      links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
      return
    case 'close':
      links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
      return
    case 'dial':
      server?.dialing(effect.dial, links.dial(time, effect.url, effect))
      return
    case 'proven':
      router.handle(time, { kind: 'serverProven', peer: effect.server })
      return
    case 'noLink':
      router.handle(time, { kind: 'noLink', peer: effect.server })
  }
}
