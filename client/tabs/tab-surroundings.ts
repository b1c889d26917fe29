// What a tab that shares a node has around it: a browser, or a test that plays one. Types only.

import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import type { PathMode } from '../../shared/routes/route.ts'
import type { Locks } from './election.ts'
import type { OpenChannel } from './tab-messages.ts'

export interface TabSurroundings {
  readonly locks: Locks
  readonly openChannel: OpenChannel
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly unixMs: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  /** Calls back every so many milliseconds, later where timers are held back. @returns stops that */
  readonly every: (ms: number, callback: () => void) => () => void
  /** Nobody sees this page now. */
  readonly isHidden: () => boolean
  /** Calls back when the page is about to run nothing more, for a while or for good. @returns stops that */
  readonly onFreeze: (callback: () => void) => () => void
  /** Calls back when it runs again. @returns stops that */
  readonly onThaw: (callback: () => void) => () => void
}

/** The node itself, in the tab that runs it. */
export interface TabCore {
  command(command: Command): void
  start(): void
  /** Does what is due: messages of other tabs come also where timers are held back. */
  catchUp(): void
  /** Drops links, storage and locks, without a word to anybody. */
  dispose(): Promise<void>
}

export interface SharedNodeDeps {
  readonly surroundings: TabSurroundings
  /** Of the lock, and of the channel of all tabs. */
  readonly group: string
  /** The path mode of this tab's options. */
  readonly mode: PathMode | undefined
  /** What the application of this tab is to hear. */
  readonly onEvent: (event: NodeEvent) => void
  /** @param isRobbed another tab that does not answer may have the storage still, and loses it */
  readonly openCore: (onEvent: (event: NodeEvent) => void, isRobbed: boolean) => Promise<TabCore>
}
