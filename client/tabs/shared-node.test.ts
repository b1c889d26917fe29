// Tabs that share a node, over locks and channels in memory and a node that the test plays.

import { describe, expect, it } from 'vitest'
import { toHex } from '../../shared/bytes/hex.ts'
import type { KeyId } from '../../shared/identity/node-id.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import { showLife } from './election.ts'
import { SharedNode } from './shared-node.ts'
import { lifeName } from './tab-messages.ts'
import type { TabCore } from './tab-surroundings.ts'
import type { FakeTab } from './testing/fake-origin.ts'
import { FakeOrigin } from './testing/fake-origin.ts'

const ANN = 'a'.repeat(32) as KeyId
const START_MS = 40
const DELIVERY_MS = 25
const GROUP = 'group'

/** A node: what it was told, and how its peer answers. */
class Core {
  readonly commands: Command[] = []
  readonly tab: FakeTab
  readonly isRobbed: boolean
  readonly tell: (event: NodeEvent) => void
  isOver = false

  constructor(tab: FakeTab, isRobbed: boolean, tell: (event: NodeEvent) => void) {
    this.tab = tab
    this.isRobbed = isRobbed
    this.tell = tell
  }

  get isRunning(): boolean {
    return !this.isOver && !this.tab.isDead
  }

  kinds(): string[] {
    return this.commands.map(({ kind }) => kind)
  }
}

/** Whoever sends to the peer: it shows each id once. */
class World {
  readonly origin = new FakeOrigin()
  readonly cores: Core[] = []
  readonly shown: string[] = []
  startError: Error | undefined
  #tabs = 0

  /** The present node; fails where there is not exactly one. */
  get core(): Core {
    const [core, ...more] = this.cores.filter(({ isRunning }) => isRunning)
    if (core === undefined || more.length > 0) throw new Error(`${more.length + 1} nodes`)
    return core
  }

  async open() {
    const tab = this.origin.openTab()
    const events: NodeEvent[] = []
    this.#tabs += 1
    const id = `tab${this.#tabs}`
    const node = new SharedNode(id, {
      surroundings: tab.surroundings,
      group: GROUP,
      mode: undefined,
      onEvent: event => void events.push(event),
      openCore: (onEvent, isRobbed) => this.#openCore(tab, onEvent, isRobbed),
    })
    void showLife(tab.surroundings.locks, lifeName(GROUP, id))
    const outcome = { error: undefined as unknown }
    const started = node.start().catch((error: unknown) => {
      outcome.error = error
    })
    let requests = 0
    const end = {
      tab,
      node,
      events,
      started,
      outcome,
      send: (text: string) => {
        requests += 1
        node.command({
          kind: 'send',
          request: requests,
          peer: ANN,
          id: idOf(text),
          data: new TextEncoder().encode(text),
          timeoutMs: 30_000,
        })
        return requests
      },
      answers: (request: number) =>
        events.filter(event => 'request' in event && event.request === request),
      seen: (kind: NodeEvent['kind']) => events.filter(event => event.kind === kind),
    }
    await this.origin.run(START_MS + 10)
    return end
  }

  /** The peer writes. */
  write(text: string): void {
    const data = new TextEncoder().encode(text)
    this.core.tell({ kind: 'message', peer: ANN, id: idOf(text), data })
  }

  async #openCore(
    tab: FakeTab,
    tell: (event: NodeEvent) => void,
    isRobbed: boolean,
  ): Promise<TabCore> {
    await new Promise<void>(resolve => this.origin.later(START_MS, resolve, tab))
    if (this.startError !== undefined) throw this.startError
    const core = new Core(tab, isRobbed, tell)
    return {
      command: command => {
        core.commands.push(command)
        if (command.kind === 'send') this.#deliver(core, command)
        if (command.kind === 'shutdown') tell({ kind: 'stopped' })
      },
      start: () => {
        this.cores.push(core)
        tell({ kind: 'attachments', attachments: [] })
      },
      catchUp: () => {},
      dispose: async () => {
        core.isOver = true
      },
    }
  }

  #deliver(core: Core, { request, id }: Extract<Command, { kind: 'send' }>): void {
    this.origin.later(DELIVERY_MS / 2, () => {
      if (!core.isRunning) return
      if (!this.shown.includes(toHex(id))) this.shown.push(toHex(id))
      const done = { kind: 'done', request, outcome: { kind: 'delivered' } } as const
      this.origin.later(DELIVERY_MS / 2, () => core.isRunning && core.tell(done), core.tab)
    })
  }
}

