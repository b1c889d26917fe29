// What a node tells of routes to a peer: those it has, those it tried, and why some failed. Types only.

import type { KeyId } from '../../identity/node-id.ts'
import type { PrivateFacts } from '../../routes/private-reasons.ts'
import type { PathMode, RankedRoute } from '../../routes/route.ts'
import type { DirectView } from '../direct/direct-types.ts'
import type { AttachmentView } from '../effects.ts'
import type { Failure } from '../mesh-error.ts'

export interface RouteView extends RankedRoute {
  /** `active` carries the session, `spare` stands by, `idle` is not open; `failed` neither, and has `failure`. */
  readonly state: 'active' | 'spare' | 'idle' | 'failed'
  /** Of an open one. Of a path of the `peer` we know the last relay only: it is worth what that alone tells. */
  readonly openedBy?: 'us' | 'peer'
  /** Round trip to the peer over the open path. */
  readonly rttMs?: number
  readonly failure?: Failure
}

/** One thing that was tried to reach a peer. */
export interface TriedStep {
  /** `refusal`: the peer was reached, and said no by itself. */
  readonly step: 'lookup' | 'circuit' | 'handshake' | 'attach' | 'refusal'
  readonly relays: readonly KeyId[]
  /** Milliseconds since it began, and how long it took. */
  readonly agoMs: number
  readonly tookMs: number
  /** Absent when it went well. */
  readonly failure?: Failure
}

export interface Explanation {
  readonly mode: PathMode
  /** What the registry knows of the key. */
  readonly record: 'found' | 'absent' | 'noAnswer' | 'revoked'
  /** What its record says the key is: a server is attached to no other. */
  readonly type?: 'client' | 'server'
  /** Milliseconds since the key signed its record. */
  readonly recordAgeMs?: number
  /** Servers that the key says it is attached to. */
  readonly homes: readonly KeyId[]
  readonly servers: readonly AttachmentView[]
  readonly routes: readonly RouteView[]
  /** How it stands with a WebRTC connection; absent on a node without WebRTC. */
  readonly direct?: DirectView
  /** In mode `private`: what private-reasons.ts tells the reasons from, why who may not stand where. */
  readonly privateFacts?: PrivateFacts
  /** The newest, oldest first. */
  readonly tried: readonly TriedStep[]
}
