import { describe, expect, it } from 'vitest'
import type { LinkKind, Path } from '../client/node.ts'
import { OTHER_SERVER, SERVER } from '../client/testing/explanations.ts'
import { PathNews, pathNewsText, wayText } from './ping-text.ts'

const score = { total: 39, latency: 24, hops: 10, reliability: 5, throughput: 0 }
const direct: Path = { kind: 'direct', hops: [], since: 0 }
const relayed: Path = { kind: 'relay', hops: [SERVER], since: 0, score }
const longer: Path = { kind: 'relay', hops: [SERVER, OTHER_SERVER], since: 0, score }

describe('the way of a ping', () => {
  it.each<[Path | undefined, string, LinkKind?]>([
    [direct, ' direct'],
    [direct, ' direct, LAN', 'lan'],
    [direct, ' direct, WebRTC', 'rtc'],
    [relayed, ' relay, 1 hop'],
    [longer, ' relay, 2 hops'],
    // The peer chose it: how many nodes are on it only the peer knows.
    [{ kind: 'relay', hops: [SERVER], since: 0 }, ' relay'],
    [undefined, ''],
  ])('%j: %s', (path, text, link) => expect(wayText(path, link)).toBe(text))
})

describe('news of the path', () => {
  it('are told when it is another one, and not of new measures', () => {
    const news = new PathNews(relayed)
    const seen = [relayed, { ...relayed, rttMs: 5, since: 9 }, longer, longer, direct]
    expect(seen.map(path => news.isNew(path))).toEqual([false, false, true, false, true])
  })

  it('are none while there is no path: the next one may be the same', () => {
    const news = new PathNews(relayed)
    expect([undefined, relayed, undefined, longer].map(path => news.isNew(path))).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('begin with the first path there is', () => {
    const news = new PathNews(undefined)
    expect(news.isNew(relayed)).toBe(true)
  })

  it('name the way', () => {
    const news = (...of: Parameters<typeof pathNewsText>) => pathNewsText(...of).split(': ')
    expect(news(relayed)).toEqual(['the path is another one now', 'relay through key_GyGKxMyg…'])
    expect(news(direct, 'lan')).toEqual(['the path is another one now', 'direct (LAN)'])
  })
})