function idOf(text: string): Uint8Array {
  const id = new Uint8Array(16)
  new TextEncoder().encodeInto(text, id)
  return id
}

describe('tabs of one origin', () => {
  it('have one node; each gets its own answers, and all hear the rest', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    expect(world.cores).toHaveLength(1)
    expect([one.node.isLeading, two.node.isLeading]).toEqual([true, false])
    expect(two.seen('attachments')).toHaveLength(1)
    const [a, b] = [one.send('from one'), two.send('from two')]
    world.core.tell({ kind: 'peerUp', peer: ANN, isIncoming: false })
    world.write('to all')
    await world.origin.run(100)
    expect(a).toBe(b)
    for (const tab of [one, two]) {
      expect(tab.answers(a)).toMatchObject([{ kind: 'done' }])
      expect(tab.seen('message')).toHaveLength(1)
      expect(tab.seen('peerUp')).toMatchObject([{ isIncoming: false }])
    }
    expect(world.shown).toHaveLength(2)
    world.core.tell({ kind: 'peerDown', peer: ANN })
    await world.origin.run(10)
    expect(two.seen('peerDown')).toHaveLength(1)
  })

  it('are told of what is when they come later', async () => {
    const world = new World()
    await world.open()
    world.core.tell({ kind: 'peerUp', peer: ANN, isIncoming: false })
    const path = { hops: [] }
    world.core.tell({ kind: 'peerPath', peer: ANN, path })
    const late = await world.open()
    expect(late.seen('peerUp')).toEqual([{ kind: 'peerUp', peer: ANN, isIncoming: true }])
    expect(late.seen('peerPath')).toEqual([{ kind: 'peerPath', peer: ANN, path }])
  })

  it('say so when the first of them cannot start', async () => {
    const world = new World()
    world.startError = new Error('no disk')
    const { outcome } = await world.open()
    expect(outcome.error).toBe(world.startError)
  })

  it('try in turns when a later one cannot start', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    world.startError = new Error('no disk')
    one.tab.kill()
    await world.origin.run(100)
    expect(two.node.isLeading).toBe(false)
    world.startError = undefined
    await world.origin.run(2_000)
    expect(two.node.isLeading).toBe(true)
  })
})

describe('a leader that', () => {
  it('is killed in the middle of sends is replaced, and what was under way arrives once', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    const requests = ['a', 'b', 'c'].map(two.send)
    await world.origin.run(DELIVERY_MS / 2 + 2)
    one.tab.kill()
    requests.push(two.send('d'))
    await world.origin.run(START_MS + 2 * DELIVERY_MS)
    expect(two.node.isLeading).toBe(true)
    for (const request of requests) expect(two.answers(request)).toMatchObject([{ kind: 'done' }])
    expect(world.shown).toEqual(['a', 'b', 'c', 'd'].map(text => toHex(idOf(text))))
    const again = world.core.commands.filter(({ kind }) => kind === 'send')
    expect(again).toMatchObject(['a', 'b', 'c', 'd'].map(text => ({ id: idOf(text) })))
    expect(world.core.isRobbed).toBe(false)
  })

  it('is frozen lets go by itself, and follows when it comes back', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    one.tab.freeze()
    const request = one.send('while frozen')
    await world.origin.run(START_MS + 10)
    expect(two.node.isLeading).toBe(true)
    expect(world.cores[0]?.kinds()).toContain('suspend')
    expect(world.cores[0]?.isOver).toBe(true)
    one.tab.thaw()
    await world.origin.run(3 * DELIVERY_MS)
    expect(one.answers(request)).toMatchObject([{ kind: 'done' }])
    expect([one.node.isLeading, two.node.isLeading]).toEqual([false, true])
  })

  it('hangs without a word is robbed, and stops when it goes on', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    one.tab.hang()
    const request = two.send('while it hangs')
    await world.origin.run(1_000)
    expect(two.node.isLeading).toBe(false)
    await world.origin.run(800)
    expect(two.node.isLeading).toBe(true)
    expect(two.answers(request)).toMatchObject([{ kind: 'done' }])
    expect(world.cores[1]?.isRobbed).toBe(true)
    one.tab.goOn()
    await world.origin.run(500)
    expect(world.core).toBe(world.cores[1])
    expect(one.node.isLeading).toBe(false)
    expect(one.answers(one.send('again'))).toEqual([])
    await world.origin.run(100)
    expect(one.answers(1)).toMatchObject([{ kind: 'done' }])
  })

  it('is only slow is let alone', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    one.tab.hang()
    await world.origin.run(800)
    one.tab.goOn()
    await world.origin.run(3_000)
    expect([one.node.isLeading, two.node.isLeading]).toEqual([true, false])
  })

  it('is closed leaves the sessions to the others; the last one says goodbye', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    world.core.tell({ kind: 'peerUp', peer: ANN, isIncoming: true })
    await world.origin.run(10)
    one.node.command({ kind: 'shutdown' })
    await world.origin.run(10)
    expect(one.seen('stopped')).toHaveLength(1)
    await one.node.dispose()
    await world.origin.run(START_MS + 10)
    expect(world.cores[0]?.kinds()).toEqual(['suspend'])
    expect(two.node.isLeading).toBe(true)
    expect(two.seen('peerDown')).toEqual([])
    expect(two.seen('peerPath').at(-1)).toMatchObject({ path: undefined })
    world.core.tell({ kind: 'peerUp', peer: ANN, isIncoming: true })
    expect(two.seen('peerUp')).toHaveLength(1)
    two.node.command({ kind: 'shutdown' })
    expect(two.seen('stopped')).toHaveLength(1)
    expect(world.cores[1]?.kinds()).toEqual(['shutdown'])
    await two.node.dispose()
    expect(world.cores.filter(({ isRunning }) => isRunning)).toEqual([])
  })
})

