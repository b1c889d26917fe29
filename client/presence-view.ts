// The core's view of a watched key, in the words of the public API. Pure.

import { encodeKey } from '../shared/identity/key-text.ts'
import type { PresenceView } from '../shared/node/effects.ts'
import type { Presence } from './api.ts'
import { writeKey } from './key-input.ts'
import { recordViewOf } from './record-view.ts'

export function presenceOf({ key, state, record, successor }: PresenceView): Presence {
  return {
    key: writeKey(key),
    state,
    ...(record !== undefined && { record: recordViewOf(record.record) }),
    ...(successor !== undefined && { successor: encodeKey(successor) }),
  }
}
