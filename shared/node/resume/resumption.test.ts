// Which commands a restart makes, without a node: how many dials at once, when again, when not any more, and what
// the application hears that sends a message once more.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import { encodeSavedMessage, encodeSavedPeer } from '../../session/saved-session.ts'
import { StateSeal } from '../../session/state-seal.ts'
import { seeded } from '../../session/testing/seeded.ts'
import {
  MESSAGE_TIMEOUT_MS,
  REATTACH_MAX_MS,
  RESUME_DIALS,
  RESUME_RETRY_MS,
} from '../../wire/limits.ts'
import type { Command } from '../inputs.ts'
import type { Failure } from '../mesh-error.ts'
import { messageName, peerName } from './restore.ts'
import { Resumption } from './resumption.ts'
import { SessionVault } from './session-vault.ts'

const UNIX_MS = 1_800_000_000_000
const OFFLINE: Failure = { code: 'OFFLINE', message: 'Not there.' }
const REFUSED: Failure = { code: 'REFUSED', message: 'No.' }
const TIMEOUT: Failure = { code: 'TIMEOUT', message: 'Too late.' }
const at = (now: number): Time => ({ now, unixMs: UNIX_MS + now })

interface Left {
  readonly sessions?: number
  readonly isOurs?: boolean
  readonly mode?: PathMode
  /** Of the first peer. */
  readonly messages?: number
}

/** A resumption after a life that left this. */
function restarted({ sessions = 1, isOurs = true, mode, messages = 0 }: Left) {
  const random = seeded(1)
  const seed = random.bytes(32)
  const seal = new StateSeal(nodeSuite, random.bytes, seed)
  const saved: [string, Uint8Array][] = []
  const keys = Array.from({ length: sessions }, () => random.bytes(32))
  keys.forEach((publicKey, index) => {
    const name = peerName(seal, publicKey)
    const peer = { publicKey, isOurs, mode, aliveAtUnixMs: UNIX_MS - index }
    saved.push([name, seal.seal(name, encodeSavedPeer(peer))])
  })
  const publicKey = keys[0] ?? random.bytes(32)
  const ids = Array.from({ length: messages }, () => random.bytes(16))
  ids.forEach((id, order) => {
    const name = messageName(peerName(seal, publicKey), order)
    const expiresAtUnixMs = UNIX_MS + MESSAGE_TIMEOUT_MS
    const message = { publicKey, mode, order, id, expiresAtUnixMs, data: Uint8Array.of(order) }
    saved.push([name, seal.seal(name, encodeSavedMessage(message))])
  })
  const vault = new SessionVault({ suite: nodeSuite, random: random.bytes, seed, saved }, at(0))
  const resumption = new Resumption(vault, at(0))
  resumption.start(at(0))
  const commands = (): Command[] => {
    const all: Command[] = []
    for (let one = resumption.poll(); one !== undefined; one = resumption.poll()) all.push(one)
    return all
  }
  const saves = (): string[] => {
    const all: string[] = []
    for (let one = vault.poll(); one !== undefined; one = vault.poll()) all.push(one.key)
    return all
  }
  return { resumption, commands, saves, ids, peer: keyIdOf(publicKey) }
}

type Run = ReturnType<typeof restarted>

const kinds = (all: readonly Command[]): string[] => all.map(({ kind }) => kind)

function requestOf(command: Command | undefined): number {
  if (command === undefined || !('request' in command)) throw new Error('no request')
  return command.request
}

function fail({ resumption }: Run, now: number, command: Command | undefined, why: Failure): void {
  resumption.settled(at(now), { kind: 'failed', request: requestOf(command), failure: why })
}

function send(run: Run, id: Uint8Array, now = 0, timeoutMs = MESSAGE_TIMEOUT_MS, mode?: PathMode) {
  return run.resumption.takes(at(now), {
    kind: 'send',
    request: 7,
    peer: run.peer as KeyId,
    id,
    data: Uint8Array.of(9),
    timeoutMs,
    ...(mode !== undefined && { mode }),
  })
}

describe('dials after a restart', () => {
  it('are so many at once; the next begins when one has ended', () => {
    const run = restarted({ sessions: RESUME_DIALS + 2 })
    const first = run.commands()
    expect(first).toHaveLength(RESUME_DIALS)
    expect(first.every(({ kind }) => kind === 'dial')).toBe(true)
    fail(run, 0, first[0], OFFLINE)
    expect(run.commands()).toHaveLength(1)
  })

  it('come again after pauses that grow, until the peer must have given up', () => {
    const run = restarted({})
    let now = 0
    const pauses: number[] = []
    for (let [dial] = run.commands(); dial !== undefined; [dial] = run.commands()) {
      fail(run, now, dial, OFFLINE)
      const next = run.resumption.nextTimeout() ?? 0
      pauses.push(next - now)
      now = next
      run.resumption.timeout(at(now))
    }
    const growing = [RESUME_RETRY_MS, 2 * RESUME_RETRY_MS, 4 * RESUME_RETRY_MS, REATTACH_MAX_MS]
    expect(pauses.slice(0, 4)).toEqual(growing)
    expect(now).toBe(150_000)
    expect(run.saves()).toHaveLength(1)
    expect(run.resumption.nextTimeout()).toBeUndefined()
  })

  it('do not come again when the peer said no', () => {
    const run = restarted({})
    fail(run, 0, run.commands()[0], REFUSED)
    expect(run.resumption.isSeeking(run.peer)).toBe(false)
    expect(run.saves()).toHaveLength(1)
  })

  it('keep to the mode that was said before, with the messages that go along', () => {
    const commands = restarted({ mode: 'private', messages: 2 }).commands()
    expect(kinds(commands)).toEqual(['dial', 'send', 'send'])
    for (const command of commands) expect(command).toMatchObject({ mode: 'private' })
  })

  it('are not made to a peer that made the session, unless there is something for it', () => {
    const run = restarted({ isOurs: false })
    expect(run.commands()).toEqual([])
    expect(send(run, new Uint8Array(16))).toBe(true)
    expect(kinds(run.commands())).toEqual(['dial', 'send'])
  })
})

