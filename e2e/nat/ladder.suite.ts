// A client on a worse and worse line (../fixtures/bad-links.ts), behind a router, dials one on a good line behind
// another. Down to the last good one it connects in time and loses nothing; below it does that, or says why not.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BadLink } from '../fixtures/bad-links.ts'
import { BAD_LINKS, DEAD_LINK } from '../fixtures/bad-links.ts'
import { figure } from '../fixtures/figures.ts'
import type { NatClient, TalkOptions } from '../fixtures/nat-client.ts'
import { startNatClient } from '../fixtures/nat-client.ts'
import type { NatLab } from '../fixtures/nat-lab.ts'
import { openNatLab } from '../fixtures/nat-lab.ts'
import type { NatServer } from '../fixtures/nat-server.ts'
import { startNatServer } from '../fixtures/nat-server.ts'
import type { JsonLine } from '../fixtures/processes.ts'
import { hasNatLab } from './has-lab.ts'

const LAST_GOOD_LEVEL = 6
/** Bytes of each message. */
const BYTES = 1_000
/** On a line on which nothing gets through. */
const DEAD_WITHIN_MS = 3_000
/** A message is given up after 30 s (docs/PROTOCOL.md 7.4). */
const SETTLED_WITHIN_MS = 60_000
/** A program with a deadline tells of it a little later. */
const MARGIN_MS = 2_000

type Outcome =
  | {
      readonly kind: 'connected'
      readonly connectMs: number
      readonly delivered: unknown
      readonly undelivered: readonly JsonLine[]
    }
  | { readonly kind: 'failed'; readonly code: unknown; readonly message: unknown }

interface Rung {
  readonly level: number
  readonly line: BadLink
  /** From the start of the program to the first byte. */
  readonly withinMs: number
}

/** @param talk what both say to each other, on each of the lines `levels` */
export function ladderSuite(
  levels: readonly number[],
  talk: Pick<TalkOptions, 'messages' | 'everyMs'>,
): void {
  let lab: NatLab
  let server: NatServer
  let far: NatClient

  beforeAll(async () => {
    if (!hasNatLab) return
    lab = await openNatLab()
    server = await startNatServer(lab)
    const home = await lab.home('portRestricted')
    far = await startNatClient(await home.host(), [server.address])
  })

  afterAll(async () => {
    await far?.close()
    await server?.close()
    await lab?.close()
  })

  async function climb(line: BadLink, withinMs: number): Promise<Outcome> {
    const home = await lab.home('portRestricted', line)
    const host = await home.host()
    const startedAt = performance.now()
    const near = await startNatClient(host, [server.address], { onlineWithinMs: withinMs })
    try {
      if (near.failure !== undefined) return near.failure
      const leftMs = Math.max(MARGIN_MS, withinMs - (performance.now() - startedAt))
      near.talk(far, { ...talk, bytes: BYTES, timeoutMs: leftMs })
      const first = await near.saidAny(['delivered', 'failed'], far, leftMs + MARGIN_MS)
      if (first.event === 'failed') return failureOf(first)
      const connectMs = performance.now() - startedAt
      const { delivered } = await near.said('sent', far, {}, SETTLED_WITHIN_MS)
      await tellFigures(near, line, connectMs)
      return { kind: 'connected', connectMs, delivered, undelivered: near.all('undelivered') }
    } finally {
      await near.close()
    }
  }

  async function tellFigures(near: NatClient, line: BadLink, connectMs: number): Promise<void> {
    const dialed = await near.said('dialing', far)
    const delivered = near.all('delivered')
    const direct = delivered.find(({ over }) => over === 'direct')
    const sinceDialMs = ({ atMs }: JsonLine): number => Math.round(Number(atMs) - dialed.atMs)
    figure(`bad line, ${line.name}`, {
      'start to first byte, ms': Math.round(connectMs),
      'dial to first byte, ms': sinceDialMs(delivered[0] ?? dialed),
      ...(direct !== undefined && { 'to first direct byte, ms': sinceDialMs(direct) }),
      'delivered of 100': Math.round((100 * delivered.length) / talk.messages),
    })
  }

  const rungs = rungsOf(levels)
  const good = rungs.filter(({ level }) => level <= LAST_GOOD_LEVEL)
  const worse = rungs.filter(({ level }) => level > LAST_GOOD_LEVEL)

  describe.skipIf(!hasNatLab)('a client on a bad line', () => {
    it.each(good)('connects in time and loses nothing: $line.name', async ({ line, withinMs }) => {
      const outcome = await climb(line, withinMs)
      expect(outcome).toMatchObject({ kind: 'connected', delivered: talk.messages })
      if (outcome.kind === 'connected') expect(outcome.connectMs).toBeLessThan(withinMs)
    })

    it.each(worse)('connects, or says why not: $line.name', async ({ line, withinMs }) => {
      const outcome = await climb(line, withinMs)
      if (outcome.kind === 'failed') {
        process.stdout.write(`bad line, ${line.name}: ${outcome.code}: ${outcome.message}\n`)
      }
      const failures = outcome.kind === 'connected' ? outcome.undelivered : [outcome]
      for (const failure of failures) expectReason(failure)
    })

    it('says why not where nothing gets through', async () => {
      const outcome = await climb(DEAD_LINK, DEAD_WITHIN_MS)
      expectReason(outcome)
    })
  })
}

function expectReason(failure: object): void {
  expect(failure).toMatchObject({
    code: expect.stringMatching(/^(UNREACHABLE|TIMEOUT|OFFLINE|NO_PATH)$/),
    message: expect.stringMatching(/^[A-Z].*\.$/),
  })
}

function failureOf({ code, message }: JsonLine): Outcome {
  return { kind: 'failed', code, message }
}

function rungsOf(levels: readonly number[]): Rung[] {
  return levels.flatMap(level => {
    const line = BAD_LINKS[level]
    return line === undefined ? [] : [{ level, line, withinMs: 20_000 + 10_000 * level }]
  })
}
