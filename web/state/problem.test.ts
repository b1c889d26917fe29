import { describe, expect, it } from 'vitest'
import { ERROR_HINTS, MeshError } from '../../shared/node/mesh-error.ts'
import { asSentence, fullSentence, problemOf } from './problem.ts'

describe('problemOf', () => {
  it('tells what a MeshError says and what to do', () => {
    const problem = problemOf(new MeshError('OFFLINE', 'the peer is away'), 'Sending failed')
    expect(problem).toEqual({ sentence: 'The peer is away.', hint: ERROR_HINTS.OFFLINE })
    expect(fullSentence(problem)).toBe(`The peer is away. ${ERROR_HINTS.OFFLINE}`)
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
