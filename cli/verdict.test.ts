import { describe, expect, it } from 'vitest'
import { ERROR_HINTS, MeshError } from '../client/node.ts'
import { ANN } from '../client/testing/explanations.ts'
import { styleFor } from './style.ts'
import { askedAs, verdictText } from './verdict.ts'

const PLAIN = styleFor({}, {})
const refused = new MeshError('REFUSED', 'The peer does not accept this connection.')
const advice = { kind: 'failed', sentence: refused.message, hint: refused.hint } as const

describe('advice on a peer that refuses', () => {
  it('names the key that it was to let in', () => {
    expect(askedAs({ key: ANN, isNew: false }, advice, refused)).toEqual({
      ...advice,
      hint: `Ask its owner to let ${ANN} in.`,
    })
  })

  it('says that it cannot know a key that was made just now', () => {
    const { hint } = askedAs({ key: ANN, isNew: true }, advice, refused)
    expect(hint).toMatch(/^It was asked under a new key.* --data FOLDER/)
  })

  it.each([
    new MeshError('REFUSED', 'The clocks differ.', { hint: 'Set the one that is wrong.' }),
    new MeshError('OFFLINE', 'Away.', { hint: ERROR_HINTS.REFUSED }),
    undefined,
  ])('is left as it is for %s', failure => {
    expect(askedAs({ key: ANN, isNew: true }, advice, failure)).toBe(advice)
  })
})

describe('the verdict', () => {
  it.each([
    [{ kind: 'reached', sentence: 'Reached.' }, undefined, '✓ Reached.'],
    [{ kind: 'untried', sentence: 'Not yet.', hint: 'Wait.' }, undefined, '✗ Not yet.\n  Wait.'],
    [advice, refused, `✗ ${advice.sentence} (REFUSED)\n  ${advice.hint}`],
    [{ kind: 'failed', sentence: 'A\u001b[2J.' }, undefined, '✗ A\\u001b[2J.'],
  ] as const)('%#', (given, failure, text) => {
    expect(verdictText(given, failure, PLAIN)).toBe(text)
  })
})
