// Which of a session's paths carries data (docs/PROTOCOL.md 7): the one that the owner prefers; else, for the
// responder, the one on which the initiator sends its own; else the one that did so far. While that one is gone,
// suspect or in doubt the best of the others does. An owner that hides something confines its data to some paths: what
// the session needs besides (credit, keys) then goes over any. Acks and probes go where they must, whatever is said here.

import type { Path, PathId } from './path.ts'

export class Preference {
  readonly #paths: ReadonlyMap<PathId, Path>
  readonly #isFollower: boolean
  #chosen: PathId | undefined
  #confines: ReadonlySet<PathId> | undefined
  #followed: PathId | undefined
  /** Counter of the packet that told what to follow. */
  #newest = -1
  #last: PathId | undefined
  /** Where the follower was last led. */
  #led: PathId | undefined

  /** @param isFollower the responder, which leaves the choice to the other side */
  constructor(paths: ReadonlyMap<PathId, Path>, isFollower: boolean) {
    this.#paths = paths
    this.#isFollower = isFollower
  }

  /** @param path `undefined`: the owner does not mind. One that is not attached counts from when it is. */
  prefer(path: PathId | undefined): void {
    this.#chosen = path
  }

  /** @param paths the only ones that may carry data, `undefined`: all */
  confine(paths: ReadonlySet<PathId> | undefined): void {
    this.#confines = paths
  }

  /** A packet of the peer brought something that only goes over the path which carries its data. */
  heardData(path: PathId, counter: number): void {
    if (!this.#isFollower || counter < this.#newest) return
    this.#newest = counter
    this.#followed = path
  }

  /** Every path there is is one that may not carry data. */
  get isShut(): boolean {
    return this.#confines !== undefined && ![...this.#paths.keys()].some(id => this.#mayCarry(id))
  }

  /** @returns the path that carries data, `undefined` when none is left that may */
  active(): PathId | undefined {
    const id = this.leading()
    return id !== undefined && this.#mayCarry(id) ? id : undefined
  }

  /** @returns the path for what the session itself has to say: that of the data, any if there is none */
  leading(): PathId | undefined {
    const [first] = this.#paths.values()
    if (this.#paths.size <= 1) return first?.isSuspect === false ? first.id : undefined
    this.#last =
      this.#pick(this.#allowsSound) ??
      this.#pick(this.#allowsOpen) ??
      (this.#confines && (this.#pick(isSound) ?? this.#pick(isOpen)))
    return this.#last
  }

  /** Whether the other side has to be told that another path than before carries data. True once for each. */
  takeMove(): boolean {
    const before = this.#led
    this.#led = this.leading()
    const isMove = before !== undefined && this.#led !== undefined && before !== this.#led
    return isMove && !this.#isFollower
  }

  #mayCarry(id: PathId): boolean {
    return this.#confines?.has(id) !== false
  }

  readonly #allowsSound = (path: Path): boolean => isSound(path) && this.#mayCarry(path.id)

  readonly #allowsOpen = (path: Path): boolean => isOpen(path) && this.#mayCarry(path.id)

  #pick(isGood: (path: Path) => boolean): PathId | undefined {
    for (const id of [this.#chosen, this.#followed, this.#last]) {
      const path = id === undefined ? undefined : this.#paths.get(id)
      if (path !== undefined && isGood(path)) return path.id
    }
    return this.#nearest(isGood)
  }

  #nearest(isGood: (path: Path) => boolean): PathId | undefined {
    let nearest: Path | undefined
    for (const path of this.#paths.values()) {
      const isNearer = nearest === undefined || rttOf(path) < rttOf(nearest)
      if (isNearer && isGood(path)) nearest = path
    }
    return nearest?.id
  }
}

function isOpen(path: Path): boolean {
  return !path.isSuspect
}

function isSound(path: Path): boolean {
  return !path.isSuspect && !path.isDoubted
}

function rttOf({ rtt }: Path): number {
  return rtt.smoothedMs ?? Number.POSITIVE_INFINITY
}
