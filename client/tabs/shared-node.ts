// One tab of those that share a node: leads, follows, or looks for a leader. Each tab stands for election all the while,
// so the end of the leader makes another one go on within the time that the start of a node takes. A page that is
// about to be frozen lets go by itself; a leader that is stuck without a word is replaced.

import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import { TAB_PING_MS } from '../../shared/wire/limits.ts'
import { Election } from './election.ts'
import { LeaderSilence } from './leader-silence.ts'
import { TabLeader } from './tab-leader.ts'
import { TabLines } from './tab-lines.ts'
import { TabMember } from './tab-member.ts'
import type { GroupMessage, TabChannel, TabId, Term, ToFollower, ToLeader } from './tab-messages.ts'
import { inboxName, withOwnBytes } from './tab-messages.ts'
import type { TabRole } from './tab-role.ts'
import type { SharedNodeDeps, TabCore } from './tab-surroundings.ts'

export class SharedNode {
  readonly #deps: SharedNodeDeps
  readonly #tab: TabId
  readonly #member: TabMember
  readonly #election: Election
  readonly #group: TabChannel
  readonly #inbox: TabChannel
  readonly #silence: LeaderSilence
  readonly #stopListening: readonly (() => void)[]
  #role: TabRole = { kind: 'seeking' }
  #isFrozen = false
  #lastTerm: Term = 0
  #started: { resolve(): void; reject(error: unknown): void } | undefined

