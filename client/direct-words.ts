// What is said to people of a direct connection that is wanted: one wording for the command line and the web client, which
// know by themselves whether the mode, or the machine, allows one. Pure.

import type { DirectState } from './route-types.ts'

/** @param direct `undefined`: this node has no WebRTC */
export function directWords(direct: DirectState | undefined): string {
  if (direct === undefined) return 'not from here: no WebRTC, or switched off'
  const { state, reason } = direct
  if (state === 'open') return 'connected'
  if (reason !== undefined) return `${state === 'trying' ? 'trying again; ' : ''}${REASONS[reason]}`
  return STATES[state]
}

const STATES = {
  idle: 'none: no session with the peer, or its path mode is not fast',
  trying: 'trying',
  waiting: 'soon to be tried',
} as const satisfies Record<Exclude<DirectState['state'], 'open'>, string>

const REASONS = {
  unsupported: 'the peer has no WebRTC',
  busy: 'the peer has no room for another connection',
  mode: 'the peer allows none: its path mode for this key is not fast',
  tooSoon: 'the peer was asked too often',
  failed: 'the peer gave up',
  silent: 'the peer did not answer the offer',
  unreachable: 'no direct way was found between the two networks',
  lost: 'the connection was lost',
  full: 'this node has as many connections as it may',
} as const satisfies Record<NonNullable<DirectState['reason']>, string>
