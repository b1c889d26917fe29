// The node of one tab for all of them: each tab's requests under numbers of the node's own, its answers back to the tab
// that asked, and everything else told to every tab. A tab that comes later is told what is. Knows no channels; the
// tab that runs the node is one of the tabs.

import type { KeyId } from '../../shared/identity/node-id.ts'
import type { NodeEvent, PathView, PresenceView } from '../../shared/node/effects.ts'
import type { Command, RequestId } from '../../shared/node/inputs.ts'
import { QUEUE_FULL } from '../../shared/node/peer-failure.ts'
import { MAX_WATCHES, TAB_MAX_REQUESTS } from '../../shared/wire/limits.ts'
import { TabCredit } from './tab-credit.ts'
import type { TabId } from './tab-messages.ts'

type Tell = (event: NodeEvent) => void

interface Tab {
  readonly tell: Tell
  /** The node's number of each open request. */
  readonly requests: Map<RequestId, RequestId>
}

interface Asked {
  /** `undefined`: it is gone, and the node still works with what it gave. */
  readonly tab: TabId | undefined
  readonly request: RequestId
  /** Of a revocation: a copy of ours, to be wiped. */
  readonly seed?: Uint8Array | undefined
}

interface Watch {
  readonly tabs: Set<TabId>
  latest: PresenceView | undefined
}

export class TabLeader {
  readonly #core: (command: Command) => void
  readonly #tabs = new Map<TabId, Tab>()
  readonly #asked = new Map<RequestId, Asked>()
  readonly #watches = new Map<KeyId, Watch>()
  readonly #paths = new Map<KeyId, PathView | undefined>()
  readonly #credit: TabCredit
  #attachments: Extract<NodeEvent, { kind: 'attachments' }> | undefined
  #lastRequest = 0

  /** @param core takes commands of the node */
  constructor(core: (command: Command) => void) {
    this.#core = core
    this.#credit = new TabCredit((peer, bytes) => core({ kind: 'consumed', peer, bytes }))
  }

  get tabCount(): number {
    return this.#tabs.size
  }

  has(tab: TabId): boolean {
    return this.#tabs.has(tab)
  }

