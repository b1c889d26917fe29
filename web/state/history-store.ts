// Where conversations are kept: IndexedDB, one entry a conversation, by key. Knows no caps and no timing.

import { createStore, entries, promisifyRequest } from 'idb-keyval'
import type { Book } from './book.ts'
import { withConversation } from './book.ts'
import type { Conversation } from './conversation.ts'
import { decodeConversation, encodeConversation } from './history-codec.ts'

export interface HistoryStore {
  /** @throws when the browser refuses storage (private windows of some, full disks) */
  load(): Promise<Book>
  /** All or nothing. Writes happen in the order of the calls; what was asked for outlives the page. */
  write(changed: readonly Conversation[], removedKeys: readonly string[]): Promise<void>
}

export function idbHistory(databaseName: string): HistoryStore {
  let store: ReturnType<typeof createStore> | undefined
  const open = () => {
    store ??= createStore(databaseName, 'conversations')
    return store
  }
  return {
    async load() {
      let book: Book = new Map()
      for (const [, value] of await entries(open())) {
        const conversation = decodeConversation(value)
        if (conversation !== undefined) book = withConversation(book, conversation)
      }
      return book
    },
    write(changed, removedKeys) {
      return open()('readwrite', conversations => {
        for (const key of removedKeys) conversations.delete(key)
        for (const conversation of changed) {
          conversations.put(encodeConversation(conversation), conversation.key)
        }
        // Else the browser waits for more requests, and a page that is about to go has no such time.
        conversations.transaction.commit()
        return promisifyRequest(conversations.transaction)
      })
    },
  }
}
