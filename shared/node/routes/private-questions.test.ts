// What mode `private` asks of whom, and that it is not forgotten where there is no room for the peer.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { PathMode } from '../../routes/route.ts'
import { keyOf } from '../../routes/testing/keys.ts'
import { Commands } from '../commands.ts'
import type { NodeEvent } from '../effects.ts'
import type { HomeServers } from '../homes/home-servers.ts'
import { PeerModes } from '../peers/peer-modes.ts'
import type { Peers } from '../peers/peers.ts'
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
