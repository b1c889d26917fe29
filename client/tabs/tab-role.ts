// What a tab that shares a node is at the moment. Types only.

import type { TabLeader } from './tab-leader.ts'
import type { TabLines } from './tab-lines.ts'
import type { TabChannel, TabId, Term } from './tab-messages.ts'
import type { TabCore } from './tab-surroundings.ts'

export type TabRole =
  | { readonly kind: 'seeking' }
  | {
      readonly kind: 'following'
      readonly leader: TabId
      readonly term: Term
      readonly line: TabChannel
    }
  | { readonly kind: 'starting'; readonly term: Term }
  | {
      readonly kind: 'leading'
      readonly term: Term
      readonly core: TabCore
      readonly leader: TabLeader
      readonly lines: TabLines
    }
  | { readonly kind: 'closing'; readonly core: TabCore }
  | { readonly kind: 'closed' }
