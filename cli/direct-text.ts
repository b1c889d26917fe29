// How it stands with a direct connection to a peer, and why there can be none, if that is worth a line. Pure.

import { directWords } from '../client/direct-words.ts'
import type { Explanation } from '../client/node.ts'
import { durationText } from './quantity-text.ts'

/**
 * Why there can be none, by what was asked for: WebRTC is switched off, this machine has none, or the mode forbids it.
 * `undefined`: there can be one.
 */
export function noDirect(
  { direct, mode }: Pick<Explanation, 'direct' | 'mode'>,
  isSwitchedOff: boolean,
): 'switchedOff' | 'noWebRtc' | 'mode' | undefined {
  if (isSwitchedOff) return 'switchedOff'
  if (direct === undefined) return 'noWebRtc'
  return mode === 'fast' ? undefined : 'mode'
}

/** Whether what is sent goes to the peer over nobody else, by whatever link. */
export function isDirectInUse(routes: Explanation['routes']): boolean {
  return routes.some(({ state, hops }) => state === 'active' && hops.length === 0)
}

/** @param webRtcOff what switched WebRTC off, as people write it @returns at most one line; none where none is wanted */
export function directTexts(
  explanation: Pick<Explanation, 'direct' | 'mode' | 'routes'>,
  nowMs: number,
  webRtcOff: string | undefined,
): string[] {
  switch (noDirect(explanation, webRtcOff !== undefined)) {
    case 'switchedOff':
      return [`not from here: switched off (${webRtcOff})`]
    case 'noWebRtc':
      return ['not from here: this machine has no WebRTC']
    case 'mode':
      return [`not in mode ${explanation.mode}`]
    default:
      return stateTexts(explanation, nowMs)
  }
}

function stateTexts(
  { direct, routes }: Pick<Explanation, 'direct' | 'routes'>,
  nowMs: number,
): string[] {
  if (direct === undefined) return []
  const { state, reason, retryAt } = direct
  if (state === 'idle' && reason === undefined) {
    return isDirectInUse(routes) ? ['not needed: there is a link to it already'] : []
  }
  const waitMs = retryAt === undefined ? undefined : Math.max(0, retryAt - nowMs)
  const more = waitMs === undefined ? '' : `, again in ${durationText(waitMs)}`
  return [`${directWords(direct)}${state === 'trying' ? OPEN_END : more}`]
}

const OPEN_END = ' (no outcome so far)'
