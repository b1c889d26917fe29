// What a client does with each answer to its record, by a server of our own making.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import { MAX_SEQUENCE_RAISES, PUBLISH_RETRY_MAX_MS, RPC_TIMEOUT_MS } from '../../wire/limits.ts'
import { decodeRecord } from '../../wire/record.ts'
import { readRecordBody } from '../../wire/registry-bodies.ts'
import { signRevocation } from '../../wire/revocation.ts'
import type { AttachmentView } from '../effects.ts'
import type { Asked } from '../testing/fake-homes.ts'
import { FakeHomes } from '../testing/fake-homes.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'

const own = identityOf(1)
const server = identityOf(2)
const LINK = 1 as LinkId
let fake: FakeHomes

/** Of a published record. */
function seqOf({ body }: Asked): number {
  return decodeRecord(readRecordBody(body)).record.seq
}

function show(asked: Asked, record: Uint8Array | undefined): void {
  fake.find(asked, { value: record && { kind: 'record', bytes: record } })
}

function view(): AttachmentView | undefined {
  return fake.homes.views(fake.time)[0]
}

beforeEach(() => {
  fake = new FakeHomes(['ws://one', 'ws://two'])
  fake.open(0, LINK, server)
})

describe('a record', () => {
  it('makes the server online once it is kept', () => {
    const request = fake.only()
    expect(view()?.state).toBe('connecting')
    fake.answer(request)
    expect(view()).toMatchObject({ state: 'online', key: server.keyId })
    expect(view()?.failure).toBeUndefined()
  })

  it.each([
    ['QUOTA', 'QUOTA'],
    ['BUSY', 'QUOTA'],
    ['INVALID_RECORD', 'REFUSED'],
    ['BAD_REQUEST', 'REFUSED'],
  ] as const)(
    'that is refused for %s shows as %s, and is sent again later and later',
    (code, shown) => {
      fake.refuse(fake.only(), code)
      expect(view()).toMatchObject({ state: 'online', failure: { code: shown } })
      expect(view()?.failure?.message).toContain('(so itis)')
      let pauseMs = RPC_TIMEOUT_MS
      for (let i = 0; i < 8; i++) {
        fake.advance(pauseMs - 1)
        expect(fake.asked()).toEqual([])
        fake.advance(1)
        fake.refuse(fake.only(), code)
        pauseMs = Math.min(2 * pauseMs, PUBLISH_RETRY_MAX_MS)
      }
      fake.advance(pauseMs)
      fake.answer(fake.only())
      expect(view()?.failure).toBeUndefined()
    },
  )

  it('that changes meanwhile waits for the end of the pause, too', () => {
    fake.refuse(fake.only(), 'QUOTA')
    fake.open(1, 2 as LinkId, identityOf(3))
    expect(fake.asked().map(({ link }) => link)).toEqual([2])
    fake.advance(RPC_TIMEOUT_MS)
    expect(fake.asked().map(({ link }) => link)).toContain(LINK)
  })

  it('that is not answered is sent again', () => {
    fake.only()
    fake.advance(RPC_TIMEOUT_MS)
    expect(view()).toMatchObject({ failure: { code: 'TIMEOUT' } })
    fake.advance(RPC_TIMEOUT_MS)
    expect(fake.only().method).toBe('publish')
  })
})