  /** A tab comes, or comes again and has forgotten everything. @param tell told at once how things are */
  attach(now: number, tab: TabId, tell: Tell): void {
    this.detach(now, tab)
    this.#tabs.set(tab, { tell, requests: new Map() })
    this.#credit.add(tab)
    if (this.#attachments !== undefined) tell(this.#attachments)
    for (const [peer, path] of this.#paths) {
      tell({ kind: 'peerUp', peer, isIncoming: true })
      tell({ kind: 'peerPath', peer, path })
    }
  }

  /** A tab is gone, or was not heard of. What it sent goes on: nobody has withdrawn it. */
  detach(now: number, tab: TabId): void {
    const gone = this.#tabs.get(tab)
    if (gone === undefined) return
    this.#tabs.delete(tab)
    for (const request of gone.requests.values()) this.#orphan(request)
    for (const key of this.#watches.keys()) this.#unwatch(tab, key)
    this.#credit.remove(now, tab)
  }

  /** A tab closes its node: what it waits for it has given up. */
  leave(now: number, tab: TabId): void {
    for (const request of [...(this.#tabs.get(tab)?.requests.keys() ?? [])]) {
      this.command(now, tab, { kind: 'cancel', request })
    }
    this.detach(now, tab)
  }

  /** What a tab asks for. */
  command(now: number, tab: TabId, command: Command): void {
    const asker = this.#tabs.get(tab)
    if (asker === undefined) return
    switch (command.kind) {
      case 'watch':
        this.#watch(tab, asker, command.key)
        return
      case 'unwatch':
        this.#unwatch(tab, command.key)
        return
      case 'consumed':
        this.#credit.taken(now, tab, command.peer, command.bytes)
        return
      case 'cancel': {
        const request = asker.requests.get(command.request)
        if (request !== undefined) this.#core({ kind: 'cancel', request })
        return
      }
      case 'hangUp':
      case 'nudge':
        this.#core(command)
        return
      default:
        if ('request' in command) this.#ask(tab, asker, command)
    }
  }

  /** What the node says. */
  event(now: number, event: NodeEvent): void {
    switch (event.kind) {
      case 'done':
      case 'failed':
        this.#answer(event)
        return
      case 'message':
        for (const tab of this.#credit.shown(now, event.peer, event.data.length)) {
          this.#tabs.get(tab)?.tell(event)
        }
        this.#credit.check(now)
        return
      case 'presence':
        this.#presence(event)
        return
      case 'attachments':
        this.#attachments = event
        break
      case 'peerUp':
        this.#paths.set(event.peer, undefined)
        break
      case 'peerPath':
        if (this.#paths.has(event.peer)) this.#paths.set(event.peer, event.path)
        break
      case 'peerDown':
        this.#paths.delete(event.peer)
        break
      case 'stopped':
        return
    }
    for (const { tell } of [...this.#tabs.values()]) tell(event)
  }

  /** Call now and then: tabs may have stopped taking messages. */
  check(now: number): void {
    this.#credit.check(now)
  }

  #ask(tab: TabId, asker: Tab, command: Extract<Command, { readonly request: RequestId }>): void {
    if (asker.requests.size >= TAB_MAX_REQUESTS) {
      asker.tell({ kind: 'failed', request: command.request, failure: QUEUE_FULL })
      return
    }
    this.#lastRequest += 1
    const request = this.#lastRequest
    const seed = command.kind === 'revoke' ? command.successor?.slice() : undefined
    asker.requests.set(command.request, request)
    this.#asked.set(request, { tab, request: command.request, seed })
    this.#core({ ...command, request, ...(seed !== undefined && { successor: seed }) })
  }

  #answer(event: Extract<NodeEvent, { kind: 'done' | 'failed' }>): void {
    const asked = this.#asked.get(event.request)
    if (asked === undefined) return
    this.#forget(event.request)
    const asker = asked.tab === undefined ? undefined : this.#tabs.get(asked.tab)
    asker?.requests.delete(asked.request)
    asker?.tell({ ...event, request: asked.request })
  }

  /** Nobody waits for it. A seed is the node's until it answers: wiped before, it would be another key's. */
  #orphan(request: RequestId): void {
    const asked = this.#asked.get(request)
    if (asked?.seed === undefined) this.#asked.delete(request)
    else this.#asked.set(request, { ...asked, tab: undefined })
  }

  #forget(request: RequestId): void {
    this.#asked.get(request)?.seed?.fill(0)
    this.#asked.delete(request)
  }

  #watch(tab: TabId, asker: Tab, key: KeyId): void {
    const known = this.#watches.get(key)
    if (known === undefined && this.#watches.size >= MAX_WATCHES) {
      // One node watches so many for all tabs: of the rest nothing is known.
      asker.tell({ kind: 'presence', presence: { key, state: 'unknown' } })
      return
    }
    const watch = known ?? { tabs: new Set(), latest: undefined }
    watch.tabs.add(tab)
    this.#watches.set(key, watch)
    if (known === undefined) this.#core({ kind: 'watch', key })
    else if (watch.latest !== undefined) asker.tell({ kind: 'presence', presence: watch.latest })
  }

  #unwatch(tab: TabId, key: KeyId): void {
    const watch = this.#watches.get(key)
    if (watch === undefined || !watch.tabs.delete(tab) || watch.tabs.size > 0) return
    this.#watches.delete(key)
    this.#core({ kind: 'unwatch', key })
  }

  #presence(event: Extract<NodeEvent, { kind: 'presence' }>): void {
    const watch = this.#watches.get(event.presence.key)
    if (watch === undefined) return
    watch.latest = event.presence
    for (const tab of [...watch.tabs]) this.#tabs.get(tab)?.tell(event)
  }
}
