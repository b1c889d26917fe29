// What mode `private` asks of whom, and that it is not forgotten where there is no room for the peer.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { privateReasons } from '../../routes/private-reasons.ts'
import { commonKindBy } from '../../routes/relay-apartness.ts'
import type { PathMode } from '../../routes/route.ts'
import { keyOf } from '../../routes/testing/keys.ts'
import { PRIVATE_RELAYS_TOLD } from '../../wire/limits.ts'
import { Commands } from '../commands.ts'
import type { NodeEvent } from '../effects.ts'
import type { HomeServers } from '../homes/home-servers.ts'
import { PeerModes } from '../peers/peer-modes.ts'
import type { Peers } from '../peers/peers.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import type { QuestionContext } from './route-questions.ts'

const PEER = keyOf(1)
const TIME = { now: 0, unixMs: 1_800_000_000_000 }

/** Commands of a node that is attached to nothing and has no room for another peer. */
function fullNode(modes: PeerModes) {
  const asked: KeyId[] = []
  const events: NodeEvent[] = []
  const context = {
    modes,
    askRoutes: (_time: unknown, key: KeyId) => asked.push(key),
    emit: (event: NodeEvent) => events.push(event),
  } as unknown as QuestionContext
  const peers = { withPeer: () => false } as unknown as Peers
  const homes = { hasOpenServer: false, isConnecting: true } as unknown as HomeServers
  return { commands: new Commands(context, peers, homes), asked, events }
}

describe('a question for routes', () => {
  it.each<[asked: PathMode | undefined, inForce: PathMode, isPassedOn: boolean]>([
    [undefined, 'fast', true],
    ['relay', 'fast', true],
    ['private', 'fast', false],
    [undefined, 'private', false],
    ['fast', 'private', false],
  ])('in mode %s, while %s is in force, is passed on: %s', (mode, inForce, isPassedOn) => {
    const { commands, asked } = fullNode(new PeerModes(inForce))
    const more = mode === undefined ? {} : { mode }
    commands.handle(TIME, { kind: 'routes', request: 1, key: PEER, timeoutMs: 1_000, ...more })
    expect(asked).toEqual(isPassedOn ? [PEER] : [])
  })
})

describe('a mode said with a dial that found no room', () => {
  it('holds for the next one', () => {
    const modes = new PeerModes('fast')
    const { commands, events } = fullNode(modes)
    commands.handle(TIME, {
      kind: 'dial',
      request: 1,
      peer: PEER,
      timeoutMs: 1_000,
      mode: 'private',
    })
    expect(events).toMatchObject([{ kind: 'failed', failure: { code: 'QUOTA' } }])
    expect(modes.of(PEER)).toBe('private')
  })
})

describe('an explanation', () => {
  /** What is told to a client of that mode, with two servers that both sides are attached to. */
  function explained(mode: PathMode, serverCount = 2) {
    const world = new MiniWorld()
    const servers = Array.from({ length: serverCount }, (_, at) => world.server(`s${at}`))
    const alice = world.client('alice', servers, { mode })
    const bob = world.client('bob', servers)
    const isAttached = (node: MiniNode): boolean =>
      node.attachments.every(({ state }) => state === 'online')
    world.until(() => [alice, bob].every(isAttached))
    const request = alice.ask(number => ({
      kind: 'explain',
      request: number,
      key: bob.key,
      timeoutMs: 5_000,
    }))
    world.until(() => alice.answer(request) !== undefined)
    const answer = alice.answer(request)
    if (answer?.kind !== 'explained') throw new Error(`answered ${answer?.kind}`)
    const { privateFacts: facts, routes } = answer.explanation
    if (facts === undefined) return undefined
    const common = commonKindBy(key => facts.kinds.get(key) ?? [])
    return { routes, reasons: privateReasons(facts, common, PRIVATE_RELAYS_TOLD) }
  }

  it('tells who could stand where on a private path, in that mode only', () => {
    expect(explained('relay')).toBeUndefined()
    const told = explained('private')
    expect(told?.routes).toEqual([])
    expect(told?.reasons.missing).toBe('onlyTwo')
    expect(told?.reasons.places).toMatchObject([
      { place: 'guard', candidates: 2, usable: 0 },
      { place: 'middle', candidates: 2, usable: 0 },
      { place: 'last', candidates: 2, usable: 0 },
    ])
    const reasons = told?.reasons.places.flatMap(({ setAside }) => setAside)
    expect(new Set(reasons?.map(({ reason }) => reason))).toEqual(new Set(['combination']))
  })

  it('says nothing against relays where there is a path', () => {
    const told = explained('private', 3)
    expect(told?.routes.length).toBe(6)
    expect(told?.reasons.missing).toBeUndefined()
    expect(told?.reasons.places.flatMap(({ setAside }) => setAside)).toEqual([])
  })
})
