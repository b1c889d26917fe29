import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../shared/identity/node-id.ts'
import { keyIdOf } from '../shared/identity/node-id.ts'
import type { Message, Peer } from './api.ts'
import { Inbox } from './inbox.ts'

const A = keyIdOf(new Uint8Array(32).fill(1))
const B = keyIdOf(new Uint8Array(32).fill(2))

let consumed: [KeyId, number][] = []
let inbox: Inbox

beforeEach(() => {
  consumed = []
  inbox = new Inbox((key, bytes) => consumed.push([key, bytes]))
})

function message(text: string): Message {
  const reply = () => Promise.reject(new Error('not used here'))
  return { id: text, from: 'key_…', data: text, peer: {} as Peer, reply }
}

const push = (from: KeyId, text: string, isHeard = false) =>
  inbox.push(from, message(text), text.length, isHeard)

async function take(messages: AsyncIterator<Message>): Promise<string | undefined> {
  const { done, value } = await messages.next()
  return done ? undefined : String(value.data)
}

describe('Inbox', () => {
  it('keeps messages for the first loop, and their senders waiting', async () => {
    push(A, 'one')
    expect(consumed).toEqual([])
    const loop = inbox.messages(undefined)
    expect(await take(loop)).toBe('one')
    expect(consumed).toEqual([[A, 3]])
  })

  it('gives every loop every message, and credit once all have taken it', async () => {
    const [one, two] = [inbox.messages(undefined), inbox.messages(undefined)]
    push(A, 'x')
    expect(await take(one)).toBe('x')
    expect(consumed).toEqual([])
    expect(await take(two)).toBe('x')
    expect(consumed).toEqual([[A, 1]])
  })

  it('gives a loop of one peer only what that peer sent', async () => {
    const ofA = inbox.messages(A)
    push(B, 'from b')
    push(A, 'from a')
    expect(await take(ofA)).toBe('from a')
    const all = inbox.messages(undefined)
    expect(await take(all)).toBe('from b')
  })

  it('counts a message that a listener heard as consumed, unless a loop still has it', async () => {
    push(A, 'x', true)
    expect(consumed).toEqual([[A, 1]])
    const loop = inbox.messages(undefined)
    push(A, 'yy', true)
    expect(consumed).toHaveLength(1)
    await take(loop)
    expect(consumed).toEqual([
      [A, 1],
      [A, 2],
    ])
  })

  it('hands what waited to the first listener', () => {
    push(A, 'x')
    push(B, 'y')
    expect(inbox.drain().map(({ data }) => data)).toEqual(['x', 'y'])
    expect(consumed).toHaveLength(2)
    expect(inbox.drain()).toEqual([])
  })

  it('gives credit for what a loop leaves untaken', async () => {
    const loop = inbox.messages(undefined)
    push(A, 'x')
    push(A, 'yy')
    await loop.return?.()
    expect(consumed).toEqual([
      [A, 1],
      [A, 2],
    ])
  })

  it('ends the loops of a peer that has gone, and no others', async () => {
    const [ofA, ofB, all] = [inbox.messages(A), inbox.messages(B), inbox.messages(undefined)]
    push(A, 'last')
    inbox.close(A)
    expect(await take(ofA)).toBe('last')
    expect(await take(ofA)).toBeUndefined()
    push(B, 'on')
    expect(await take(ofB)).toBe('on')
    expect(await take(all)).toBe('last')
    expect(await take(all)).toBe('on')
  })

  it('closed, it still gives what nobody had taken', async () => {
    push(A, 'x')
    inbox.close()
    const loop = inbox.messages(undefined)
    expect(await take(loop)).toBe('x')
    expect(await take(loop)).toBeUndefined()
  })
})
