// One attempt to reach a peer: which ways are tried, in which order, what is looked up for them, and the one
// reason that a failure ends with.

import { describe, expect, it } from 'vitest'
import type { DestroyReason } from '../../wire/circuit-cells.ts'
import {
  PATH_MAX_CIRCUITS,
  PATH_MAX_LOOKUPS,
  PATH_MAX_SERVER_LOOKUPS,
  SETUP_TIMEOUT_FIRST_MS,
  SETUP_TIMEOUT_MS,
  SETUP_TIMEOUT_TWO_SERVERS_MS,
} from '../../wire/limits.ts'
import { AttemptFixture, BOB, serverNamed, serverRecord } from '../testing/attempt-fixture.ts'
import { START_UNIX_MS } from '../testing/mini-world.ts'
import { recordOf } from '../testing/records.ts'

describe('an attempt', () => {
  it('takes the link to the peer itself first, then shared servers, then two servers', () => {
    const fixture = new AttemptFixture()
    fixture.isLinked = true
    fixture.start('one', 'two').found(['x', 'two'], [serverRecord('x')])
    for (const reason of ['timeout', 'timeout', 'timeout', 'timeout'] as const) {
      fixture.failed(reason)
    }
    expect(fixture.tried).toEqual(['direct', 'two', 'one-x', 'two-x'])
    expect(fixture.opened.map(({ timeoutMs }) => timeoutMs)).toEqual([
      SETUP_TIMEOUT_FIRST_MS,
      SETUP_TIMEOUT_MS,
      SETUP_TIMEOUT_MS,
      SETUP_TIMEOUT_MS,
    ])
    expect(fixture.result).toMatchObject({ failure: { code: 'TIMEOUT' } })
  })

  it('names both relays of the way that was opened, and gives up its lookups', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one')
      .found(['x'], [serverRecord('x')], false)
      .answered()
    expect(fixture.outcome).toBe('opened one-x')
    expect(fixture.opened[0]?.hops.map(({ id }) => id)).toEqual([
      serverNamed('one').publicKey,
      serverNamed('x').publicKey,
      BOB.publicKey,
    ])
    expect(fixture.cancelled).toEqual([1])
    expect(fixture.destroyed).toEqual([])
  })

  it('opens so many circuits and not one more', () => {
    const fixture = new AttemptFixture()
    const homes = ['x', 'y', 'z']
    fixture.start('one', 'two', 'three').found(
      homes,
      homes.map(name => serverRecord(name)),
    )
    for (let n = 1; n < PATH_MAX_CIRCUITS; n++) fixture.failed('timeout')
    expect(fixture.tried).toEqual(['one-x', 'two-y', 'three-z', 'one-y', 'two-z', 'three-x'])
    expect(fixture.result).toBeUndefined()
    fixture.failed('timeout')
    expect(fixture.tried).toHaveLength(PATH_MAX_CIRCUITS)
    expect(fixture.outcome).toBe('TIMEOUT')
  })

  it('does not try another server of ours when the far side said no, but another of the peer', () => {
    const fixture = new AttemptFixture()
    const servers = [serverRecord('x'), serverRecord('y')]
    fixture.start('one', 'two').found(['x', 'y'], servers, false)
    fixture.failed('closed').failed('closed')
    expect(fixture.tried).toEqual(['one-x', 'two-y'])
  })

  it('tries the same server of the peer over another of ours when the first does not reach it', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one', 'two')
      .found(['x'], [serverRecord('x')])
      .failed('unreachable')
    expect(fixture.tried).toEqual(['one-x', 'two-x'])
    fixture.answered()
    expect(fixture.outcome).toBe('opened two-x')
  })

  it('tries all again with a newer onion key of the peer', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one')
      .found(['x'], [serverRecord('x')])
      .failed('closed')
    const { record } = recordOf(BOB, {
      seq: START_UNIX_MS + 9,
      servers: [serverNamed('x').publicKey],
      onion: [{ key: new Uint8Array(32).fill(7), expiresMs: START_UNIX_MS + 1_000 }],
    })
    expect(fixture.lookups).toEqual(['bob', 'x', 'bob'])
    fixture.news({ lookup: 3, record })
    expect(fixture.tried).toEqual(['one-x', 'one-x'])
  })

  it('reaches a server over any of ours, as these dial it', () => {
    const fixture = new AttemptFixture()
    const { record } = recordOf(BOB, { type: 'server' })
    fixture.start('one', 'two').news({ record }).failed('unreachable')
    expect(fixture.tried).toEqual(['one', 'two'])
  })

  it('reaches a server of ours although nobody has a record of it', () => {
    const fixture = new AttemptFixture()
    fixture.isLinked = true
    fixture.start('bob', 'one').news({ record: 'absent' })
    expect(fixture.tried).toEqual(['direct'])
  })

  it('reaches a peer that is linked to us although no server of ours is attached', () => {
    const fixture = new AttemptFixture()
    fixture.isLinked = true
    fixture.start().found([])
    expect(fixture.tried).toEqual(['direct'])
  })

  it('ends what is under way when it is given up', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['y', 'x'], [serverRecord('x')], false)
    fixture.failed('timeout')
    expect(fixture.lookups).toEqual(['bob', 'y'])
    fixture.foundServer('y', serverRecord('y'))
    expect(fixture.tried).toEqual(['one-x', 'one-y'])
    fixture.attempt.cancel(fixture.time)
    expect(fixture.cancelled).toEqual([1])
    expect(fixture.destroyed).toEqual([2])
    fixture.answered().failed('closed').found(['one'])
    expect(fixture.result).toBeUndefined()
    const seeking = new AttemptFixture()
    seeking.start('one').found(['x', 'y'], [], false)
    seeking.attempt.cancel(seeking.time)
    expect(seeking.cancelled).toEqual([1, 2, 3])
  })
})