  constructor(tab: TabId, deps: SharedNodeDeps) {
    const { surroundings, group, onEvent, mode } = deps
    this.#deps = deps
    this.#tab = tab
    this.#member = new TabMember(onEvent, mode)
    this.#silence = new LeaderSilence(surroundings)
    this.#group = surroundings.openChannel(group, message =>
      this.#heardOfGroup(message as GroupMessage),
    )
    this.#inbox = surroundings.openChannel(inboxName(group, tab), message =>
      this.#heard(message as ToLeader | ToFollower),
    )
    this.#election = new Election(surroundings.locks, group, {
      won: isRobbed => void this.#won(isRobbed),
      robbed: () => this.#robbed(),
    })
    this.#stopListening = [
      surroundings.onFreeze(() => this.#freeze()),
      surroundings.onThaw(() => this.#thaw()),
      surroundings.every(TAB_PING_MS, () => this.#tick()),
    ]
  }

  get isLeading(): boolean {
    return this.#role.kind === 'leading'
  }

  /** Settles when there is a node. @throws what the start of one here throws */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject }
      this.#seek()
    })
  }

  command(command: Command): void {
    if (command.kind === 'shutdown') this.#shutDown()
    else this.#member.command(this.#deps.surroundings.now(), command)
  }

  /** Gives everything back, without a word to anybody. */
  async dispose(): Promise<void> {
    const role = this.#role
    this.#role = { kind: 'closed' }
    for (const stop of this.#stopListening) stop()
    if (role.kind === 'following') role.line.close()
    if (role.kind === 'leading') role.lines.close()
    const isRunning = role.kind === 'leading' || role.kind === 'closing'
    const disposed = isRunning ? role.core.dispose() : undefined
    this.#election.resign()
    this.#group.close()
    this.#inbox.close()
    await disposed
  }

  /** Waits for its turn, and asks whether somebody leads. */
  #seek(): void {
    this.#role = { kind: 'seeking' }
    this.#silence.begin()
    this.#election.stand()
    this.#say({ kind: 'who' })
  }

  async #won(isRobbed: boolean): Promise<void> {
    this.#unfollow()
    const { surroundings, group, openCore } = this.#deps
    const { now, unixMs, locks, openChannel } = surroundings
    const term = Math.max(unixMs(), this.#lastTerm + 1)
    this.#lastTerm = term
    const starting: TabRole = { kind: 'starting', term }
    this.#role = starting
    this.#say({ kind: 'leads', leader: this.#tab, term, isReady: false })
    let leader: TabLeader | undefined
    try {
      const core = await openCore(event => this.#fromCore(leader, event), isRobbed)
      if (this.#role !== starting) {
        await core.dispose()
        return
      }
      leader = new TabLeader(command => core.command(command))
      const lines = new TabLines(leader, { group, term, locks, openChannel, now })
      this.#role = { kind: 'leading', term, core, leader, lines }
      this.#lead(core, leader, term)
    } catch (error) {
      if (this.#role === starting) this.#cannotStart(error)
    }
  }

  #lead(core: TabCore, leader: TabLeader, term: Term): void {
    const { now } = this.#deps.surroundings
    core.start()
    leader.attach(now(), this.#tab, event => this.#member.event(event))
    this.#member.attached(now(), command => leader.command(now(), this.#tab, command))
    this.#say({ kind: 'leads', leader: this.#tab, term, isReady: true })
    this.#begun()
  }

  /** At first it is for the application to hear; later the next tab may do better, or else this one, after a while. */
  #cannotStart(error: unknown): void {
    this.#role = { kind: 'seeking' }
    this.#silence.begin()
    this.#election.resign()
    this.#started?.reject(error)
  }

  #fromCore(leader: TabLeader | undefined, event: NodeEvent): void {
    const role = this.#role
    if (role.kind === 'closing' && event.kind === 'stopped') this.#deps.onEvent(event)
    else if (role.kind === 'leading' && role.leader === leader) {
      leader.event(this.#deps.surroundings.now(), event)
    }
  }

  #begun(): void {
    this.#started?.resolve()
    this.#started = undefined
  }

  #robbed(): void {
    this.#stepDown(false)
    if (this.#role.kind !== 'closed') this.#seek()
  }

  /** @param isSaved what is to be kept is saved first */
  #stepDown(isSaved: boolean): void {
    const role = this.#role
    if (role.kind === 'leading') {
      this.#role = { kind: 'seeking' }
      this.#member.detached()
      role.lines.close()
      if (isSaved) role.core.command({ kind: 'suspend' })
      void role.core.dispose()
    } else if (role.kind === 'starting') this.#role = { kind: 'seeking' }
  }

  #freeze(): void {
    if (this.#role.kind === 'closed' || this.#role.kind === 'closing') return
    this.#isFrozen = true
    this.#stepDown(true)
    this.#election.resign()
  }

  #thaw(): void {
    if (!this.#isFrozen) return
    this.#isFrozen = false
    const role = this.#role
    if (role.kind === 'following') {
      this.#silence.begin()
      this.#election.stand()
      this.#ask(role.line, role.term, { kind: 'ping' })
    } else if (role.kind === 'seeking') this.#seek()
  }

  #shutDown(): void {
    const role = this.#role
    const stopped = { kind: 'stopped' } as const
    if (role.kind === 'leading' && role.lines.count === 0) {
      this.#role = { kind: 'closing', core: role.core }
      this.#member.detached()
      role.core.command({ kind: 'shutdown' })
      return
    }
    if (role.kind === 'following') this.#ask(role.line, role.term, { kind: 'leave' })
    this.#unfollow()
    // The others go on with the sessions, so nobody is told goodbye.
    this.#stepDown(true)
    this.#role = { kind: 'closed' }
    this.#election.resign()
    queueMicrotask(() => this.#deps.onEvent(stopped))
  }

  #tick(): void {
    if (this.#isFrozen) return
    const { now } = this.#deps.surroundings
    const gapMs = this.#silence.tick()
    const role = this.#role
    switch (role.kind) {
      case 'seeking':
        this.#say({ kind: 'who' })
        this.#silent(gapMs)
        break
      case 'following':
        this.#ask(role.line, role.term, { kind: 'ping' })
        this.#silent(gapMs)
        break
      case 'leading':
        role.leader.check(now())
        role.lines.check()
    }
    this.#member.check(now())
  }

  #silent(gapMs: number): void {
    if (this.#silence.isTooLong(gapMs)) this.#election.rob()
  }

  #heardOfGroup(message: GroupMessage): void {
    const role = this.#role
    if (message.kind === 'who') {
      if (role.kind !== 'leading' && role.kind !== 'starting') return
      const isReady = role.kind === 'leading'
      this.#say({ kind: 'leads', leader: this.#tab, term: role.term, isReady })
      return
    }
    const { leader, term, isReady } = message
    const isOld = term < this.#lastTerm
    if (isOld || (role.kind !== 'seeking' && role.kind !== 'following')) return
    this.#lastTerm = term
    this.#silence.end()
    if (role.kind === 'following' && role.term === term) return
    this.#unfollow()
    if (isReady) this.#follow(leader, term)
  }

  #follow(leader: TabId, term: Term): void {
    const { group, surroundings } = this.#deps
    const line = surroundings.openChannel(inboxName(group, leader), () => {})
    this.#role = { kind: 'following', leader, term, line }
    this.#silence.begin()
    this.#election.stand()
    this.#attach(line, term)
    this.#begun()
  }

  #attach(line: TabChannel, term: Term): void {
    this.#ask(line, term, { kind: 'attach' })
    this.#member.attached(this.#deps.surroundings.now(), command =>
      this.#ask(line, term, { kind: 'command', command: withOwnBytes(command) }),
    )
  }

  #unfollow(): void {
    if (this.#role.kind !== 'following') return
    this.#role.line.close()
    this.#role = { kind: 'seeking' }
    this.#member.detached()
  }

  #heard(message: ToLeader | ToFollower): void {
    const role = this.#role
    if (role.kind !== 'leading' && role.kind !== 'following') return
    if (message.term !== role.term) return
    if (role.kind === 'leading') {
      if ('from' in message) role.lines.heard(message)
      role.core.catchUp()
      return
    }
    if ('from' in message) return
    this.#silence.end()
    if (message.kind === 'event') this.#member.event(message.event)
    else if (message.kind === 'stranger') this.#attach(role.line, role.term)
  }

  #say(message: GroupMessage): void {
    this.#group.post(message)
  }

  #ask(line: TabChannel, term: Term, message: Asking): void {
    line.post({ from: this.#tab, term, ...message })
  }
}

type Asking =
  | { readonly kind: 'attach' | 'ping' | 'leave' }
  | { readonly kind: 'command'; readonly command: Command }