describe('a follower that', () => {
  it('is closed gives up what it waits for, and nobody waits for it to take messages', async () => {
    const world = new World()
    await world.open()
    const two = await world.open()
    two.send('x')
    await world.origin.run(2)
    world.write('hello')
    two.node.command({ kind: 'shutdown' })
    await world.origin.run(10)
    expect(two.seen('stopped')).toHaveLength(1)
    expect(world.core.kinds()).toContain('cancel')
  })

  it('is frozen neither leads nor holds up the others', async () => {
    const world = new World()
    const one = await world.open()
    const two = await world.open()
    const three = await world.open()
    two.tab.freeze()
    await world.origin.run(10)
    one.tab.kill()
    await world.origin.run(START_MS + 10)
    expect(three.node.isLeading).toBe(true)
    two.tab.thaw()
    const request = two.send('back')
    await world.origin.run(1_000)
    expect(two.answers(request)).toMatchObject([{ kind: 'done' }])
  })

  it('was not heard of for long is told nothing, and attaches again when it comes back', async () => {
    const world = new World()
    await world.open()
    const two = await world.open()
    two.tab.hang()
    await world.origin.run(100_000)
    const heard = two.events.length
    world.write('unheard')
    two.tab.goOn()
    await world.origin.run(1_000)
    expect(two.events.slice(heard).some(({ kind }) => kind === 'message')).toBe(false)
    const request = two.send('back')
    await world.origin.run(100)
    expect(two.answers(request)).toMatchObject([{ kind: 'done' }])
  })
})

describe('four tabs whose leader is killed again and again', () => {
  it('lose nothing and show nothing twice', async () => {
    const world = new World()
    let tabs = [await world.open(), await world.open(), await world.open(), await world.open()]
    const sent: string[] = []
    const open: { tab: (typeof tabs)[number]; request: number }[] = []
    for (let round = 0; round < 50; round += 1) {
      for (const [at, tab] of tabs.entries()) {
        // Of the one that is killed nobody can tell what became of its own.
        if (tab.node.isLeading) continue
        const text = `${round} ${at}`
        sent.push(toHex(idOf(text)))
        open.push({ tab, request: tab.send(text) })
      }
      await world.origin.run(round % 30)
      const leader = tabs.find(tab => tab.node.isLeading)
      leader?.tab.kill()
      tabs = [...tabs.filter(tab => tab !== leader), await world.open()]
      await world.origin.run(START_MS)
    }
    await world.origin.run(1_000)
    expect(world.cores.length).toBeGreaterThan(50)
    const lost = open.filter(
      ({ tab, request }) => !tab.tab.isDead && tab.answers(request).length !== 1,
    )
    expect(lost).toEqual([])
    expect(world.shown).toHaveLength(new Set(world.shown).size)
    expect([...world.shown].sort()).toEqual([...new Set([...world.shown, ...sent])].sort())
  }, 20_000)
})
