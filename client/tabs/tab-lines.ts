// The leader's lines to the other tabs: commands in, events out, and which of them are still there. A tab that ends is
// noticed by its lock; one that is frozen, and so says nothing, is told nothing more until it comes back.

import type { NodeEvent } from '../../shared/node/effects.ts'
import { MAX_TABS, TAB_SILENT_MS } from '../../shared/wire/limits.ts'
import type { Locks } from './election.ts'
import { onEnd } from './election.ts'
import type { TabLeader } from './tab-leader.ts'
import type { OpenChannel, TabChannel, TabId, Term, ToFollower, ToLeader } from './tab-messages.ts'
import { inboxName, lifeName, withOwnBytes } from './tab-messages.ts'

interface Line {
  readonly channel: TabChannel
  readonly stopWaiting: () => void
  heardAt: number
}

export interface LinesDeps {
  readonly group: string
  readonly term: Term
  readonly locks: Locks
  readonly openChannel: OpenChannel
  readonly now: () => number
}

export class TabLines {
  readonly #leader: TabLeader
  readonly #deps: LinesDeps
  readonly #lines = new Map<TabId, Line>()

  constructor(leader: TabLeader, deps: LinesDeps) {
    this.#leader = leader
    this.#deps = deps
  }

  get count(): number {
    return this.#lines.size
  }

  /** @param message of this term */
  heard(message: ToLeader): void {
    const { from } = message
    const now = this.#deps.now()
    if (message.kind === 'attach') {
      this.#attach(now, from)
      return
    }
    const line = this.#lines.get(from)
    if (line === undefined) {
      this.#once(from, { term: this.#deps.term, kind: 'stranger' })
      return
    }
    line.heardAt = now
    switch (message.kind) {
      case 'command':
        this.#leader.command(now, from, message.command)
        return
      case 'ping':
        line.channel.post({ term: this.#deps.term, kind: 'pong' } satisfies ToFollower)
        return
      case 'leave':
        this.#leader.leave(now, from)
        this.#end(from)
    }
  }

  /** Call now and then. */
  check(): void {
    const now = this.#deps.now()
    for (const [tab, { heardAt }] of this.#lines) {
      if (now - heardAt > TAB_SILENT_MS) this.#gone(tab)
    }
  }

  /** This tab does not lead any more. */
  close(): void {
    for (const tab of [...this.#lines.keys()]) this.#end(tab)
  }

  #attach(now: number, tab: TabId): void {
    const { group, locks, openChannel } = this.#deps
    const known = this.#lines.get(tab)
    if (known === undefined && this.#lines.size >= MAX_TABS) return
    const line = known ?? {
      channel: openChannel(inboxName(group, tab), () => {}),
      stopWaiting: onEnd(locks, lifeName(group, tab), () => this.#gone(tab)),
      heardAt: now,
    }
    line.heardAt = now
    this.#lines.set(tab, line)
    this.#leader.attach(now, tab, event => this.#tell(line, event))
  }

  #tell({ channel }: Line, event: NodeEvent): void {
    const { term } = this.#deps
    channel.post({ term, kind: 'event', event: withOwnBytes(event) } satisfies ToFollower)
  }

  #once(tab: TabId, message: ToFollower): void {
    const channel = this.#deps.openChannel(inboxName(this.#deps.group, tab), () => {})
    channel.post(message)
    channel.close()
  }

  #gone(tab: TabId): void {
    this.#leader.detach(this.#deps.now(), tab)
    this.#end(tab)
  }

  #end(tab: TabId): void {
    const line = this.#lines.get(tab)
    this.#lines.delete(tab)
    line?.stopWaiting()
    line?.channel.close()
  }
}
