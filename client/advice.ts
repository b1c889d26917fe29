// What an explanation comes to: whether the key is reached, else the step that failed and what to do about it,
// in words for people. For the command line and the web client; no part of the library. Pure.

import type { ErrorCode } from '../shared/node/mesh-error.ts'
import { ERROR_HINTS } from '../shared/node/mesh-error.ts'
import { failureOfPrivate } from '../shared/node/peer-failure.ts'
import type { ServerStatus } from './api.ts'
import type { Explanation, Failure, ReachStep } from './route-types.ts'

export interface Advice {
  readonly kind: 'reached' | 'untried' | 'failed'
  /** What is the matter. */
  readonly sentence: string
  /** What to do, as a terminal can; nothing needs to be done where it is absent. */
  readonly hint?: string
  /** Of a failure: what kind it is, for those who word it otherwise. */
  readonly code?: ErrorCode
}

/** @param failure what dialing just ended with, where it was tried */
export function adviceOf(explanation: Explanation, failure?: Failure): Advice {
  const { record, type, homes, routes, servers } = explanation
  if (routes.some(({ state }) => state === 'active')) return REACHED
  if (record === 'revoked') return revokedAdvice(failure)
  const isAttached = servers.some(({ state }) => state === 'online')
  // Neighbours on the local network are reached without any server.
  if (!isAttached && routes.length === 0) return serversAdvice(servers)
  if (record === 'noAnswer' && routes.length === 0) return NO_ANSWER
  if (record === 'absent' && routes.length === 0) return ABSENT
  if (routes.length > 0) return routesAdvice(explanation, failure)
  const isNowhere = homes.length === 0 && type !== 'server'
  return isNowhere ? AWAY : noRouteAdvice(explanation, failure)
}

const REACHED: Advice = { kind: 'reached', sentence: 'The peer is reached.' }
const NO_ANSWER: Advice = {
  kind: 'failed',
  sentence: 'Your servers did not say in time what they know of this key.',
  hint: 'Try again; if it stays so, add another server.',
  code: 'TIMEOUT',
}
const ABSENT: Advice = {
  kind: 'failed',
  sentence: 'No server knows this key.',
  hint: 'Compare it with its owner, letter by letter, and ask them to come online once.',
  code: 'NOT_FOUND',
}
const AWAY: Advice = {
  kind: 'failed',
  sentence: 'The peer is offline: its record names no server that it is attached to.',
  hint: 'Try again when it has come online.',
  code: 'OFFLINE',
}

function revokedAdvice(failure: Failure | undefined): Advice {
  return {
    kind: 'failed',
    sentence: 'The holder of this key has revoked it: nobody can be reached under it any more.',
    hint: failure?.code === 'REVOKED' ? hintOf(failure) : ERROR_HINTS.REVOKED,
    code: 'REVOKED',
  }
}

function serversAdvice(servers: readonly ServerStatus[]): Advice {
  const [first] = servers
  if (first === undefined) {
    return {
      kind: 'failed',
      sentence: 'This node has no server to ask.',
      hint: 'Give it the address of one.',
      code: 'UNREACHABLE',
    }
  }
  const error = servers.find(server => server.error !== undefined)?.error
  if (error === undefined) {
    return {
      kind: 'untried',
      sentence: 'Your servers have not answered yet.',
      hint: 'Wait a moment and look again.',
    }
  }
  const which = servers.length === 1 ? '' : 'None of your servers can be used. '
  const sentence = `${which}${error.message}`
  return { kind: 'failed', sentence, hint: hintOf(error), code: error.code }
}

/** Of private paths in the words of a dial. */
function noRouteAdvice(explanation: Explanation, failure: Failure | undefined): Advice {
  const { mode, type, privatePath } = explanation
  if (mode === 'private') {
    const none = failure?.code === 'NO_PATH' ? failure : failureOfPrivate(privatePath?.missing)
    return { kind: 'failed', sentence: none.message, hint: hintOf(none), code: none.code }
  }
  if (type === 'server') {
    return {
      kind: 'failed',
      sentence: 'None of your servers reaches it; it is a server itself.',
      hint: 'Add one that does, or attach to this one by its address.',
      code: 'NO_PATH',
    }
  }
  return {
    kind: 'failed',
    sentence: 'None of your servers reaches a server of the peer.',
    hint: 'Add one of the servers that the peer is attached to.',
    code: 'NO_PATH',
  }
}

function routesAdvice({ routes, steps }: Explanation, failure: Failure | undefined): Advice {
  const failed = steps.findLast(({ error }) => error !== undefined)
  const error = failure ?? failed?.error ?? routes.find(one => one.error !== undefined)?.error
  if (error === undefined) {
    return {
      kind: 'untried',
      sentence: 'There are routes to this key; none of them is open.',
      hint: 'Dial the key to use one.',
    }
  }
  const where = failed?.error?.code === error.code ? ` ${WHERE[failed.step]}` : ''
  const sentence = `${error.message}${where}`
  return { kind: 'failed', sentence, hint: hintOf(error), code: error.code }
}

const WHERE: Readonly<Record<ReachStep['step'], string>> = {
  lookup: 'This happened while its record was looked up.',
  circuit: 'This happened while a path was opened.',
  handshake: 'This happened at the handshake with the peer.',
  attach: 'This happened while the open session was given another path.',
  refusal: 'This is what the peer itself answered: the way there is good.',
}

function hintOf({ code, hint }: Failure): string {
  return hint ?? ERROR_HINTS[code]
}
