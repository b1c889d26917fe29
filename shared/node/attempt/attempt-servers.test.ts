// One attempt to reach a peer while our servers come and go: a link that is lost is nobody's refusal, and a server
// that is attached meanwhile is used, whatever the attempt waits for.

import { describe, expect, it } from 'vitest'
import { HEARSAY_WAIT_MS } from '../../wire/limits.ts'
import { AttemptFixture, serverRecord } from '../testing/attempt-fixture.ts'

describe('a link of ours that is lost under a circuit', () => {
  it('is waited for, and the same way is taken again', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['one'], [serverRecord('one')])
    fixture.entries = []
    fixture.failed('linkLost').advance()
    expect(fixture.result).toBeUndefined()
    expect(fixture.attempt.reason.code).toBe('UNREACHABLE')
    fixture.entries = ['one']
    fixture.advance()
    expect(fixture.tried).toEqual(['one', 'one'])
    expect(fixture.lookups).toEqual(['bob'])
    fixture.answered()
    expect(fixture.outcome).toBe('opened one')
  })

  it('leaves the server to be reached over another one of ours', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['one'], [serverRecord('one')])
    fixture.entries = ['two']
    fixture.failed('linkLost')
    expect(fixture.tried).toEqual(['one', 'two-one'])
  })

  it('has a moment to come back while others of ours lead nowhere', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['one'], [serverRecord('one')])
    fixture.entries = ['two']
    fixture
      .failed('linkLost')
      .failed('unreachable')
      .pass(HEARSAY_WAIT_MS - 1)
    expect(fixture.result).toBeUndefined()
    fixture.entries = ['one', 'two']
    fixture.advance()
    expect(fixture.tried).toEqual(['one', 'two-one', 'one'])
    fixture.entries = ['two']
    fixture.failed('linkLost').pass(HEARSAY_WAIT_MS)
    expect(fixture.outcome).toBe('NO_PATH')
  })

  it('is of no interest once the peer was asked in vain', () => {
    const fixture = new AttemptFixture()
    fixture.start('one', 'two').found(['one', 'two'])
    fixture.failed('unreachable')
    fixture.entries = ['one']
    fixture.failed('linkLost')
    fixture.foundServer('two', 'absent')
    expect(fixture.outcome).toBe('OFFLINE')
  })
})

describe('a server that is attached meanwhile', () => {
  it('is used while others are asked for routes', () => {
    const fixture = new AttemptFixture()
    fixture.isAskingRoutes = true
    fixture.start('one').found(['two']).foundServer('two', 'absent')
    fixture.entries = ['one', 'two']
    fixture.advance()
    expect(fixture.tried).toEqual(['two'])
  })

  it('is asked for the peer while others are asked for routes', () => {
    const fixture = new AttemptFixture()
    fixture.isAskingRoutes = true
    fixture.start('one').found(['x']).foundServer('x', 'absent')
    expect(fixture.lookups).toEqual(['bob', 'x'])
    fixture.advance()
    expect(fixture.lookups).toEqual(['bob', 'x'])
    fixture.entries = ['one', 'two']
    fixture.advance()
    expect(fixture.lookups).toEqual(['bob', 'x', 'bob'])
  })

  it('is used while servers of the peer are looked up', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['x', 'two'])
    fixture.entries = ['one', 'two']
    fixture.advance()
    expect(fixture.tried).toEqual(['two'])
  })

  it('is asked when the lookup that ran before found nothing', () => {
    const fixture = new AttemptFixture()
    fixture.start('one')
    fixture.entries = ['one', 'two']
    fixture.advance().news({ record: 'absent' })
    expect(fixture.lookups).toEqual(['bob', 'bob'])
    fixture.news({ record: 'absent', lookup: 2 })
    expect(fixture.outcome).toBe('NOT_FOUND')
  })

  it('is used after the circuit that was being opened then', () => {
    const fixture = new AttemptFixture()
    fixture.start('one').found(['one', 'two'])
    fixture.entries = ['one', 'two']
    fixture.advance().failed('unreachable')
    expect(fixture.tried).toEqual(['one', 'two'])
  })
})
