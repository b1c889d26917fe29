// Statistics as the platforms give them, shortened to what is looked at and what must not be told.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CandidatePair } from '../../shared/node/rtc-host.ts'
import { PairWatch, selectedPair } from './selected-pair.ts'

type Stats = Readonly<Record<string, unknown>>
type Report = ReadonlyMap<string, Stats>

const SETTLED_MS = 3_000
const UDP_PAIR: CandidatePair = { own: 'host', peer: 'prflx', protocol: 'udp' }

function reportOf(...all: readonly Stats[]): Report {
  return new Map(all.map(stats => [String(stats.id), stats]))
}

const own = { id: 'L1', type: 'local-candidate', candidateType: 'host', protocol: 'udp' }
const other = { ...own, id: 'L2', candidateType: 'srflx' }
const peer = { id: 'R1', type: 'remote-candidate', candidateType: 'prflx', address: '192.0.2.1' }
const pair = { id: 'P1', type: 'candidate-pair', localCandidateId: 'L1', remoteCandidateId: 'R1' }
const unused = { ...pair, id: 'P0', localCandidateId: 'L2', state: 'succeeded', nominated: true }
const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P1' }

describe('the pair that is in use', () => {
  it('is the one that the transport names, as in Chromium and in Node', () => {
    const report = reportOf(unused, own, other, peer, pair, transport)
    expect(selectedPair(report)).toEqual(UDP_PAIR)
  })

  it('is the one that is marked, as in Firefox', () => {
    const report = reportOf(unused, own, other, peer, { ...pair, selected: true })
    expect(selectedPair(report)).toEqual(UDP_PAIR)
  })

  it('is the one that was nominated, where nothing better is said', () => {
    const report = reportOf(pair, own, other, peer, unused)
    expect(selectedPair(report)).toEqual({ ...UDP_PAIR, own: 'srflx' })
  })

  it('tells TCP, and takes silence for UDP', () => {
    const overTcp = reportOf({ ...own, protocol: 'tcp' }, peer, pair, transport)
    expect(selectedPair(overTcp)?.protocol).toBe('tcp')
    const { protocol: _, ...silent } = own
    expect(selectedPair(reportOf(silent, peer, pair, transport))?.protocol).toBe('udp')
  })

  it.each([
    ['nothing is said', reportOf()],
    ['no pair is in use', reportOf(own, peer, pair)],
    ['a candidate is missing', reportOf(own, pair, transport)],
    ['a kind is none', reportOf(own, { ...peer, candidateType: 'guess' }, pair, transport)],
    ['the pair is missing', reportOf(own, peer, transport)],
  ])('is not known when %s', (_, report) => {
    expect(selectedPair(report)).toBeUndefined()
  })
})

describe('a watch', () => {
  let report = reportOf()
  let asked = 0
  const told: CandidatePair[] = []

  function watch(getStats = async (): Promise<Report> => report): PairWatch {
    const pc = {
      getStats() {
        asked += 1
        return getStats()
      },
    }
    return new PairWatch(pc as unknown as RTCPeerConnection, one => void told.push(one))
  }

  beforeEach(() => {
    vi.useFakeTimers()
    report = reportOf(own, other, peer, pair, transport)
    asked = 0
    told.length = 0
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('tells the pair once, and again when another is in use a while later', async () => {
    watch().look()
    await vi.advanceTimersByTimeAsync(SETTLED_MS - 1)
    expect([asked, told]).toEqual([1, [UDP_PAIR]])
    await vi.advanceTimersByTimeAsync(1)
    expect([asked, told.length]).toEqual([2, 1])
    await vi.advanceTimersByTimeAsync(60_000)
    expect([asked, vi.getTimerCount()]).toEqual([2, 0])
  })

  it('tells what has changed', async () => {
    watch().look()
    await vi.advanceTimersByTimeAsync(0)
    report = reportOf(own, { ...peer, candidateType: 'host' }, pair, transport)
    await vi.advanceTimersByTimeAsync(SETTLED_MS)
    expect(told).toEqual([UDP_PAIR, { ...UDP_PAIR, peer: 'host' }])
  })

  it('looks again a while after the last time that it was told to', async () => {
    const one = watch()
    one.look()
    await vi.advanceTimersByTimeAsync(SETTLED_MS - 1)
    one.look()
    await vi.advanceTimersByTimeAsync(SETTLED_MS - 1)
    expect(asked).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toBe(3)
  })

  it.each([
    ['says no', () => Promise.reject(new Error('closed'))],
    [
      'throws',
      () => {
        throw new Error('closed')
      },
    ],
    ['never answers', () => new Promise<Report>(() => {})],
  ])('says nothing of a connection that %s', async (_, getStats) => {
    watch(getStats).look()
    await vi.advanceTimersByTimeAsync(SETTLED_MS)
    expect(told).toEqual([])
  })

  it('says nothing after its end, and leaves no timer', async () => {
    const one = watch()
    one.look()
    one.stop()
    await vi.advanceTimersByTimeAsync(SETTLED_MS)
    one.look()
    expect([asked, told, vi.getTimerCount()]).toEqual([1, [], 0])
  })
})
