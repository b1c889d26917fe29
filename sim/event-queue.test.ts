// Order by (time, sequence), cancellation, and a comparison with a plainly sorted list.

import { describe, expect, it } from 'vitest'
import type { ScheduledEvent } from './event-queue.ts'
import { EventQueue } from './event-queue.ts'
import { Rng } from './rng.ts'

const nothing = () => {}

function drain(queue: EventQueue): ScheduledEvent[] {
  const taken: ScheduledEvent[] = []
  for (let event = queue.take(); event !== undefined; event = queue.take()) taken.push(event)
  return taken
}

describe('EventQueue', () => {
  it('gives the earliest first', () => {
    const queue = new EventQueue()
    for (const atMs of [5, 1, 3, 2, 4]) queue.schedule(atMs, nothing)
    expect(queue.next()).toBe(1)
    expect(drain(queue).map(event => event.atMs)).toEqual([1, 2, 3, 4, 5])
    expect(queue.next()).toBeUndefined()
  })

  it('keeps the order of scheduling within one instant', () => {
    const queue = new EventQueue()
    const events = Array.from({ length: 50 }, () => queue.schedule(7, nothing))
    expect(drain(queue)).toEqual(events)
  })

  it('forgets what is cancelled, once', () => {
    const queue = new EventQueue()
    const first = queue.schedule(1, nothing)
    const second = queue.schedule(2, nothing)
    queue.cancel(first)
    queue.cancel(first)
    expect(queue.size).toBe(1)
    expect(drain(queue)).toEqual([second])
    queue.cancel(second)
    expect(queue.size).toBe(0)
  })

  it('refuses a time that is no number', () => {
    expect(() => new EventQueue().schedule(Number.NaN, nothing)).toThrow(RangeError)
  })

  it.each([1, 2, 3, 4, 5])('agrees with a sorted list under random use (seed %i)', seed => {
    const rng = new Rng(seed)
    const queue = new EventQueue()
    let model: ScheduledEvent[] = []
    for (let turn = 0; turn < 2_000; turn += 1) {
      const choice = rng.unit()
      if (choice < 0.5) model.push(queue.schedule(rng.below(100), nothing))
      else if (choice < 0.75 && model.length > 0) {
        const victim = rng.pick(model)
        queue.cancel(victim)
        model = model.filter(event => event !== victim)
      } else {
        model.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
        expect(queue.take()).toBe(model.shift())
      }
      expect(queue.size).toBe(model.length)
    }
  })
})
