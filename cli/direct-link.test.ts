import { describe, expect, it } from 'vitest'
import type { LinkKind, MeshNode } from '../client/node.ts'
import { MeshError } from '../client/node.ts'
import { ANN, ME, SERVER } from '../client/testing/explanations.ts'
import { directLinkOf } from './direct-link.ts'

function nodeWith(...links: (readonly [string, LinkKind])[]): Pick<MeshNode, 'stats'> {
  const traffic = { sentBytes: 0, receivedBytes: 0 }
  const stats = {
    links: links.map(
      ([key, kind]) => ({ key, kind, openedBy: 'us', since: 0, ...traffic }) as const,
    ),
    totals: { server: traffic, lan: traffic, rtc: traffic },
    sessions: [],
  }
  return { stats: async () => stats }
}

describe('the link of a direct path', () => {
  it.each<[LinkKind | undefined, (readonly [string, LinkKind])[]]>([
    [
      'lan',
      [
        [ANN, 'lan'],
        [ME, 'rtc'],
      ],
    ],
    [
      'rtc',
      [
        [SERVER, 'server'],
        [ANN, 'rtc'],
      ],
    ],
    ['server', [[ANN, 'server']]],
    [
      undefined,
      [
        [ANN, 'lan'],
        [ANN, 'rtc'],
      ],
    ],
    [undefined, [[SERVER, 'server']]],
  ])('is %s among %j', async (kind, links) => {
    expect(await directLinkOf(nodeWith(...links), ANN, { hops: [] })).toBe(kind)
  })

  it('is told by the path itself where that goes by WebRTC', async () => {
    const candidates = { own: 'host', peer: 'host', protocol: 'udp' } as const
    expect(await directLinkOf(nodeWith([ANN, 'lan']), ANN, { hops: [], candidates })).toBe('rtc')
  })

  it('is none of a path over others, and while there is no path', async () => {
    expect(await directLinkOf(nodeWith([ANN, 'lan']), ANN, { hops: [SERVER] })).toBeUndefined()
    expect(await directLinkOf(nodeWith([ANN, 'lan']), ANN, undefined)).toBeUndefined()
  })

  it('is not known at a node that closes', async () => {
    const stats = () => Promise.reject(new MeshError('CLOSED', 'The node was closed.'))
    expect(await directLinkOf({ stats }, ANN, { hops: [] })).toBeUndefined()
  })
})