describe('a sequence number that is too low', () => {
  it.each(['SEQ_TOO_LOW', 'SEQ_REUSED'] as const)(
    '(%s) rises above a true record of ours, once',
    code => {
      const first = fake.only()
      fake.refuse(first, code)
      const find = fake.only()
      expect(find.method).toBe('find')
      const ahead = recordOf(own, { seq: seqOf(first) + 300_000 })
      show(find, ahead.bytes)
      const second = fake.only()
      expect(seqOf(second)).toBe(ahead.record.seq + 1)
      fake.answer(second)
      expect(view()).toMatchObject({ state: 'online' })
      expect(view()?.failure).toBeUndefined()
    },
  )

  it.each([
    ['forged', (seq: number) => forged(recordOf(own, { seq: seq + 1_000 }))],
    ['of another key', (seq: number) => recordOf(server, { seq: seq + 1_000 }).bytes],
    ['of the far future', (seq: number) => recordOf(own, { seq: seq + 1e9 }).bytes],
    ['older', (seq: number) => recordOf(own, { seq: seq - 1 }).bytes],
    ['damaged', () => new Uint8Array(20)],
    ['not there', () => undefined],
  ])('does not rise for a record that is %s: the server is told of as refusing', (_name, make) => {
    const first = fake.only()
    fake.refuse(first, 'SEQ_TOO_LOW')
    show(fake.only(), make(seqOf(first)))
    expect(fake.asked()).toEqual([])
    expect(view()).toMatchObject({ state: 'online', failure: { code: 'REFUSED' } })
    fake.advance(RPC_TIMEOUT_MS)
    expect(seqOf(fake.only())).toBe(seqOf(first))
  })

  it('cannot be claimed over and over: a lying server costs work only so often', () => {
    let requests = 0
    let last = fake.only()
    for (let i = 0; i < 50; i++) {
      requests += 1
      if (last.method === 'publish') fake.refuse(last, 'SEQ_TOO_LOW')
      else show(last, recordOf(own, { seq: START_UNIX_MS + fake.now + 1_000 + 1_000 * i }).bytes)
      const [next] = fake.asked()
      if (next === undefined) break
      last = next
    }
    expect(requests).toBe(2 * MAX_SEQUENCE_RAISES + 1)
    expect(view()).toMatchObject({ failure: { code: 'REFUSED' } })
  })

  it('claimed by one server is no reason to ask another for more patience', () => {
    const honest = identityOf(3)
    fake.answer(fake.only())
    fake.open(1, 2 as LinkId, honest)
    const requests = fake.asked()
    expect(requests.map(({ method }) => method)).toEqual(['publish', 'publish'])
    let rounds = 0
    for (let pending = requests; pending.length > 0 && rounds < 50; rounds++) {
      for (const one of pending) {
        if (one.link === LINK) fake.answer(one)
        else if (one.method === 'publish') fake.refuse(one, 'SEQ_TOO_LOW')
        else
          show(one, recordOf(own, { seq: START_UNIX_MS + fake.now + 1_000 * (rounds + 1) }).bytes)
      }
      pending = fake.asked()
    }
    expect(rounds).toBeLessThan(4 * MAX_SEQUENCE_RAISES)
    expect(fake.homes.views(fake.time).map(({ failure }) => failure?.code)).toEqual([
      undefined,
      'REFUSED',
    ])
  })
})

describe('a key that is said to be revoked', () => {
  const heir = identityOf(4)
  const fields = { net: NET, atMs: START_UNIX_MS }
  const show = (bytes: Uint8Array) => {
    fake.refuse(fake.only(), 'REVOKED')
    fake.find(fake.only(), { value: { kind: 'revocation', bytes } })
  }

  it('is so once it is proven: no server is asked or dialed any more, and all show why', () => {
    show(signRevocation(nodeSuite, own, { ...fields, successor: heir }).bytes)
    const failure = { code: 'REVOKED', hint: expect.stringContaining(heir.keyText) }
    expect(fake.homes.views(fake.time)).toMatchObject([
      { state: 'waiting', failure },
      { state: 'waiting', failure },
    ])
    expect(fake.homes.failure()).toMatchObject(failure)
    const dials = fake.of('dial').length
    fake.close(LINK)
    fake.homes.nudge(fake.time)
    fake.advance(PUBLISH_RETRY_MAX_MS)
    expect(fake.asked()).toEqual([])
    expect(fake.of('dial')).toHaveLength(dials)
    expect(view()).toMatchObject({ state: 'waiting', failure })
  })

  it.each([
    ['forged', signRevocation(nodeSuite, { ...own, seed: server.seed }, fields).bytes],
    ['that of another key', signRevocation(nodeSuite, server, fields).bytes],
    ['damaged', new Uint8Array(30)],
  ])('is only refused there when what is shown is %s', (_name, bytes) => {
    show(bytes)
    expect(view()).toMatchObject({ state: 'online', failure: { code: 'REFUSED' } })
    fake.advance(RPC_TIMEOUT_MS)
    expect(fake.only().method).toBe('publish')
  })
})
