import { beforeEach, describe, expect, it } from 'vitest'
import {
  MAX_SERVER_DIALS,
  MAX_UNKNOWN_DIALS_PER_ADDRESS,
  MAX_UNKNOWN_SERVER_DIALS,
  MAX_WAITING_SERVER_DIALS,
} from '../../wire/limits.ts'
import type { QueuedDial } from './dial-queue.ts'
import { DialQueue } from './dial-queue.ts'

let queue: DialQueue<QueuedDial>

beforeEach(() => {
  queue = new DialQueue()
})

function dialOf(host: string, isKnown = false): QueuedDial {
  return { url: { scheme: 'wss', host, port: 443 }, isKnown }
}

function add(host: string, isKnown = false): QueuedDial {
  const dial = dialOf(host, isKnown)
  queue.add(dial)
  return dial
}

function takeAll(): QueuedDial[] {
  const taken: QueuedDial[] = []
  for (let dial = queue.take(); dial !== undefined; dial = queue.take()) taken.push(dial)
  return taken
}

describe('servers that do not exist', () => {
  it('wait behind those that were reached before, and leave them places', () => {
    for (let i = 0; i < 1_000; i++) add(`blackhole-${i}.test`)
    expect(takeAll()).toHaveLength(MAX_UNKNOWN_SERVER_DIALS)
    const known = Array.from({ length: 100 }, (_, i) => add(`known-${i}.test`, true))
    const taken = takeAll()
    expect(taken).toEqual(known.slice(0, MAX_SERVER_DIALS - MAX_UNKNOWN_SERVER_DIALS))
    queue.ended(taken[0] as QueuedDial)
    expect(takeAll()).toEqual([known[taken.length]])
  })

  it('fill a row of their own', () => {
    for (let i = 0; i < MAX_WAITING_SERVER_DIALS; i++) {
      expect(queue.hasRoom(false)).toBe(true)
      add(`blackhole-${i}.test`)
    }
    expect(queue.hasRoom(false)).toBe(false)
    expect(queue.hasRoom(true)).toBe(true)
  })
})

describe('one address', () => {
  it(`is dialed ${MAX_UNKNOWN_DIALS_PER_ADDRESS} times at once, under whatever keys; others do not wait for it`, () => {
    const victim = Array.from({ length: 480 }, () => add('victim.test'))
    const other = add('other.test')
    expect(takeAll()).toEqual([...victim.slice(0, MAX_UNKNOWN_DIALS_PER_ADDRESS), other])
    queue.ended(victim[0] as QueuedDial)
    expect(takeAll()).toEqual([victim[MAX_UNKNOWN_DIALS_PER_ADDRESS]])
  })

  it('is dialed for whom it is known to be whatever others say', () => {
    for (let i = 0; i < 480; i++) add('victim.test')
    takeAll()
    const known = add('victim.test', true)
    expect(takeAll()).toEqual([known])
    queue.ended(known)
    expect(takeAll()).toEqual([])
  })
})

describe('a dial that is not wanted any more', () => {
  it('leaves the row, once', () => {
    const dial = add('one.test')
    expect(queue.delete(dial)).toBe(true)
    expect(queue.delete(dial)).toBe(false)
    expect(takeAll()).toEqual([])
  })
})
