// Bringing the end of our own key to servers of our own making.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import { RPC_TIMEOUT_MS } from '../../wire/limits.ts'
import { readRevokeBody } from '../../wire/registry-bodies.ts'
import { decodeRevocation, verifyRevocation } from '../../wire/revocation.ts'
import type { Asked } from '../testing/fake-homes.ts'
import { FakeHomes } from '../testing/fake-homes.ts'
import { identityOf, NET } from '../testing/records.ts'

const heir = identityOf(9)
let fake: FakeHomes

beforeEach(() => {
  fake = new FakeHomes(['ws://one', 'ws://two', 'ws://three'])
})

function revoke(servers: number, successor?: Uint8Array): Asked[] {
  for (let i = 0; i < servers; i++) fake.open(i, (i + 1) as LinkId, identityOf(20 + i))
  fake.asked()
  fake.homes.revoke(fake.time, 7, successor)
  return fake.asked()
}

function results(): unknown[] {
  return fake.of('revokeEnded').map(({ request, result }) => {
    expect(request).toBe(7)
    return result
  })
}

describe('a revocation of our own key', () => {
  it('goes to every server, signed by us and by the successor', () => {
    const asked = revoke(3, heir.seed.slice())
    expect(asked.map(({ method, link }) => [method, link])).toEqual([
      ['revoke', 1],
      ['revoke', 2],
      ['revoke', 3],
    ])
    for (const { body } of asked) {
      const signed = decodeRevocation(readRevokeBody(body))
      const { publicKey } = fake.own
      expect(signed.revocation).toMatchObject({ key: publicKey, successor: heir.publicKey })
      const expectation = { ...fake.time, net: NET, expectedKey: publicKey }
      expect(verifyRevocation(nodeSuite, signed, expectation)).toBe('valid')
    }
  })

  it('is done when all have answered, with those that keep it counted', () => {
    const [one, two, three] = revoke(3) as [Asked, Asked, Asked]
    fake.answer(one)
    fake.refuse(two, 'QUOTA')
    expect(results()).toEqual([])
    fake.answer(three)
    expect(results()).toMatchObject([{ servers: 2, revocation: { key: fake.own.publicKey } }])
  })

  it('does not wait for a server that is silent, or that has gone', () => {
    const [one] = revoke(3) as [Asked]
    fake.answer(one)
    fake.close(2 as LinkId)
    fake.advance(RPC_TIMEOUT_MS)
    expect(results()).toMatchObject([{ servers: 1 }])
  })

  it.each([
    ['QUOTA', 'QUOTA'],
    ['BUSY', 'QUOTA'],
    ['INVALID_RECORD', 'REFUSED'],
    ['UNKNOWN_METHOD', 'REFUSED'],
  ] as const)('that no server keeps, as with %s, has failed with %s', (code, shown) => {
    for (const asked of revoke(2)) fake.refuse(asked, code)
    expect(results()).toMatchObject([{ code: shown, message: expect.stringContaining('so itis') }])
  })

  it('that nobody answers, or that there is nobody to send to, has failed', () => {
    revoke(1)
    fake.advance(RPC_TIMEOUT_MS)
    expect(results()).toMatchObject([{ code: 'TIMEOUT' }])
    fake = new FakeHomes(['ws://one'])
    revoke(0)
    expect(results()).toMatchObject([{ code: 'TIMEOUT' }])
  })

  it('in favour of itself is a mistake that reaches nobody', () => {
    expect(revoke(1, fake.own.seed.slice())).toEqual([])
    expect(results()).toMatchObject([{ code: 'USAGE' }])
  })
})
