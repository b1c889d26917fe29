import { describe, expect, it } from 'vitest'
import { FRAME } from '../wire/frame-type.ts'
import {
  LINK_HARD_BUFFER_BYTES,
  LINK_MAX_QUEUED_FRAMES,
  LINK_SLOW_TIMEOUT_MS,
  LINK_SOFT_BUFFER_BYTES,
} from '../wire/limits.ts'
import { SendQueue } from './send-queue.ts'

const cell = (mark: number, length = 1024) => {
  const bytes = new Uint8Array(length).fill(mark)
  bytes[0] = FRAME.cellForward
  return bytes
}
const control = (mark: number) => Uint8Array.of(FRAME.pong, mark)

function fullQueue(now = 0): SendQueue {
  const queue = new SendQueue()
  queue.full(now)
  return queue
}

function drain(queue: SendQueue, now: number): number[] {
  const marks: number[] = []
  for (let frame = queue.take(now); frame !== undefined; frame = queue.take(now)) {
    marks.push(frame.at(-1) as number)
  }
  return marks
}

describe('SendQueue', () => {
  it('lets frames pass while the transport takes them', () => {
    const queue = new SendQueue()
    expect(queue.push(cell(1), 0)).toBe('send')
    expect(queue.bytes).toBe(0)
    expect(queue.alarmAt).toBeUndefined()
    expect(queue.take(0)).toBeUndefined()
  })

  it('keeps frames while it is full and gives them in order, control first', () => {
    const queue = fullQueue()
    for (const frame of [cell(1), control(2), cell(3), control(4)]) {
      expect(queue.push(frame, 0)).toBe('queued')
    }
    expect(drain(queue, 0)).toEqual([])
    queue.writable()
    expect(drain(queue, 0)).toEqual([2, 4, 1, 3])
    expect(queue.bytes).toBe(0)
    expect(queue.push(cell(5), 0)).toBe('send')
  })

  it('lets no frame overtake those that wait', () => {
    const queue = fullQueue()
    queue.push(cell(1), 0)
    queue.writable()
    expect(queue.push(cell(2), 0)).toBe('queued')
    expect(drain(queue, 0)).toEqual([1, 2])
  })

  it('stops in the middle when the transport is full again', () => {
    const queue = fullQueue()
    for (const mark of [1, 2, 3]) queue.push(cell(mark), 0)
    queue.writable()
    expect(queue.take(0)?.at(-1)).toBe(1)
    queue.full(0)
    expect(queue.take(0)).toBeUndefined()
    queue.writable()
    expect(drain(queue, 0)).toEqual([2, 3])
  })

  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])('pauses at the soft mark (%d bytes off): %s', (off, isPaused) => {
    const queue = fullQueue()
    queue.push(cell(1, LINK_SOFT_BUFFER_BYTES + off), 0)
    expect(queue.isPaused).toBe(isPaused)
  })

  it('resumes at half the soft mark', () => {
    const queue = fullQueue()
    const half = LINK_SOFT_BUFFER_BYTES / 2
    for (const length of [half, 1, half, 1]) queue.push(cell(1, length), 0)
    expect(queue.isPaused).toBe(true)
    queue.writable()
    queue.take(0)
    queue.take(0)
    expect(queue.bytes).toBe(half + 1)
    expect(queue.isPaused).toBe(true)
    queue.take(1)
    expect(queue.bytes).toBe(1)
    expect(queue.isPaused).toBe(false)
  })

  it.each([
    [-1, 'queued'],
    [0, 'queued'],
    [1, 'overflow'],
  ] as const)('overflows over the hard mark (%d bytes off): %s', (off, result) => {
    const queue = fullQueue()
    queue.push(control(1), 0)
    expect(queue.push(cell(1, LINK_HARD_BUFFER_BYTES - 2 + off), 0)).toBe(result)
    expect(queue.bytes).toBe(result === 'queued' ? LINK_HARD_BUFFER_BYTES + off : 2)
  })

  it('overflows over the cap on frames, whatever their size', () => {
    const queue = fullQueue()
    for (let i = 0; i < LINK_MAX_QUEUED_FRAMES; i++)
      expect(queue.push(control(1), 0)).toBe('queued')
    expect(queue.push(cell(1), 0)).toBe('overflow')
  })

  it('hands out one burst per moment, and asks to go on a millisecond later', () => {
    const queue = new SendQueue()
    const length = 16_384
    const burst = LINK_SOFT_BUFFER_BYTES / length
    for (let i = 0; i < burst; i++) expect(queue.push(cell(i, length), 7)).toBe('send')
    expect(queue.push(cell(99, length), 7)).toBe('queued')
    expect(drain(queue, 7)).toEqual([])
    expect(queue.alarmAt).toBe(8)
    expect(drain(queue, 8)).toEqual([99])
    expect(queue.alarmAt).toBeUndefined()
  })

  it('is too slow when the transport takes nothing for long', () => {
    const queue = fullQueue(100)
    expect(queue.isTooSlow(1e9)).toBe(false)
    queue.push(cell(1), 500)
    expect(queue.alarmAt).toBe(500 + LINK_SLOW_TIMEOUT_MS)
    expect(queue.isTooSlow(500 + LINK_SLOW_TIMEOUT_MS - 1)).toBe(false)
    expect(queue.isTooSlow(500 + LINK_SLOW_TIMEOUT_MS)).toBe(true)
    queue.writable()
    expect(queue.isTooSlow(1e9)).toBe(false)
  })

  it('is too slow when it stays over the soft mark although something moves', () => {
    const queue = fullQueue()
    queue.push(cell(1, LINK_SOFT_BUFFER_BYTES), 0)
    for (let now = 1_000; now < LINK_SLOW_TIMEOUT_MS; now += 1_000) {
      queue.push(cell(2), now)
      queue.writable()
      queue.full(now)
      expect(queue.isTooSlow(now)).toBe(false)
    }
    expect(queue.isTooSlow(LINK_SLOW_TIMEOUT_MS)).toBe(true)
  })

  it('forgets how slow it was once it is empty', () => {
    const queue = fullQueue()
    queue.push(cell(1, LINK_SOFT_BUFFER_BYTES), 0)
    queue.writable()
    drain(queue, 0)
    expect(queue.isPaused).toBe(false)
    expect(queue.isTooSlow(1e9)).toBe(false)
    expect(queue.alarmAt).toBeUndefined()
  })
})
