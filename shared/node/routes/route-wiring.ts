// What a node's links, and what it keeps, mean for its routes. No logic.

import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { NodeConfig } from '../config.ts'
import type { HostEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'

/** Under which the guards of private paths are kept. */
const GUARDS_KEY = 'routes/guards'

export function measureLink(
  { homes, links, routes, rtts }: NodeParts,
  time: Time,
  { link, ms }: { readonly link: LinkId; readonly ms: number },
): void {
  rtts.measured(link, ms)
  homes.measured(link, ms)
  const key = links.peerOf(link)
  if (key !== undefined) routes.linkMeasured(time, key, ms)
}

export function savedGuards({ saved = [] }: NodeConfig): Uint8Array | undefined {
  for (const [key, value] of saved) if (key === GUARDS_KEY) return value
  return undefined
}

/** What is to be kept, if it changed. */
export function takeGuards({ routes }: NodeParts): HostEffect | undefined {
  const value = routes.takeGuards()
  return value && { kind: 'save', key: GUARDS_KEY, value }
}
