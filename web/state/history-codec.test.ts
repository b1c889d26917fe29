import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAMPLE_KEYS } from '../testing/fake-node.ts'
import type { Conversation } from './conversation.ts'
import { INTERRUPTED, TOO_OLD } from './conversation.ts'
import { decodeConversation, encodeConversation } from './history-codec.ts'
import { MESSAGES_MAX, NAME_MAX_CODE_POINTS } from './limits.ts'

const whole: Conversation = {
  key: SAMPLE_KEYS.ada,
  petname: 'Ada',
  startedBy: 'me',
  unread: 3,
  draft: 'hal',
  activeAtMs: 5,
  messages: [
    { direction: 'in', id: '1', text: 'hi', atMs: 1, isNote: false },
    { direction: 'out', id: '2', text: 'a', atMs: 2, delivery: { state: 'waiting' } },
    { direction: 'out', id: '3', text: 'b', atMs: 3, delivery: { state: 'delivered' } },
    {
      direction: 'out',
      id: '4',
      text: 'c',
      atMs: 4,
      delivery: { state: 'failed', problem: { sentence: 'No.', hint: 'Later.' } },
    },
  ],
}

/** As IndexedDB keeps it. */
const stored = (change: object = {}) =>
  structuredClone({ ...encodeConversation(whole), ...change }) as unknown

describe('decodeConversation', () => {
  it('gives back what was encoded, but for what has waited too long', () => {
    const messages = whole.messages.map(message =>
      message.id === '2'
        ? { ...message, delivery: { state: 'failed', problem: TOO_OLD } }
        : message,
    )
    expect(decodeConversation(stored())).toEqual({ ...whole, messages })
  })

  it.each([
    ['relay', 'relay'],
    ['private', 'private'],
    ['fast', undefined],
    [undefined, undefined],
    // One of a newer page: nothing laxer may take its place.
    ['secret', 'private'],
    [7, 'private'],
  ] as const)('reads the mode %j as %j', (mode, read) => {
    expect(decodeConversation(stored({ mode }))?.mode).toBe(read)
  })

  it('a message that was on its way is in doubt', () => {
    const [first] = whole.messages
    const sending = {
      direction: 'out',
      id: '9',
      text: 'x',
      atMs: 9,
      delivery: { state: 'sending' },
    }
    expect(decodeConversation(stored({ messages: [first, sending] }))?.messages[1]).toMatchObject({
      delivery: { state: 'failed', problem: INTERRUPTED },
    })
  })

  it.each([
    ['another version', { version: 2 }],
    ['no key', { key: undefined }],
    ['a wrong key', { key: 'key_x' }],
    ['an unknown beginning', { startedBy: 'fate' }],
    ['no time', { activeAtMs: Number.NaN }],
    ['no messages', { messages: null }],
  ])('refuses %s', (_, change) => {
    expect(decodeConversation(stored(change))).toBeUndefined()
  })

  it.each([
    ['no id', { id: 1 }],
    ['no text', { text: null }],
    ['no time', { atMs: -1 }],
    ['no direction', { direction: 'up' }],
    ['no delivery', { direction: 'out', delivery: undefined }],
    ['an unknown delivery', { direction: 'out', delivery: { state: 'lost' } }],
    ['a failure without a reason', { direction: 'out', delivery: { state: 'failed' } }],
  ])('leaves out a message with %s', (_, change) => {
    const messages = [{ ...whole.messages[0], ...change }, whole.messages[2]]
    expect(decodeConversation(stored({ messages }))?.messages).toEqual([whole.messages[2]])
  })

  it('cleans and caps what an older page let in', () => {
    const messages = Array.from({ length: MESSAGES_MAX + 5 }, (_, i) => ({
      direction: 'in',
      id: `${i}`,
      text: 'a\u202eb',
      atMs: i,
      isNote: false,
    }))
    const decoded = decodeConversation(
      stored({ messages, petname: `\u202e${'x'.repeat(500)}`, unread: 1e9, draft: 7 }),
    )
    expect(decoded?.messages).toHaveLength(MESSAGES_MAX)
    expect(decoded?.messages[0]?.text).toBe('ab')
    expect(decoded?.petname).toBe('x'.repeat(NAME_MAX_CODE_POINTS))
    expect(decoded?.unread).toBe(MESSAGES_MAX)
    expect(decoded?.draft).toBe('')
  })

  it('never throws, whatever is stored', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), fc.anything(), (value, field, inner) => {
        decodeConversation(value)
        decodeConversation({ ...encodeConversation(whole), [field]: inner })
        decodeConversation({ ...encodeConversation(whole), messages: [inner, value] })
      }),
      { seed: 5 },
    )
  })
})
