// What one end of a pair has said so far, in the shapes that tests compare.

import { toHex } from '../../bytes/hex.ts'
import { mapKey } from '../../bytes/map-key.ts'
import type { SessionEffect } from '../effects.ts'
import type { End, PairOptions } from './pair.ts'

export function failures(end: End): string[] {
  return end.effects.flatMap(effect => (effect.kind === 'failed' ? [effect.code] : []))
}

export function deliveredIds(end: End): string[] {
  return end.effects.flatMap(effect => (effect.kind === 'delivered' ? [mapKey(effect.id)] : []))
}

export function shownIds(end: End): string[] {
  return end.messages.map(message => mapKey(message.id))
}

/** Signals that it was told, as hex. */
export function signals(end: End): string[] {
  return end.effects.flatMap(effect => (effect.kind === 'signal' ? [toHex(effect.bytes)] : []))
}

export function kinds(end: End): SessionEffect['kind'][] {
  return end.effects.map(effect => effect.kind)
}

export function closed(end: End): unknown {
  return end.effects.find(effect => effect.kind === 'closed')
}

export const BAD: Required<Pick<PairOptions, 'network'>> = {
  network: { delayMs: 20, loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.01 },
}
