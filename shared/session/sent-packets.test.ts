import { describe, expect, it } from 'vitest'
import type { PathId } from './path.ts'
import type { SentPacket } from './sent-packets.ts'
import { NOTHING_CARRIED, SentPackets } from './sent-packets.ts'

const [P1, P2] = [1, 2] as [PathId, PathId]

function packet(counter: number, path = P1): SentPacket {
  return {
    ...NOTHING_CARRIED,
    counter,
    path,
    sentAt: counter * 10,
    largestAck: -1,
    bytes: 100,
    mark: { deliveredBytes: 0, atMs: 0, sentAtMs: 0, isStart: true },
    isQueued: false,
    skips: [counter],
  }
}

function table(...packets: SentPacket[]): SentPackets {
  const sent = new SentPackets()
  for (const each of packets) sent.add(each)
  return sent
}

const counters = (packets: readonly SentPacket[]) => packets.map(each => each.counter)

describe('SentPackets', () => {
  it('takes out what is acknowledged, once, whatever gaps the counters have', () => {
    const sent = table(packet(1), packet(2), packet(5), packet(9))
    expect(counters(sent.takeAcked([4, 6, 1, 1]))).toEqual([5, 1])
    expect(counters(sent.takeAcked([0, 6]))).toEqual([2])
    expect(sent.size).toBe(1)
    expect(counters(sent.takeAcked([0, 2 ** 50]))).toEqual([9])
    expect(sent.size).toBe(0)
    expect(sent.takeAcked([0, 100])).toEqual([])
  })

  it('takes out what is lost on one path, within bounds', () => {
    const sent = table(packet(1), packet(2, P2), packet(3), packet(4), packet(5))
    expect(counters(sent.takeLost(P1, 5, 30))).toEqual([1, 3])
    expect(counters(sent.takeLost(P1))).toEqual([4, 5])
    expect(sent.oldestOn(P1)).toBeUndefined()
    expect(sent.oldestOn(P2)?.counter).toBe(2)
  })

  it('hands over what a suspect path carried once, and still knows the packets', () => {
    const sent = table(packet(1), packet(2, P2))
    expect(sent.strip(P1).map(each => each.skips)).toEqual([[1]])
    expect(sent.strip(P1).map(each => each.skips)).toEqual([[]])
    expect(counters(sent.takeAcked([0, 5]))).toEqual([1, 2])
  })

  it('keeps nothing of a long life', () => {
    const sent = table()
    for (let counter = 0; counter < 10_000; counter++) {
      sent.add(packet(counter))
      if (counter >= 3) sent.takeAcked([counter - 3, counter - 3])
    }
    expect(sent.size).toBe(3)
    expect(sent.oldestOn(P1)?.counter).toBe(9_997)
  })
})
