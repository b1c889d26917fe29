// What an attempt to reach a peer (path-attempt.ts) is given, hears and comes to.

import type { Time } from '../../machine/machine.ts'
import type { Relays } from '../../routes/route.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { NodeRecord } from '../../wire/record.ts'
import type { Failure } from '../mesh-error.ts'
import type { PeerContext } from '../peers/peer-context.ts'
import type { PeerRoutes, RouteNeed } from './peer-routes.ts'

export type AttemptResult =
  | {
      readonly kind: 'opened'
      readonly circuit: CircuitId
      /** Relays between us and the peer. */
      readonly relays: Relays
      /** What the peer answered. */
      readonly data: Uint8Array
      /** When the circuit was asked for, `Time.now`. */
      readonly startedAt: number
    }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** One piece of news of a lookup (`ServerPort.startLookup`). Everything in it was verified before. */
export interface LookupNews {
  readonly lookup: number
  /** `absent`: no server knows the key; `noAnswer`: none answered; `revoked` is final and beats all records. */
  readonly record: NodeRecord | 'absent' | 'noAnswer' | 'revoked'
  /** Records of the home servers that `record` names, as far as our servers know them. */
  readonly servers: readonly NodeRecord[]
  /** With `revoked`: the key (32 bytes) that co-signed as the one to use instead. */
  readonly successor?: Uint8Array
  /** The lookup ended; else a newer record may come. */
  readonly isFinal: boolean
}

/** What an attempt needs of its surroundings. */
export type AttemptContext = Pick<
  PeerContext,
  'circuits' | 'servers' | 'routes' | 'log' | 'askRoutes' | 'isAskingRoutes'
>

export interface AttemptOptions extends RouteNeed {
  /** What is known of the peer already: nothing is looked up before its routes were tried. */
  readonly known?: PeerRoutes | undefined
  /** Circuits at most. */
  readonly maxCircuits: number
  /** Least time that one circuit has for itself. */
  readonly minHedgeMs: number
}

/** Fresh data for one circuit's setup. */
export type MakeSetup = (time: Time, circuit: CircuitId) => Uint8Array
