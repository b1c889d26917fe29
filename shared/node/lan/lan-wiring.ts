// Where news of the LAN goes: in from the host, out to links, servers and peers. No logic.

import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { Command, LanInput } from '../inputs.ts'
import type { NodeParts } from '../node-parts.ts'
import type { LanSideEffect } from './lan-side.ts'

export function handleLan({ lan }: NodeParts, time: Time, input: LanInput): void {
  if (input.kind === 'lanOpened') lan?.open(time, input.port)
  else if (input.kind === 'beaconHeard') lan?.heard(time, input.datagram)
  else lan?.networkChanged(time)
}

/** Somebody wants to reach a peer: it may be a neighbour. */
export function seekNeighbour({ lan }: NodeParts, input: Command): void {
  if (input.kind === 'dial' || input.kind === 'send' || input.kind === 'ping') lan?.want(input.peer)
}

/** @param emit to the host */
export function applyLanEffect(
  { lan, links, homes, server }: NodeParts,
  time: Time,
  effect: LanSideEffect,
  emit: (effect: NodeEffect) => void,
): void {
  switch (effect.kind) {
    case 'sendBeacon':
      emit(effect)
      return
    case 'dial': {
      const { neighbour, url } = effect
      lan?.dialing(neighbour, links.dial(time, url, { isUntrusted: false }), url)
      return
    }
    case 'server':
      if (server !== undefined) server.learnNeighbour(time, effect.url, effect.key)
      else homes.learn(effect.url, { isLan: true })
  }
}
