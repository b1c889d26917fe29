import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Book } from './book.ts'
import { withConversation, withoutConversation } from './book.ts'
import type { Conversation } from './conversation.ts'
import { newConversation } from './conversation.ts'
import type { HistoryStore } from './history-store.ts'
import { HistoryWriter } from './history-writer.ts'
import { SAVE_DELAY_MS } from './limits.ts'

const a = newConversation('a', 'me', 1)
const b = newConversation('b', 'me', 2)
const bookOf = (...conversations: Conversation[]): Book =>
  conversations.reduce(withConversation, new Map() as Book)

function setUp(loaded: Book = new Map()) {
  const writes: { changed: string[]; removed: readonly string[] }[] = []
  const outcomes: unknown[] = []
  const disk = { error: undefined as Error | undefined, gate: Promise.resolve() }
  const store: HistoryStore = {
    load: async () => loaded,
    async write(changed, removed) {
      await disk.gate
      if (disk.error !== undefined) throw disk.error
      writes.push({ changed: changed.map(({ key }) => key), removed })
    },
  }
  const writer = new HistoryWriter(store, loaded, error => outcomes.push(error))
  return { writer, writes, outcomes, disk }
}

describe('HistoryWriter', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gathers changes into one write of what changed', async () => {
    const { writer, writes } = setUp(bookOf(a))
    writer.bookChanged(bookOf(a, b))
    writer.bookChanged(bookOf(a, { ...b, draft: 'x' }))
    await vi.advanceTimersByTimeAsync(SAVE_DELAY_MS - 1)
    expect(writes).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(writes).toEqual([{ changed: ['b'], removed: [] }])
    await vi.advanceTimersByTimeAsync(10 * SAVE_DELAY_MS)
    expect(writes).toHaveLength(1)
  })

  it('deletes what is gone', async () => {
    const { writer, writes } = setUp(bookOf(a, b))
    writer.bookChanged(withoutConversation(bookOf(a, b), 'a'))
    await writer.flush()
    expect(writes).toEqual([{ changed: [], removed: ['a'] }])
  })

  it('flushes at once, and leaves no timer', async () => {
    const { writer, writes } = setUp()
    writer.bookChanged(bookOf(a))
    await writer.flush()
    expect(writes).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
    await writer.flush()
    expect(writes).toHaveLength(1)
  })

  it('does not wait for an earlier write, and repeats what that has not finished', async () => {
    const { writer, writes, disk } = setUp()
    let open = () => {}
    disk.gate = new Promise<void>(resolve => {
      open = resolve
    })
    writer.bookChanged(bookOf(a))
    const first = writer.flush()
    writer.bookChanged(bookOf(a, b))
    const second = writer.flush()
    open()
    await Promise.all([first, second])
    expect(writes.map(({ changed }) => changed)).toEqual([['a'], ['a', 'b']])
  })

  it('tries a failed write again at the next flush', async () => {
    const { writer, writes, disk } = setUp()
    disk.error = new Error('full')
    writer.bookChanged(bookOf(a))
    await writer.flush()
    disk.error = undefined
    await writer.flush()
    expect(writes).toEqual([{ changed: ['a'], removed: [] }])
  })

  it('tells a failure and writes all of it with the next change', async () => {
    const { writer, writes, outcomes, disk } = setUp()
    disk.error = new Error('full')
    writer.bookChanged(bookOf(a))
    await writer.flush()
    expect(outcomes).toEqual([disk.error])
    disk.error = undefined
    writer.bookChanged(bookOf(a, b))
    await writer.flush()
    expect(writes).toEqual([{ changed: ['a', 'b'], removed: [] }])
    expect(outcomes.at(-1)).toBeUndefined()
  })
})