describe('servers of the peer', () => {
  it('are looked up when their records did not come along, and then used', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x'])
    expect(fixture.lookups).toEqual(['bob', 'x'])
    fixture.foundServer('x', serverRecord('x')).answered()
    expect(fixture.outcome).toBe('opened one-x')
  })

  it('are looked up only when no way is left without', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['x', 'y', 'two'], [serverRecord('y')])
    expect(fixture.lookups).toEqual(['bob'])
    fixture.failed('timeout').failed('timeout').failed('timeout')
    expect(fixture.tried).toEqual(['two', 'one-y', 'two-y'])
    expect(fixture.lookups).toEqual(['bob', 'x'])
  })

  it('are looked up anew when their onion key has expired', () => {
    for (const [expiresMs, lookups] of [
      [START_UNIX_MS + 1, ['bob']],
      [START_UNIX_MS, ['bob', 'x']],
      [START_UNIX_MS - 1, ['bob', 'x']],
    ] as const) {
      const fixture = new AttemptFixture()
      fixture.start('one').found(['x'], [serverRecord('x', 1, expiresMs)])
      expect(fixture.lookups).toEqual(lookups)
    }
  })

  it('with an expired onion key that nobody has a newer one of are of no use', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x'])
    fixture.foundServer('x', serverRecord('x', 1, START_UNIX_MS))
    expect(fixture.tried).toEqual([])
    expect(fixture.outcome).toBe('NO_PATH')
  })

  it('are looked up anew, once, when they let go of a setup: they may have restarted', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one')
      .found(['x'], [serverRecord('x', 1)])
      .failed('closed')
    expect(fixture.lookups).toEqual(['bob', 'x', 'bob'])
    fixture.foundServer('x', serverRecord('x', 2))
    expect(fixture.tried).toEqual(['one-x', 'one-x'])
    expect(fixture.opened[1]?.hops[1]?.onionKey).toEqual(new Uint8Array(32).fill(2))
    fixture.failed('closed')
    fixture.news({ lookup: 3, record: 'absent' })
    expect(fixture.lookups).toEqual(['bob', 'x', 'bob'])
    expect(fixture.outcome).toBe('OFFLINE')
  })

  it('are looked up so many and not one more', () => {
    const fixture = new AttemptFixture()
    const homes = ['x', 'y', 'z', 'u', 'v']
    fixture.start('one').found(homes)
    expect(fixture.lookups).toEqual(['bob', ...homes.slice(0, PATH_MAX_SERVER_LOOKUPS)])
    for (const name of homes.slice(0, PATH_MAX_SERVER_LOOKUPS)) fixture.foundServer(name, 'absent')
    expect(fixture.lookups).toHaveLength(1 + PATH_MAX_SERVER_LOOKUPS)
    expect(fixture.outcome).toBe('NO_PATH')
  })

  it('do not wait for one another', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x', 'y']).foundServer('y', serverRecord('y'))
    expect(fixture.tried).toEqual(['one-y'])
    fixture.foundServer('x', serverRecord('x')).failed('timeout')
    expect(fixture.tried).toEqual(['one-y', 'one-x'])
  })

  it('count only if the peer names them, and if they are servers', () => {
    const fixture = new AttemptFixture()
    const client = recordOf(serverNamed('x'), { type: 'client' }).record
    fixture.start('one').found(['x'], [serverRecord('y'), client])
    expect(fixture.tried).toEqual([])
    fixture.foundServer('x', 'absent')
    expect(fixture.outcome).toBe('NO_PATH')
  })

  it('are not remembered before the peer names them', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one')
      .found(['x'], [serverRecord('y')], false)
      .found(['x', 'y'])
    expect(fixture.tried).toEqual([])
    expect(fixture.lookups).toEqual(['bob', 'x', 'y'])
  })

  it('that have revoked their key are not used', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x']).foundServer('x', 'revoked')
    expect(fixture.tried).toEqual([])
    expect(fixture.outcome).toBe('NO_PATH')
  })
})

