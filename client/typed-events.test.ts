import { afterEach, describe, expect, it, vi } from 'vitest'
import { TypedEvents } from './typed-events.ts'

interface Details {
  tick: number
  tock: string | undefined
}

afterEach(() => vi.restoreAllMocks())

describe('TypedEvents', () => {
  it('tells listeners of their event only, with its detail', () => {
    const events = new TypedEvents<Details>()
    const ticks: CustomEvent<number>[] = []
    events.add('tick', event => ticks.push(event))
    events.emit('tick', 7)
    events.emit('tock', 'x')
    expect(ticks.map(({ type, detail }) => [type, detail])).toEqual([['tick', 7]])
  })

  it('gives undefined as it is', () => {
    const events = new TypedEvents<Details>()
    const details: unknown[] = []
    events.add('tock', ({ detail }) => details.push(detail))
    events.emit('tock', undefined)
    expect(details).toStrictEqual([undefined])
  })

  it('tells a listener once even if it was added twice, and not after it was removed', () => {
    const events = new TypedEvents<Details>()
    const listener = vi.fn()
    events.add('tick', listener)
    events.add('tick', listener)
    events.emit('tick', 1)
    expect(listener).toHaveBeenCalledTimes(1)
    events.remove('tick', listener)
    expect(events.hasListener('tick')).toBe(false)
    events.emit('tick', 2)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('minds what listeners add and remove while they are told', () => {
    const events = new TypedEvents<Details>()
    const told: string[] = []
    const last = () => told.push('last')
    events.add('tick', () => {
      told.push('first')
      events.remove('tick', last)
      events.add('tick', () => told.push('new'))
    })
    events.add('tick', last)
    events.emit('tick', 1)
    expect(told).toEqual(['first'])
  })

  it('tells the others when one throws, which is reported as uncaught', () => {
    const uncaught: (() => void)[] = []
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(task => uncaught.push(task))
    const events = new TypedEvents<Details>()
    const told = vi.fn()
    events.add('tick', () => {
      throw new Error('fault of a listener')
    })
    events.add('tick', told)
    events.emit('tick', 1)
    expect(told).toHaveBeenCalledTimes(1)
    expect(uncaught).toHaveLength(1)
    expect(uncaught[0]).toThrow('fault of a listener')
  })

  it('takes many listeners without a warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning')
    const events = new TypedEvents<Details>()
    for (let i = 0; i < 100; i += 1) events.add('tick', () => {})
    expect(warned).not.toHaveBeenCalled()
  })
})
