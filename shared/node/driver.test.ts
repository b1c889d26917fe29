import { describe, expect, it } from 'vitest'
import type { LinkId } from '../link/link-id.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { NodeMachine } from './driver.ts'
import { Driver } from './driver.ts'
import type { NodeEffect, NodeEvent } from './effects.ts'
import type { Host } from './host.ts'
import type { NodeInput } from './inputs.ts'

const LINK = 5 as LinkId
const BYTES = Uint8Array.of(1)

/** A core that does what the test says, and a host that remembers. */
function setUp(react: (input: NodeInput, effects: EffectQueue<NodeEffect>) => void) {
  const inputs: NodeInput[] = []
  const effects = new EffectQueue<NodeEffect>()
  const calls: unknown[] = []
  let next: number | undefined
  const core: NodeMachine = {
    handle: (_time, input) => {
      inputs.push(input)
      react(input, effects)
    },
    poll: () => effects.shift(),
    nextTimeout: () => next,
    newIncomingLink: () => LINK,
  }
  const host: Host = {
    now: () => 1,
    unixMs: () => 2,
    randomBytes: length => new Uint8Array(length),
    wakeAt: at => calls.push(['wakeAt', at]),
    dial: (link, url) => calls.push(['dial', link, url.host]),
    send: (link, bytes) => {
      calls.push(['send', link, bytes])
      return 'full'
    },
    close: (link, reason) => calls.push(['close', link, reason]),
    save: (key, value) => calls.push(['save', key, value]),
  }
  const events: NodeEvent[] = []
  let onEvent: (event: NodeEvent) => void = () => {}
  const driver = new Driver(core, host, event => {
    events.push(event)
    onEvent(event)
  })
  return {
    driver,
    inputs,
    calls,
    events,
    setNext: (at: number | undefined) => {
      next = at
    },
    setOnEvent: (listener: typeof onEvent) => {
      onEvent = listener
    },
  }
}

describe('the driver', () => {
  it('performs each effect, and tells the core that a link is full', () => {
    const { driver, calls, inputs, events } = setUp((input, effects) => {
      if (input.kind !== 'start') return
      const url = { scheme: 'ws', host: 'one', port: 80 } as const
      effects.push({ kind: 'dialLink', link: LINK, url, isUntrusted: false })
      effects.push({ kind: 'transmit', link: LINK, bytes: BYTES })
      effects.push({ kind: 'save', key: 'a', value: undefined })
      effects.push({ kind: 'closeLink', link: LINK, reason: 'normal' })
      effects.push({ kind: 'attachments', attachments: [] })
    })
    driver.command({ kind: 'start' })
    expect(calls).toEqual([
      ['dial', LINK, 'one'],
      ['send', LINK, BYTES],
      ['save', 'a', undefined],
      ['close', LINK, 'normal'],
    ])
    expect(inputs.map(({ kind }) => kind)).toEqual(['start', 'linkFull'])
    expect(events).toEqual([{ kind: 'attachments', attachments: [] }])
  })

  it('lets the application command from an event: later, never inside', () => {
    const order: string[] = []
    const { driver, setOnEvent } = setUp((input, effects) => {
      order.push(input.kind)
      if (input.kind !== 'start') return
      effects.push({ kind: 'attachments', attachments: [] })
      effects.push({ kind: 'save', key: 'after', value: undefined })
    })
    setOnEvent(() => {
      order.push('event')
      driver.command({ kind: 'nudge' })
      order.push('commanded')
    })
    driver.command({ kind: 'start' })
    expect(order).toEqual(['start', 'event', 'commanded', 'nudge'])
  })

  it('sets the timer when it changes, and clears it', () => {
    const { driver, calls, setNext } = setUp(() => {})
    setNext(10)
    driver.command({ kind: 'start' })
    driver.linkWritable(LINK)
    setNext(20)
    driver.wake()
    setNext(undefined)
    driver.linkWritable(LINK)
    expect(calls).toEqual([
      ['wakeAt', 10],
      ['wakeAt', 20],
      ['wakeAt', undefined],
    ])
  })

  it('sets the timer again after a wake that changed nothing', () => {
    const { driver, calls, setNext } = setUp(() => {})
    setNext(10)
    driver.command({ kind: 'start' })
    driver.wake()
    expect(calls).toEqual([
      ['wakeAt', 10],
      ['wakeAt', 10],
    ])
  })

  it('stops its timer with the node', () => {
    const { driver, calls, setNext } = setUp((input, effects) => {
      if (input.kind === 'shutdown') effects.push({ kind: 'stopped' })
    })
    setNext(10)
    driver.command({ kind: 'start' })
    driver.command({ kind: 'shutdown' })
    expect(calls).toEqual([
      ['wakeAt', 10],
      ['wakeAt', undefined],
    ])
  })

  it('goes on after an application that throws from an event', () => {
    const { driver, inputs, calls, setNext, setOnEvent } = setUp((_input, effects) =>
      effects.push({ kind: 'attachments', attachments: [] }),
    )
    setNext(10)
    setOnEvent(() => {
      throw new Error('of the application')
    })
    expect(() => driver.command({ kind: 'start' })).toThrow('of the application')
    expect(calls).toEqual([['wakeAt', 10]])
    setOnEvent(() => {})
    driver.command({ kind: 'nudge' })
    expect(inputs.map(({ kind }) => kind)).toEqual(['start', 'nudge'])
  })

  it('names an incoming link and tells the core of everything about it', () => {
    const { driver, inputs } = setUp(() => {})
    expect(driver.linkAccepted({ origins: [], addressClass: 'public' })).toBe(LINK)
    driver.linkOpened(LINK, {})
    driver.linkMessage(LINK, BYTES)
    driver.linkLost(LINK, 'unreachable')
    driver.storageChanged(false)
    expect(inputs.map(({ kind }) => kind)).toEqual([
      'linkAccepted',
      'linkOpened',
      'linkMessage',
      'linkLost',
      'storageChanged',
    ])
  })
})
