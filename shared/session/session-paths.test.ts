// Paths that die, swallow or come back, and messages that fail meanwhile.

import { describe, expect, it } from 'vitest'
import { mapKey } from '../bytes/map-key.ts'
import { MESSAGE_TIMEOUT_MS, SESSION_CONFIRM_MS, SESSION_PATHLESS_MS } from '../wire/limits.ts'
import { Session } from './session.ts'
import { Pair } from './testing/pair.ts'
import { closed, deliveredIds, failures, kinds, shownIds } from './testing/said.ts'
import { handshakeSecrets } from './testing/secrets.ts'

describe('paths', () => {
  it('sends what was in flight on a dead path over the next one', () => {
    const pair = new Pair()
    const first = pair.openPath()
    pair.send(pair.alice, new Uint8Array(5_000))
    pair.killPath(first)
    expect(kinds(pair.alice)).toContain('needPath')
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(pair.bob.messages).toHaveLength(1)
  })

  it('suspects a path that swallows everything, after two unanswered probes', () => {
    const pair = new Pair({ replacesPaths: false })
    const path = pair.openPath()
    pair.run()
    pair.blackHoles.add(path)
    const start = pair.now
    pair.send(pair.alice, new Uint8Array(10))
    pair.runUntil(() => kinds(pair.alice).includes('pathSuspect'))
    expect(pair.now - start).toBe(3_000)
    // Nothing but probes from then on, and the message waits for another path.
    const second = pair.openPath()
    pair.drain(pair.alice)
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(pair.paths.has(second)).toBe(true)
  })

  it('takes a suspect path back when it answers', () => {
    const pair = new Pair({ replacesPaths: false })
    const path = pair.openPath()
    pair.run()
    pair.blackHoles.add(path)
    pair.send(pair.alice, new Uint8Array(10))
    pair.runUntil(() => kinds(pair.alice).includes('pathSuspect'))
    pair.blackHoles.delete(path)
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(pair.bob.messages).toHaveLength(1)
  })

  it('answers a ping with the round-trip time, also when its path dies', () => {
    const pair = new Pair({ network: { delayMs: 30 } })
    const path = pair.openPath()
    pair.handle(pair.alice, { kind: 'ping', id: 7 })
    pair.run(10)
    pair.killPath(path)
    pair.handle(pair.alice, { kind: 'ping', id: 8 })
    pair.run()
    const pongs = pair.alice.effects.filter(effect => effect.kind === 'pong')
    expect(pongs).toEqual([
      { kind: 'pong', id: 7, rttMs: 60 },
      { kind: 'pong', id: 8, rttMs: 60 },
    ])
  })

  it('reports the round-trip time of a path', () => {
    const pair = new Pair({ network: { delayMs: 35 } })
    const path = pair.openPath()
    pair.run()
    expect(pair.alice.effects).toContainEqual({ kind: 'path', path, rttMs: 70 })
  })

  it('asks for a path once, and gives up after a while without one', () => {
    const pair = new Pair({ replacesPaths: false })
    pair.killPath(pair.openPath())
    pair.send(pair.alice, new Uint8Array(10))
    pair.send(pair.alice, new Uint8Array(10))
    expect(kinds(pair.alice).filter(kind => kind === 'needPath')).toHaveLength(1)
    pair.run(SESSION_PATHLESS_MS - 1)
    expect(closed(pair.alice)).toBeUndefined()
    pair.run(SESSION_PATHLESS_MS)
    expect(closed(pair.alice)).toMatchObject({ code: 'TIMEOUT', side: 'local' })
  })

  it('gives up an initiator that never proves it has the keys', () => {
    const pair = new Pair({ network: { loss: 1 }, replacesPaths: false })
    pair.openPath()
    pair.run(SESSION_CONFIRM_MS - 1)
    expect(closed(pair.bob)).toBeUndefined()
    pair.run(SESSION_CONFIRM_MS)
    expect(closed(pair.bob)).toMatchObject({ code: 'TIMEOUT' })
    expect(kinds(pair.bob)).not.toContain('ready')
  })

  it('attaches a new path without a handshake, once per packet', () => {
    const pair = new Pair()
    pair.killPath(pair.openPath())
    const question = pair.alice.session.askAttach() as Uint8Array
    const answer = pair.bob.session.acceptAttach(pair.time, question) as Uint8Array
    expect(pair.bob.session.acceptAttach(pair.time, question)).toBeUndefined()
    expect(pair.alice.session.confirmAttach(pair.time, answer)).toBe(true)
    expect(pair.alice.session.confirmAttach(pair.time, answer)).toBe(false)
    const forged = question.slice()
    forged[20] = (forged[20] as number) ^ 1
    expect(pair.bob.session.acceptAttach(pair.time, forged)).toBeUndefined()
  })

  it('does not take an answer to a question that it never asked', () => {
    const pair = new Pair()
    pair.openPath()
    const foreign = pair.bob.session.askAttach() as Uint8Array
    expect(pair.alice.session.confirmAttach(pair.time, foreign)).toBe(false)
  })
})