describe('a failure', () => {
  it('is NO_PATH, with a hint, when none of our servers reaches one of the peer', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['x'], [serverRecord('x')])
    fixture.failed('unreachable').failed('unreachable')
    expect(fixture.result).toMatchObject({
      failure: { code: 'NO_PATH', message: 'None of your servers reaches a server of the peer.' },
    })
  })

  it.each<[DestroyReason, string]>([
    ['unreachable', 'OFFLINE'],
    ['timeout', 'TIMEOUT'],
    ['closed', 'OFFLINE'],
    ['quota', 'QUOTA'],
    ['protocol', 'PROTOCOL'],
  ])(
    'on the way over a shared server (%s) says more than that there is no other way',
    (reason, code) => {
      const fixture = new AttemptFixture()
      fixture.start('one', 'two').found(['one', 'x'], [serverRecord('x')], false)
      fixture.failed(reason).failed('unreachable').failed('unreachable')
      expect(fixture.tried).toEqual(['one', 'two-x', 'one-x'])
      fixture.found(['one', 'x'])
      for (let lookup = 2; fixture.result === undefined; lookup++) {
        fixture.news({ lookup, record: 'absent' })
      }
      expect(fixture.outcome).toBe(code)
    },
  )

  it('names the limit that our own server told of', () => {
    const fixture = new AttemptFixture()
    fixture.quota = { limit: 'waitingSetups', retryAfterMs: 0 }
    fixture
      .start('one')
      .found(['x'], [serverRecord('x')])
      .failed('quota')
    expect(fixture.result).toMatchObject({
      failure: { code: 'QUOTA', message: expect.stringContaining('waitingSetups') },
    })
  })

  it('is OFFLINE for a peer without servers', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found([])
    expect(fixture.outcome).toBe('OFFLINE')
  })

  it('waits for a server that is being dialed, as that may be the peer’s, too', () => {
    const fixture = new AttemptFixture()
    fixture.isConnecting = true
    fixture
      .start('one')
      .found(['two'], [serverRecord('two')])
      .failed('unreachable')
    expect(fixture.result).toBeUndefined()
    fixture.entries = ['one', 'two']
    fixture.advance().found(['two'])
    expect(fixture.tried).toEqual(['one-two', 'two'])
  })

  it('does not wait when the peer was asked in vain', () => {
    const fixture = new AttemptFixture()
    fixture.isConnecting = true
    fixture.start('one').found(['one']).failed('unreachable')
    expect(fixture.outcome).toBe('OFFLINE')
  })

  it('comes after so many lookups that nobody answered', () => {
    const fixture = new AttemptFixture()
    fixture.start('one')
    for (let lookup = 1; lookup <= PATH_MAX_LOOKUPS; lookup++) {
      expect(fixture.lookups).toHaveLength(lookup)
      fixture.news({ lookup, record: 'noAnswer' })
    }
    expect(fixture.outcome).toBe('TIMEOUT')
  })

  it('comes of no server being connected, where a neighbour relays and nobody could be asked', () => {
    const fixture = new AttemptFixture()
    fixture.hasOpenServer = false
    fixture.start('one')
    expect(fixture.attempt.reason.message).toBe('No server is connected.')
    for (let lookup = 1; lookup <= PATH_MAX_LOOKUPS; lookup++) {
      fixture.news({ lookup, record: 'noAnswer' })
    }
    expect(fixture.result).toMatchObject({
      failure: { code: 'UNREACHABLE', message: 'No server is connected.' },
    })
    const steps = fixture.log.of(fixture.time, BOB.keyId)
    expect(steps.map(({ failure }) => failure?.code)).toEqual(
      Array(PATH_MAX_LOOKUPS).fill('UNREACHABLE'),
    )
  })
})

