// What the web client keeps and shows at most, each with its unit and the abuse it bounds.
// Limits of the protocol are in shared/wire/limits.ts.

/** Code points of a name: long names push everything else off the screen. */
export const NAME_MAX_CODE_POINTS = 64
/** UTF-16 units of one message typed here: four bytes each still fit a session message. */
export const COMPOSE_MAX_CHARS = 16_384
/** UTF-16 units kept of one received message: a peer may send a megabyte. */
export const MESSAGE_KEEP_MAX_CHARS = 32_768
/** UTF-16 units of a pasted key or link that are looked at. */
export const KEY_INPUT_MAX_CHARS = 2_048
/** Conversations kept; beyond this the stalest stranger goes: anyone can make keys and write. */
export const CONVERSATIONS_MAX = 200
/** Messages kept in one conversation. */
export const MESSAGES_MAX = 500
/** UTF-16 units of all messages of one conversation: history in memory and in IndexedDB. */
export const HISTORY_MAX_CHARS = 524_288
/** How long a message is sent again by itself, under its id, until it is delivered: nobody waits for an answer for ever. */
export const QUEUE_KEEP_MS = 86_400_000
/** Pause before what failed is sent again, twice as long each time: a peer that is away costs a dial each time. */
export const RETRY_FIRST_MS = 2_000
export const RETRY_MAX_MS = 300_000
/** How often what is shown of a connection is asked for anew: each time servers are asked for a record. */
export const EXPLAIN_AGAIN_MS = 4_000
/** How often the shown round trip to a server is read anew: what the node knows by itself, so nobody is asked. */
export const MEASURED_AGAIN_MS = 4_000
/** Names of servers that are remembered although we are not attached any more: a server can bring many others. */
export const SERVER_NAMES_MAX = 64
/** Delay that gathers changes into one write. */
export const SAVE_DELAY_MS = 250
/** Changes that other tabs tell while this one reads the history. */
export const BOOK_CHANGES_WAITING_MAX = 1_000