describe('messages that fail', () => {
  it('time out one by one, and the session goes on', () => {
    const pair = new Pair({ replacesPaths: false })
    const path = pair.openPath()
    pair.run()
    pair.send(pair.alice, new Uint8Array(10))
    pair.run()
    pair.blackHoles.add(path)
    const start = pair.now
    pair.send(pair.alice, new Uint8Array(2_000))
    pair.run(start + 1_000)
    pair.send(pair.alice, new Uint8Array(3_000))
    pair.run(start + MESSAGE_TIMEOUT_MS)
    expect(failures(pair.alice)).toEqual(['TIMEOUT'])
    pair.run(start + MESSAGE_TIMEOUT_MS + 1_000)
    expect(failures(pair.alice)).toEqual(['TIMEOUT', 'TIMEOUT'])
    pair.openPath()
    const id = pair.send(pair.alice, new Uint8Array(20))
    pair.run()
    expect(deliveredIds(pair.alice)).toContain(mapKey(id))
    expect(pair.bob.messages.map(message => message.data.length)).toEqual([10, 20])
  })

  it('can be cancelled before and while they are sent', () => {
    const pair = new Pair({ replacesPaths: false })
    const waiting = pair.send(pair.alice, new Uint8Array(10))
    pair.handle(pair.alice, { kind: 'cancel', id: waiting })
    const path = pair.openPath()
    pair.run()
    const inFlight = pair.send(pair.alice, new Uint8Array(10))
    pair.blackHoles.add(path)
    pair.run(pair.now + 100)
    pair.handle(pair.alice, { kind: 'cancel', id: inFlight })
    pair.handle(pair.alice, { kind: 'cancel', id: inFlight })
    pair.blackHoles.delete(path)
    const last = pair.send(pair.alice, new Uint8Array(11))
    pair.run()
    expect(failures(pair.alice)).toEqual(['ABORTED', 'ABORTED'])
    expect(shownIds(pair.bob)).toEqual([mapKey(last)])
  })

  it('are handed over, in order, to a replacement session that shows nothing twice', () => {
    const pair = new Pair({ replacesPaths: false })
    const path = pair.openPath()
    pair.run()
    const ids = Array.from({ length: 50 }, (_, i) => pair.send(pair.alice, new Uint8Array(i * 40)))
    // Everything arrives, no ack comes back.
    pair.run(pair.now + pair.network.delayMs)
    pair.killPath(path)
    expect(pair.bob.messages).toHaveLength(50)
    expect(deliveredIds(pair.alice)).toHaveLength(0)
    const unfinished = pair.alice.session.unfinished()
    expect(unfinished.map(message => message.id)).toEqual(ids)

    for (const end of [pair.alice, pair.bob]) {
      pair.handle(end, { kind: 'close', code: 'REPLACED' })
      expect(end.session.unfinished()).toHaveLength(end === pair.alice ? 50 : 0)
    }
    const { suite, random, alice, bob } = pair
    const secrets = handshakeSecrets(suite, random, alice.identity, bob.identity)
    const base = { suite, random: random.bytes }
    alice.session = new Session(
      { ...base, identity: alice.identity, seen: alice.seen },
      secrets.caller,
      pair.time,
    )
    bob.session = new Session(
      { ...base, identity: bob.identity, seen: bob.seen },
      secrets.callee,
      pair.time,
    )
    for (const message of unfinished) pair.handle(alice, { kind: 'send', ...message })
    pair.openPath()
    const last = pair.send(alice, new Uint8Array(1))
    pair.run()
    expect(deliveredIds(alice)).toHaveLength(51)
    expect(shownIds(bob)).toEqual([...ids, last].map(mapKey))
  })
})
