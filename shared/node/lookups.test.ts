import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import type { LinkId } from '../link/link-id.ts'
import { LOOKUP_SERVERS } from '../wire/limits.ts'
import { foundBody } from '../wire/registry-bodies.ts'
import type { LookupEffect } from './lookups.ts'
import { Lookups } from './lookups.ts'
import type { RpcAnswer } from './rpc-client.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { forged, identityOf, NET, recordOf } from './testing/records.ts'

const bob = identityOf(2)
const OWNER = { kind: 'request', request: 1 } as const

function linksOf(count: number): LinkId[] {
  return Array.from({ length: count }, (_, at) => at as LinkId)
}

function drain(lookups: Lookups): LookupEffect[] {
  const effects: LookupEffect[] = []
  for (let effect = lookups.poll(); effect !== undefined; effect = lookups.poll())
    effects.push(effect)
  return effects
}

function answer(bytes: Uint8Array | undefined): RpcAnswer {
  return { kind: 'ok', body: foundBody(bytes) }
}

/** Starts a lookup and gives it the answers. @returns what it said of them */
function lookedUp(answers: readonly RpcAnswer[]): LookupEffect[] {
  const lookups = new Lookups(nodeSuite, NET)
  const lookup = lookups.start(bob.keyId, OWNER, linksOf(answers.length))
  drain(lookups)
  for (const one of answers) lookups.onAnswer(START_UNIX_MS, lookup, one)
  lookups.onAnswer(START_UNIX_MS, lookup, { kind: 'noAnswer' })
  return drain(lookups)
}

const NO_ANSWER: RpcAnswer = { kind: 'noAnswer' }
const FAULTY: RpcAnswer = { kind: 'ok', body: new Map() }
const ABSENT = answer(undefined)
const good = recordOf(bob)
const newer = recordOf(bob, { seq: START_UNIX_MS + 5 })

describe('a lookup', () => {
  it(`asks ${LOOKUP_SERVERS} servers, the best first`, () => {
    for (const count of [LOOKUP_SERVERS - 1, LOOKUP_SERVERS, LOOKUP_SERVERS + 1]) {
      const lookups = new Lookups(nodeSuite, NET)
      lookups.start(bob.keyId, OWNER, linksOf(count))
      const asked = drain(lookups).flatMap(effect => (effect.kind === 'ask' ? [effect.link] : []))
      expect(asked).toEqual(linksOf(Math.min(count, LOOKUP_SERVERS)))
    }
  })

  it('of nobody ends at once', () => {
    expect(lookedUp([])).toMatchObject([])
    const lookups = new Lookups(nodeSuite, NET)
    lookups.start(bob.keyId, OWNER, [])
    expect(drain(lookups)).toMatchObject([{ kind: 'notFound', isKnownAbsent: false }])
  })

  it('gives the first valid record early and the highest at the end', () => {
    const effects = lookedUp([answer(good.bytes), answer(newer.bytes), answer(good.bytes)])
    expect(effects).toMatchObject([
      { kind: 'found', isFinal: false, record: { record: { seq: good.record.seq } } },
      { kind: 'found', isFinal: true, record: { record: { seq: newer.record.seq } } },
    ])
  })

  it.each([
    ['forged', forged(newer)],
    ['of another key', recordOf(identityOf(3)).bytes],
    ['expired', recordOf(bob, { seq: START_UNIX_MS + 9, seenMs: 1 }).bytes],
    ['of the future', recordOf(bob, { seq: START_UNIX_MS + 1e9 }).bytes],
    ['of another network', recordOf(bob, { net: new Uint8Array(16).fill(9) }).bytes],
    ['damaged', new Uint8Array(40)],
  ])('takes no record that is %s, and believes the honest server', (_name, bytes) => {
    const honest = [{ kind: 'found', isFinal: true, record: { record: { seq: good.record.seq } } }]
    const [last] = lookedUp([answer(bytes), answer(good.bytes)]).slice(-1)
    expect([last]).toMatchObject(honest)
    expect(lookedUp([answer(bytes)])).toMatchObject([{ kind: 'notFound' }])
  })

  it.each([
    ['nobody answers', [NO_ANSWER, NO_ANSWER], false],
    ['answers make no sense', [FAULTY, NO_ANSWER], false],
    ['somebody says it is absent', [NO_ANSWER, ABSENT], true],
  ] as const)('says what it knows when %s', (_name, answers, isKnownAbsent) => {
    expect(lookedUp(answers)).toMatchObject([{ kind: 'notFound', isKnownAbsent }])
  })

  it('that is cancelled says nothing', () => {
    const lookups = new Lookups(nodeSuite, NET)
    const lookup = lookups.start(bob.keyId, OWNER, linksOf(1))
    drain(lookups)
    lookups.cancel(lookup)
    lookups.onAnswer(START_UNIX_MS, lookup, answer(good.bytes))
    expect(drain(lookups)).toEqual([])
  })
})
