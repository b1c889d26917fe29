import { describe, expect, it } from 'vitest'
import { ERROR_HINTS, MeshError } from '../../shared/node/mesh-error.ts'
import { asSentence, fullSentence, problemOf } from './problem.ts'

describe('problemOf', () => {
  it('tells what a MeshError says and what to do', () => {
    const problem = problemOf(new MeshError('REFUSED', 'the peer says no'), 'Sending failed')
    expect(problem).toEqual({ sentence: 'The peer says no.', hint: ERROR_HINTS.REFUSED })
    expect(fullSentence(problem)).toBe(`The peer says no. ${ERROR_HINTS.REFUSED}`)
  })

  it.each([
    ['UNREACHABLE', undefined, /^Check your network; this page goes on/],
    ['NO_PATH', undefined, /by itself: try again later\.$/],
    ['NO_PATH', 'Add servers, or choose another mode.', /by itself: .* another mode\.$/],
    ['OFFLINE', undefined, /^What you write goes out by itself/],
    ['STORAGE', undefined, /private windows/],
    ['REFUSED', 'Ask them.', /^Ask them\.$/],
  ] as const)('says of %s what can be done in a page', (code, hint, words) => {
    const error = new MeshError(code, 'It failed.', hint === undefined ? {} : { hint })
    expect(problemOf(error, 'It failed').hint).toMatch(words)
  })

  it.each([
    ['OFFLINE', undefined, 'peer is offline'],
    ['TIMEOUT', undefined, 'no answer'],
    ['NO_PATH', undefined, 'no path'],
    ['NO_PATH', 'Choose another mode.', 'no private path'],
    ['REVOKED', undefined, 'key is revoked'],
    ['NOT_FOUND', undefined, undefined],
    ['QUOTA', undefined, undefined],
  ] as const)('has a word for a badge for %s', (code, hint, label) => {
    const error = new MeshError(code, 'It failed.', hint === undefined ? {} : { hint })
    expect(problemOf(error, 'It failed').label).toBe(label)
  })

  it('knows a key that is gone for good, and which one took its place', () => {
    const revoked = (successor?: string) => {
      const details = successor === undefined ? {} : { successor }
      return problemOf(new MeshError('REVOKED', 'It is revoked', details), 'Dialing failed')
    }
    expect(revoked().revoked).toEqual({})
    expect(revoked('key_heir').revoked).toEqual({ successor: 'key_heir' })
  })

  it('says what failed for errors of others', () => {
    expect(problemOf(new Error('disk full'), 'Nothing is kept')).toEqual({
      sentence: 'Nothing is kept: disk full.',
    })
    expect(problemOf('odd', 'Nothing is kept')).toEqual({ sentence: 'Nothing is kept.' })
    expect(fullSentence({ sentence: 'Nothing is kept.' })).toBe('Nothing is kept.')
  })
})

describe('asSentence', () => {
  it.each([
    ['no way', 'No way.'],
    ['Really?', 'Really?'],
    ['one.example is gone', 'one.example is gone.'],
    ['key_9hSR is unknown', 'key_9hSR is unknown.'],
    ['', 'Something went wrong.'],
    ['\u202e\n', 'Something went wrong.'],
    ['a\nb\u0000c', 'A bc.'],
  ])('%j becomes %j', (text, sentence) => {
    expect(asSentence(text)).toBe(sentence)
  })

  it('is bounded', () => {
    expect(asSentence('x'.repeat(100_000)).length).toBeLessThanOrEqual(401)
  })
})
