// Where conversations are kept: IndexedDB, one entry a conversation, by key. Knows no caps and no timing.

import { createStore, delMany, entries, setMany } from 'idb-keyval'
import type { Book } from './book.ts'
import { withConversation } from './book.ts'
import type { Conversation } from './conversation.ts'
import { decodeConversation, encodeConversation } from './history-codec.ts'

export interface HistoryStore {
  /** @throws when the browser refuses storage (private windows of some, full disks) */
  load(): Promise<Book>
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
    async write(changed, removedKeys) {
      if (removedKeys.length > 0) await delMany([...removedKeys], open())
      if (changed.length > 0) {
        await setMany(
          changed.map(conversation => [conversation.key, encodeConversation(conversation)]),
          open(),
        )
      }
    },
  }
}
