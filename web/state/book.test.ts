import { describe, expect, it } from 'vitest'
import type { Book } from './book.ts'
import {
  byActivity,
  displayName,
  holderOfName,
  unreadTotal,
  withConversation,
  withoutConversation,
} from './book.ts'
import { newConversation, withPetname } from './conversation.ts'
import { CONVERSATIONS_MAX } from './limits.ts'

const contact = (key: string, atMs = 0) => withPetname(newConversation(key, 'me', atMs), key)
const stranger = (key: string, atMs = 0) => newConversation(key, 'them', atMs)

function full(make: (key: string, atMs: number) => ReturnType<typeof contact>): Book {
  let book: Book = new Map()
  for (let i = 0; i < CONVERSATIONS_MAX; i++)
    book = withConversation(book, make(`k${i}`, 1_000 - i))
  return book
}

const STALEST = `k${CONVERSATIONS_MAX - 1}`

describe('a full book', () => {
  it('changes what is in it', () => {
    const book = withConversation(full(contact), contact('k5', 9))
    expect(book.size).toBe(CONVERSATIONS_MAX)
    expect(book.get('k5')?.activeAtMs).toBe(9)
  })

  it('lets the stalest stranger go first', () => {
    const mixed = withConversation(withoutConversation(full(contact), 'k0'), stranger('who', 5_000))
    const book = withConversation(mixed, stranger('new', 6_000))
    expect(book.size).toBe(CONVERSATIONS_MAX)
    expect(book.has('who')).toBe(false)
    expect(book.has('new')).toBe(true)
    expect(book.has(STALEST)).toBe(true)
  })

  it('of contacts takes no stranger in', () => {
    const book = full(contact)
    expect(withConversation(book, stranger('new'))).toBe(book)
  })

  it('of contacts gives the stalest for a new contact', () => {
    const book = withConversation(full(contact), contact('new'))
    expect(book.size).toBe(CONVERSATIONS_MAX)
    expect(book.has(STALEST)).toBe(false)
    expect(book.has('new')).toBe(true)
  })
})

describe('the list', () => {
  it('is by activity, ties by key', () => {
    let book: Book = new Map()
    for (const c of [contact('b', 1), contact('a', 1), contact('c', 2)])
      book = withConversation(book, c)
    expect(byActivity(book).map(({ key }) => key)).toEqual(['c', 'a', 'b'])
  })

  it('counts unread', () => {
    let book: Book = new Map()
    expect(unreadTotal(book)).toBe(0)
    book = withConversation(book, { ...contact('a'), unread: 2 })
    book = withConversation(book, { ...contact('b'), unread: 3 })
    expect(unreadTotal(book)).toBe(5)
  })

  it('stays the same object when nothing changes', () => {
    const one = contact('a')
    const book = withConversation(new Map(), one)
    expect(withConversation(book, one)).toBe(book)
    expect(withoutConversation(book, 'b')).toBe(book)
  })
})

describe('names', () => {
  it('belong to one key', () => {
    const book = withConversation(new Map(), withPetname(contact('a'), 'Ada'))
    expect(holderOfName(book, 'ADA', 'b')).toBe('a')
    expect(holderOfName(book, 'Ada', 'a')).toBeUndefined()
    expect(holderOfName(book, 'Ben', 'b')).toBeUndefined()
  })

  it('a key without one shows itself', () => {
    expect(displayName(withPetname(contact('a'), 'Ada'))).toBe('Ada')
    expect(displayName(stranger(`key_${'x'.repeat(40)}`))).toBe('key_xxxxxx…xxxxxx')
  })
})
