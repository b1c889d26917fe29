// A message as one JSON event. Bytes that are no text travel as base64.

import type { Message } from '../client/node.ts'
import type { JsonEvent } from './output.ts'

export function messageEvent({ id, from, data }: Pick<Message, 'id' | 'from' | 'data'>): JsonEvent {
  const content =
    typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') }
  return { event: 'message', id, from, ...content }
}
