// Keeps one peer's session supplied with paths as path-keeper.ts says: opens what is missing by reach.ts, drops what is
// too much, and obeys the mode. What an attempt came to is for the owner to act on.

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { PeerRoutes } from '../attempt/peer-routes.ts'
import type { Reach, Reached } from '../attempt/reach.ts'
import { AskSchedule } from '../routes/ask-schedule.ts'
import type { PathKeeper } from './path-keeper.ts'
import type { PeerContext } from './peer-context.ts'
import type { PeerSession } from './peer-session.ts'

/** What is open, what is known of it, and the mode in force, for views. */
export interface PeerRouteState {
  readonly keeper: PathKeeper
  readonly activeCircuit: CircuitId | undefined
  readonly known: PeerRoutes | undefined
}

export class PathUpkeep {
  readonly #context: Pick<PeerContext, 'askRoutes' | 'direct' | 'servers'>
  readonly #peer: KeyId
  readonly #session: PeerSession
  readonly #reach: Reach
  readonly #asks = new AskSchedule()

  constructor(
    context: Pick<PeerContext, 'askRoutes' | 'direct' | 'servers'>,
    peer: KeyId,
    session: PeerSession,
    reach: Reach,
  ) {
    this.#context = context
    this.#peer = peer
    this.#session = session
    this.#reach = reach
  }

  get state(): PeerRouteState {
    const { keeper, activeCircuit } = this.#session
    return { keeper, activeCircuit, known: this.#reach.known }
  }

  /** Whether a path has to be opened before anything else is of use. */
  get lacksPath(): boolean {
    const { keeper, isKeeper, paths } = this.#session
    // Only who made the session, or has to hide from it, opens a path beside another one.
    return paths === 0 || ((isKeeper || keeper.mode === 'private') && keeper.lacksPath)
  }

  /** Opens a path where none is, unless an attempt runs or is due later. */
  ensure(time: Time): Reached | undefined {
    if (!this.lacksPath) return undefined
    const { current, keeper } = this.#session
    return this.#reach.start(time, current, keeper.mode)
  }

  /** Paths of ours that break the mode go, attempts for another one begin anew. @returns whether a path is to be ensured */
  setMode(time: Time, mode: PathMode): boolean {
    const { keeper } = this.#session
    if (keeper.mode === mode) return false
    this.#session.dropPaths(time, keeper.setMode(mode))
    if (this.#session.isLive) keeper.wake(time)
    this.#context.direct.modeChanged(time, this.#peer)
    this.#session.showPath(time)
    const wasReaching = this.#reach.modeChanged(time, mode)
    return wasReaching || (this.#session.isLive && this.lacksPath)
  }

  /** Looks after the spare path, when it is time to. */
  timeout(time: Time): Reached | undefined {
    const { current, keeper, isKeeper, activeCircuit } = this.#session
    if (current === undefined) return undefined
    const { known } = this.#reach
    const task = keeper.check(time, current.usedAt, activeCircuit, known)
    if (task === undefined) return undefined
    const isIdle = task.kind === 'rest'
    this.#session.trim(time, isIdle)
    if (isIdle) {
      this.#reach.rest()
      this.#asks.reset()
    }
    const isOurs = isKeeper || keeper.mode === 'private'
    if (isIdle || !isOurs || this.lacksPath) return undefined
    this.#askAround(time, known)
    if (task.need === undefined) return undefined
    if (!this.#reach.isActive) return this.#reach.startSpare(time, current, task.need)
    // To the peer itself: worth more than what is being opened.
    if (this.#context.servers.hasDirectLink(this.#peer)) keeper.putOff(time)
    return undefined
  }

  /** What is heard may be better than a way over several servers. */
  #askAround(time: Time, known: PeerRoutes | undefined): void {
    const { mode, paths } = this.#session.keeper
    const isFar = paths.own().some(({ relays }) => relays.length > 1)
    if (!isFar || mode === 'private' || !this.#asks.isDue(time)) return
    this.#asks.asked(time, known?.ranked(time, mode) ?? [])
    this.#context.askRoutes(time, this.#peer)
  }
}
