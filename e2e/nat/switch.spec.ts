// A client changes from one network to another in the middle of a talk, as a laptop does that leaves the house: another
// address, another router. The session lives on, the pause is short, nothing is lost, whoever made the session, and
// what was a direct path is one again by the end of the talk.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figure } from '../fixtures/figures.ts'
import type { NatClient } from '../fixtures/nat-client.ts'
import { startNatClient } from '../fixtures/nat-client.ts'
import type { NatLab } from '../fixtures/nat-lab.ts'
import { openNatLab } from '../fixtures/nat-lab.ts'
import type { NatKind } from '../fixtures/nat-rules.ts'
import type { NatServer } from '../fixtures/nat-server.ts'
import { startNatServer } from '../fixtures/nat-server.ts'
import { hasNatLab } from './has-lab.ts'

const TALK = { messages: 110, everyMs: 100, bytes: 100, timeoutMs: 10_000 } as const
const MAX_PAUSE_MS = 5_000

const CASES = [
  { nat: 'portRestricted', path: 'direct', dialer: 'near' },
  { nat: 'portRestricted', path: 'direct', dialer: 'far' },
  { nat: 'blocked', path: 'relay', dialer: 'near' },
  { nat: 'blocked', path: 'relay', dialer: 'far' },
] as const satisfies readonly { nat: NatKind; path: 'direct' | 'relay'; dialer: 'near' | 'far' }[]
type Case = (typeof CASES)[number]

interface Talk {
  readonly near: NatClient
  readonly far: NatClient
}

let lab: NatLab
let server: NatServer
const talks = new Map<Case, Talk>()

beforeAll(async () => {
  if (!hasNatLab) return
  lab = await openNatLab()
  server = await startNatServer(lab)
  // Together: most of the time they only wait.
  await Promise.all(CASES.map(talkAndMove))
})

afterAll(async () => {
  const clients = [...talks.values()].flatMap(({ near, far }) => [near, far])
  await Promise.all(clients.map(client => client.close()))
  await server?.close()
  await lab?.close()
})

async function talkAndMove(one: Case): Promise<void> {
  const before = await lab.home(one.nat)
  const after = await lab.home(one.nat)
  const elsewhere = await lab.home('portRestricted')
  const laptop = await before.host()
  const [near, far] = await Promise.all([
    startNatClient(laptop, [server.address]),
    startNatClient(await elsewhere.host(), [server.address]),
  ])
  talks.set(one, { near, far })
  if (one.dialer === 'near') near.talk(far, TALK)
  else far.talk(near, TALK)
  await near.said('delivered', far, { over: one.path })
  await laptop.moveTo(after)
}

describe.skipIf(!hasNatLab)('a client that changes its network in the middle of a talk', () => {
  it.each(CASES)('goes on: UDP is $nat, the path is $path, the $dialer one dialed', async one => {
    const { near, far } = talks.get(one) ?? {}
    if (near === undefined || far === undefined) throw new Error('there was no talk')
    const heard = [await near.said('heardAll', far), await far.said('heardAll', near)]
    const pauses = heard.map(({ longestGapMs }) => Number(longestGapMs))
    figure(`change of network, ${one.path}, ${one.dialer} one dialed`, {
      'longest pause, ms': Math.max(...pauses),
    })
    for (const client of [near, far]) expect(client.all('delivered').at(-1)?.over).toBe(one.path)
    for (const pauseMs of pauses) expect(pauseMs).toBeLessThanOrEqual(MAX_PAUSE_MS)
    for (const event of ['closed', 'undelivered', 'heardTwice']) {
      expect([...near.all(event), ...far.all(event)]).toEqual([])
    }
  })
})