describe('a message of the application while the peer is sought', () => {
  it('waits with the older ones and goes out behind them, time and again', () => {
    const run = restarted({ messages: 1 })
    const [dial, older] = run.commands()
    expect(send(run, new Uint8Array(16))).toBe(true)
    const [newer] = run.commands()
    for (const command of [dial, older, newer]) fail(run, 5, command, OFFLINE)
    run.resumption.timeout(at(5 + RESUME_RETRY_MS))
    expect(run.commands()).toMatchObject([
      { kind: 'dial' },
      { kind: 'send', data: Uint8Array.of(0) },
      { kind: 'send', data: Uint8Array.of(9) },
    ])
  })

  it('is the one from before when it has its id: it is not sent again, and its answer is told', () => {
    const run = restarted({ messages: 1 })
    const [, older] = run.commands()
    expect(send(run, run.ids[0] ?? new Uint8Array(0))).toBe(true)
    expect(run.commands()).toEqual([])
    const outcome = { kind: 'delivered' } as const
    run.resumption.settled(at(9), { kind: 'done', request: requestOf(older), outcome })
    expect(run.resumption.pollEvent()).toEqual({ kind: 'done', request: 7, outcome })
    expect(run.saves()).toHaveLength(1)
  })

  it('brings the session to the mode that it asks for', () => {
    const run = restarted({ messages: 1 })
    run.commands()
    send(run, run.ids[0] ?? new Uint8Array(0), 0, MESSAGE_TIMEOUT_MS, 'private')
    expect(run.commands()).toMatchObject([{ kind: 'dial', mode: 'private' }])
  })

  it('is not brought back to the laxer mode of the last life, nor is anything beside or after it', () => {
    const run = restarted({ mode: 'fast', messages: 1 })
    const [dial, older] = run.commands()
    send(run, new Uint8Array(16), 0, MESSAGE_TIMEOUT_MS, 'private')
    const said = run.commands()
    expect(kinds(said)).toEqual(['dial', 'send'])
    for (const command of [dial, older, said[1]]) fail(run, 5, command, OFFLINE)
    run.resumption.timeout(at(5 + RESUME_RETRY_MS))
    const again = run.commands()
    expect(kinds(again)).toEqual(['dial', 'send', 'send'])
    for (const command of [...said, ...again]) expect(command).toMatchObject({ mode: 'private' })
  })

  it('can be given up, by its caller or its deadline', () => {
    const run = restarted({ messages: 2 })
    run.commands()
    const [first, second] = run.ids as [Uint8Array, Uint8Array]
    send(run, first)
    expect(run.resumption.cancels(7)).toBe(true)
    expect(run.resumption.cancels(7)).toBe(false)
    expect(run.resumption.pollEvent()).toMatchObject({ request: 7, failure: { code: 'ABORTED' } })
    send(run, second, 0, 500)
    expect(run.resumption.nextTimeout()).toBe(500)
    run.resumption.timeout(at(500))
    expect(run.resumption.pollEvent()).toMatchObject({ request: 7, failure: { code: 'TIMEOUT' } })
    expect(kinds(run.commands())).toEqual(['cancel', 'cancel'])
    expect(run.saves()).toHaveLength(2)
  })

  it('has the time that its caller gives it, though the older one’s is over', () => {
    const run = restarted({ messages: 1 })
    const [, older] = run.commands()
    send(run, run.ids[0] ?? new Uint8Array(0), 20_000)
    fail(run, MESSAGE_TIMEOUT_MS, older, TIMEOUT)
    expect(run.resumption.pollEvent()).toBeUndefined()
    expect(run.commands()).toMatchObject([{ kind: 'send', request: 7, timeoutMs: 20_000 }])
  })

  it('is answered when the session ends or the node closes', () => {
    for (const [end, code] of [
      ['drop', 'CLOSED'],
      ['stop', 'CLOSED'],
    ] as const) {
      const run = restarted({ messages: 1 })
      run.commands()
      send(run, run.ids[0] ?? new Uint8Array(0))
      if (end === 'drop') run.resumption.drop(run.peer)
      else run.resumption.stop()
      expect(run.resumption.pollEvent()).toMatchObject({ request: 7, failure: { code } })
      expect(run.saves()).toHaveLength(2)
      expect(run.resumption.nextTimeout()).toBeUndefined()
    }
  })
})