describe('silence', () => {
  it('over two servers says less than that one does not reach the other, in any order', () => {
    for (const reasons of [
      ['timeout', 'unreachable'],
      ['unreachable', 'timeout'],
    ] as const) {
      const fixture = new AttemptFixture()
      fixture.start('one', 'two').found(['x'], [serverRecord('x')])
      expect(fixture.opened[0]?.timeoutMs).toBe(SETUP_TIMEOUT_TWO_SERVERS_MS)
      for (const reason of reasons) fixture.failed(reason)
      expect(fixture.outcome).toBe('NO_PATH')
    }
  })

  it('of a peer at a shared server says more', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['one', 'x'], [serverRecord('x')])
    fixture.failed('timeout').failed('unreachable').failed('unreachable')
    expect(fixture.outcome).toBe('TIMEOUT')
  })

  it('everywhere is the failure if there is no other', () => {
    const fixture = new AttemptFixture()
    fixture
      .start('one')
      .found(['x'], [serverRecord('x')])
      .failed('timeout')
    expect(fixture.outcome).toBe('TIMEOUT')
  })
})

describe('a revoked key', () => {
  const SUCCESSOR = serverNamed('x').publicKey

  it('fails the attempt at once, whatever is under way', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x', 'y'], [serverRecord('x')], false)
    expect(fixture.tried).toEqual(['one-x'])
    fixture.news({ record: 'revoked' })
    expect(fixture.result).toEqual({
      kind: 'failed',
      failure: { code: 'REVOKED', message: 'The holder of this key has revoked it.' },
    })
    expect(fixture.destroyed).toEqual([1])
  })

  it('names its successor', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').news({ record: 'revoked', successor: SUCCESSOR, isFinal: false })
    expect(fixture.result).toMatchObject({
      failure: { code: 'REVOKED', hint: expect.stringMatching(/^Its successor is key_\w{40,}\.$/) },
    })
    expect(fixture.cancelled).toEqual([1])
  })
})
