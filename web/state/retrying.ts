// Which failures of a message pass by themselves, so that it is worth sending again under its id. Pure.

import { MeshError } from '../../client/browser.ts'
import type { Conversation } from './conversation.ts'

const PASSING: ReadonlySet<string> = new Set<MeshError['code']>([
  'OFFLINE',
  'NO_PATH',
  'UNREACHABLE',
  'TIMEOUT',
  'QUOTA',
  'ABORTED',
  'CLOSED',
])

/** A key that no server knows is a mistyped one, unless we have heard of its holder: then its record is too old. */
export function isPassing(error: unknown, conversation: Conversation): boolean {
  if (!(error instanceof MeshError)) return false
  return PASSING.has(error.code) || (error.code === 'NOT_FOUND' && hasBeenReached(conversation))
}

function hasBeenReached({ messages }: Conversation): boolean {
  return messages.some(
    message => message.direction === 'in' || message.delivery.state === 'delivered',
  )
}
