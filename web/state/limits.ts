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
/** A message that was written this long ago and was on its way is sent once more after a reload: peers know its id. */
export const RESEND_WITHIN_MS = 60_000
/** Delay that gathers changes into one write. */
export const SAVE_DELAY_MS = 250
/** How long a tab that is asked to hand over may take to close its node. */
export const HANDOVER_TIMEOUT_MS = 1_500
