// Which candidates a connection goes over is known as long as the connection is, and of no other link.

import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { CandidatePair } from '../rtc-host.ts'
import { directLinksOf } from '../testing/direct-bench.ts'
import type { DirectLinks } from './direct-links.ts'

const [OWN, PEER] = [1, 2].map(n => keyIdOf(new Uint8Array(32).fill(n)))
const [LINK, OTHER] = [1, 2] as LinkId[]
const TIME = { now: 1_000, unixMs: 1_000 }
const PAIR: CandidatePair = { own: 'host', peer: 'srflx', protocol: 'udp' }

function openingLinks(): DirectLinks {
  if (OWN === undefined || PEER === undefined || LINK === undefined) throw new Error('no keys')
  const links = directLinksOf(OWN, { candidates: 'all', maxCreated: 1 })
  links.sessionUp(TIME, PEER)
  links.timeout(TIME)
  expect(links.poll()).toMatchObject({ kind: 'open', peer: PEER })
  links.opening(PEER, LINK)
  return links
}

describe('the candidates of a connection', () => {
  it('are told until it ends, those that were told last', () => {
    const links = openingLinks()
    const link = LINK as LinkId
    expect(links.pairOf(link)).toBeUndefined()
    links.paired(link, { ...PAIR, peer: 'host' })
    links.paired(link, PAIR)
    expect(links.pairOf(link)).toBe(PAIR)
    links.closed(TIME, link)
    expect(links.pairOf(link)).toBeUndefined()
    links.paired(link, PAIR)
    expect(links.pairOf(link)).toBeUndefined()
  })

  it('are not told of a link that is none of these, nor after the end of the node', () => {
    const links = openingLinks()
    links.paired(OTHER as LinkId, PAIR)
    expect(links.pairOf(OTHER as LinkId)).toBeUndefined()
    links.paired(LINK as LinkId, PAIR)
    links.stop()
    expect(links.pairOf(LINK as LinkId)).toBeUndefined()
  })
})
