// A row of routers, each linked to the next: what circuits of any length need.

import type { CircuitId } from '../../shared/routing/circuit.ts'
import type { World } from '../world.ts'
import type { RouterNode } from './router-node.ts'
import { addRouter, awaitLinks } from './router-node.ts'
import type { RouterApplication } from './router-program.ts'

export function buildChain(
  world: World,
  length: number,
  applicationAt: (place: number) => RouterApplication,
): RouterNode[] {
  const chain = Array.from({ length }, (_, place) =>
    addRouter(world, `router-${place}`, applicationAt(place)),
  )
  for (const [place, { url }] of chain.slice(1).entries()) chain[place]?.program.connect(url)
  const linksAt = (place: number) => (place === 0 || place === length - 1 ? 1 : 2)
  awaitLinks(
    world,
    chain.map((router, place) => [router, linksAt(place)]),
  )
  return chain
}

/** Opens a circuit from the first router through all others to the last. */
export function openThrough(chain: readonly RouterNode[], large: boolean): CircuitId {
  const [origin, ...others] = chain
  if (origin === undefined) throw new RangeError('A chain has routers.')
  const circuit = origin.program.router.nextCircuitId()
  const hops = others.map(({ program }) => program.hop)
  origin.program.handle({ kind: 'open', circuit, hops, data: new Uint8Array(1), large })
  return circuit
}
