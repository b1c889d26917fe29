import { describe, expect, it } from 'vitest'
import { ACK_DELAY_MS, ACK_EVERY_PACKETS } from '../wire/limits.ts'
import { Acks } from './acks.ts'
import type { PathId } from './path.ts'

const PATH = 1 as PathId

describe('Acks', () => {
  it('lets a lone packet wait for the next timeout, at the same time', () => {
    const acks = new Acks()
    acks.received(10, 0, PATH, true)
    expect([acks.isPending, acks.isDue, acks.deadline]).toEqual([true, false, 10])
    acks.expire(10)
    expect([acks.isDue, acks.path]).toEqual([true, PATH])
    acks.written()
    expect([acks.isPending, acks.isDue]).toEqual([false, false])
    expect(acks.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('wants no ack for a packet of acks, but names it in the next', () => {
    const acks = new Acks()
    acks.received(10, 0, PATH, false)
    expect([acks.isPending, acks.deadline]).toEqual([false, Number.POSITIVE_INFINITY])
    expect(acks.ranges).toEqual([0, 0])
  })

  it('acks every so many packets, and after a busy ack waits a little', () => {
    const acks = new Acks()
    for (let i = 0; i < ACK_EVERY_PACKETS; i++) {
      expect(acks.isDue).toBe(false)
      acks.received(10, i, PATH, true)
    }
    expect(acks.isDue).toBe(true)
    acks.written()
    acks.received(20, ACK_EVERY_PACKETS, PATH, true)
    expect(acks.deadline).toBe(20 + ACK_DELAY_MS)
    acks.written()
    acks.received(30, ACK_EVERY_PACKETS + 1, PATH, true)
    expect(acks.deadline).toBe(30)
  })

  it('tells how long the newest packet waited', () => {
    const acks = new Acks()
    acks.received(10, 5, PATH, true)
    acks.received(12, 4, PATH, true)
    expect(acks.delayUs(12.5)).toBe(2_500)
  })
})
