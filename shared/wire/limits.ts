// Every limit of the protocol and of the core, each with its unit and the abuse it bounds
// (docs/PROTOCOL.md 13). Values that an operator may change are defaults here and options there.

// ---- encoding ----
/** Nesting of a CBOR item: stack exhaustion. */
export const CBOR_MAX_DEPTH = 8
/** Items in one CBOR message: CPU and memory per byte received. */
export const CBOR_MAX_ITEMS = 1024
/** Bytes of a signed node record, signature included: registry memory per key. */
export const RECORD_MAX_BYTES = 1024
/** Bytes of a record's clear metadata map, encoded. */
export const RECORD_MAX_META_BYTES = 256
/** Seconds a record may live. */
export const RECORD_MAX_TTL_S = 86_400
/** Endpoints of a server's record, servers of a client's, links of either: work per record. */
export const RECORD_MAX_ENDPOINTS = 4
export const RECORD_MAX_SERVERS = 8
export const RECORD_MAX_LINKS = 16
/** Characters of an endpoint's address. */
export const RECORD_MAX_URL_CHARS = 256
/** Onion keys in a record: the current one and the next. */
export const RECORD_MAX_ONION_KEYS = 2
/** Protocol versions listed in a record. */
export const RECORD_MAX_VERSIONS = 16
/** Bytes of a record's sealed metadata, and how many keys may read it. */
export const RECORD_MAX_SEALED_BYTES = 640
export const SEALED_MAX_READERS = 8
/** Wall clocks that a server may claim, in Unix ms (2020 to 2200): absurd ones would overflow what is signed. */
export const PLAUSIBLE_UNIX_MS = { min: 1_577_836_800_000, max: 7_258_118_400_000 } as const
/** Wall-clock slack everywhere a peer's time is judged: clocks are wrong by minutes, not hours. */
export const CLOCK_SLACK_MS = 600_000

// ---- crypto ----
/** Public keys whose validity is remembered: a check costs up to 1 ms of CPU, an entry about 150 bytes. */
export const KEY_VERDICTS_MAX = 8_192
/** Ed25519 keys whose X25519 form is remembered: the same trade. */
export const CONVERTED_KEYS_MAX = 1_024

// ---- links ----
/** Where a server takes WebSockets, and the subprotocol both sides name. */
export const WS_PATH = '/mesh'
export const WS_SUBPROTOCOL = 'keymesh.1'
/** A link's close code travels as this plus the code (RFC 6455 7.4.2: 4000-4999 are private). */
export const WS_CLOSE_BASE = 4_000
/** Bytes of one message on a WebSocket link. */
export const WS_MAX_MESSAGE_BYTES = 65_536
/** Bytes of one message on a WebRTC link: what every browser takes in one SCTP message. */
export const RTC_MAX_MESSAGE_BYTES = 16_384
/** Transport connect and handshake together: half-open attackers. */
export const LINK_AUTH_TIMEOUT_MS = 10_000
/** Bytes of one handshake frame: an unauthenticated peer may make us parse no more. */
export const HANDSHAKE_MAX_BYTES = 4_096
/** Versions offered in one HELLO: parsing for an unauthenticated peer. */
export const HELLO_MAX_VERSIONS = 16
/** Signed records in one WELCOME: what a stranger makes us verify. */
export const WELCOME_MAX_SAMPLE = 32
/** Characters of the sentence in a GOODBYE: log space. */
export const GOODBYE_MAX_REASON_CHARS = 200
/** Bytes sent for each byte received until the initiator has proven its key: amplification. */
export const UNAUTHENTICATED_REPLY_FACTOR = 3
/** Queued bytes at which a link asks its users to pause. */
export const LINK_SOFT_BUFFER_BYTES = 262_144
/** Queued bytes at which a link is closed as too slow. */
export const LINK_HARD_BUFFER_BYTES = 1_048_576
/** Queued frames at which a link is closed as too slow: memory per frame beside its bytes. */
export const LINK_MAX_QUEUED_FRAMES = 8_192
/** How long a link may stay over the soft mark, or its transport full without taking anything. */
export const LINK_SLOW_TIMEOUT_MS = 30_000
/** Silence after which the initiator pings, and the jitter added so that pings do not march in step. */
export const PING_INTERVAL_MS = 10_000
export const PING_JITTER_MS = 2_000
/** Silence after which a link is dead (two missed pings). */
export const LINK_DEAD_MS = 20_000
/** The same for the responder when the initiator is a client: hidden browser tabs run timers once a minute. */
export const LINK_DEAD_CLIENT_MS = 75_000
/** A timer later than this was the host's own stall or sleep: grant a fresh window instead of a verdict. */
export const TIMER_DRIFT_MS = 2_000
/** Fresh windows in a row without a byte received: a hidden tab's timers are always late, yet its dead links must end. */
export const TIMER_MAX_GRACES = 2
/** The least silence before a ping that a responder may ask for in its WELCOME. */
export const PING_INTERVAL_MIN_MS = 1_000
/** Reconnect: full jitter in [0, min(max, base * 2^n)]; the count resets after this long up. */
export const BACKOFF_BASE_MS = 500
export const BACKOFF_MAX_MS = 30_000
export const BACKOFF_RESET_MS = 60_000
/** A server's "slow down" is obeyed up to this. */
export const RETRY_AFTER_MAX_MS = 600_000

// ---- admission (server) ----
/** Links at once: memory and file handles of a server. */
export const MAX_LINKS = 10_000
/** Links that have not logged in yet: what strangers may hold open. */
export const MAX_UNAUTHENTICATED_LINKS = 64
/** Connections from one address (IPv4, or an IPv6 /56) and from one IPv6 /48 at once. */
export const MAX_LINKS_PER_ADDRESS = 100
export const MAX_LINKS_PER_V6_48 = 800
/** Links of one key at once: a client may be back before its old link is known to be dead. */
export const MAX_LINKS_PER_KEY = 4
export const CONNECTS_PER_ADDRESS_PER_S = 20
export const CONNECTS_PER_ADDRESS_BURST = 40
/** Refusal of an address that went over its connect rate, before jitter of 1 to 1.5 times. */
export const CONNECT_REFUSAL_MS = 3_600_000
/** Connections that are not links: pages being loaded, and whoever has not asked for a link yet. */
export const MAX_WEB_CONNECTIONS = 1_024
/** Addresses whose connect rate is remembered, the latest first: about 200 bytes each. */
export const ADMISSION_MAX_ADDRESSES = 65_536
/** Connects that a failed login counts for beside its own: signatures cost more than sockets. */
export const FAILED_LOGIN_CONNECTS = 3
/** Share of the event loop in use from which addresses with a recent failed login are put off. */
export const BUSY_LOOP_SHARE = 0.5
/** How long a failed login is held against its address while the server is busy. */
export const FAILED_LOGIN_MEMORY_MS = 60_000
/** Wish told to those who are put off, before jitter of 1 to 1.5 times. */
export const BUSY_RETRY_AFTER_MS = 2_000
/** A request's head on a server's HTTP side: time and bytes of a slow or greedy client. */
export const HTTP_HEAD_TIMEOUT_MS = 10_000
export const HTTP_REQUEST_TIMEOUT_MS = 15_000
export const HTTP_CHECK_INTERVAL_MS = 2_000
export const HTTP_MAX_HEAD_BYTES = 8_192
/** How long a closing server waits for its links to take the goodbye. */
export const DRAIN_MS = 2_000

// ---- requests ----
/** Outstanding requests of one node: memory while servers are slow. */
export const RPC_MAX_PENDING = 4_096
export const RPC_TIMEOUT_MS = 3_000
/** Characters of a method name, and of an error's sentence for people. */
export const RPC_MAX_METHOD_CHARS = 32
export const RPC_MAX_HINT_CHARS = 200
/** Requests a peer may make per second on one link, and its burst. */
export const RPC_PER_S = 50
export const RPC_BURST = 200
/** Servers asked for one key: enough that one liar or straggler does not decide. */
export const LOOKUP_SERVERS = 3
/** How often a publisher goes above a sequence number that a registry claims to know: a lying one. */
export const MAX_SEQUENCE_RAISES = 3
/** Longest pause before a server that refused our record is asked again; the first is RPC_TIMEOUT_MS. */
export const PUBLISH_RETRY_MAX_MS = 60_000
/** Records a server keeps. */
export const MAX_RECORDS = 65_536
/** How often a server drops expired records, and when it is full at most. */
export const RECORD_SWEEP_MS = 60_000
export const RECORD_FULL_SWEEP_MS = 1_000
/** Validity of the records we publish, and how often they are published anew. */
export const RECORD_TTL_S = 86_400
export const RECORD_REPUBLISH_MS = 21_600_000

/** How long a dial or lookup may take when the caller does not say. */
export const DIAL_TIMEOUT_MS = 10_000

// ---- circuits ----
/** Hops of a circuit, its end included: work that one setup makes for others. */
export const MAX_HOPS = 5
/** Validity a sender gives a setup, and the most a hop accepts. */
export const SETUP_TTL_S = 300
export const SETUP_MAX_TTL_S = 600
/** Setup to ack, first attempt and later ones. */
export const SETUP_TIMEOUT_FIRST_MS = 4_000
export const SETUP_TIMEOUT_MS = 10_000
/** Life of a circuit. */
export const CIRCUIT_MAX_AGE_MS = 3_600_000
export const CIRCUIT_MAX_CELLS = 2 ** 32
/** Circuits on one link: memory per peer. */
export const MAX_CIRCUITS_PER_LINK = 64
export const MAX_CIRCUITS_PER_SERVER_LINK = 4_096
/** Setups per second and burst on one link: public-key work. */
export const SETUPS_PER_S = 3
export const SETUPS_BURST = 90
/** The same over a server's link where the node does not relay: in a browser a setup costs 6 to 8 ms of script. */
export const LEAF_SETUPS_PER_S = 10
export const LEAF_SETUPS_BURST = 60
/** Setups per second and burst that a relay passes on from one client's key to one client: a stranger's share of that. */
export const SETUPS_TOWARD_PER_S = 1
export const SETUPS_TOWARD_BURST = 10
/** Pairs of such keys whose rate is remembered, the latest first: about 200 bytes each. */
export const SETUPS_TOWARD_PAIRS = 16_384
/** Flow control: a small cell weighs 1 unit, a large one 4. */
export const LARGE_CELL_UNITS = 4
export const CIRCUIT_WINDOW_UNITS = 512
export const CIRCUIT_CREDIT_UNITS = 64
/** Replay tags: a little longer than a setup lives, in two generations, and the cap of both together. */
export const REPLAY_WINDOW_MS = 620_000
export const REPLAY_CACHE_MAX = 2 ** 20
/** Relayed bytes per second and burst for one key (an operator's option). */
export const RELAY_BYTES_PER_S = 8 * 1024 * 1024
export const RELAY_BURST_BYTES = 64 * 1024 * 1024
/** A server's link carries many keys' circuits: its setups and relayed bytes are allowed this many times more. */
export const SERVER_LINK_FACTOR = 64
/** Circuits of one node in all roles together: about 2 KiB each. */
export const MAX_CIRCUITS = 65_536
/** Cells that one direction of a relayed circuit may have waiting, in units: a window and its credits. */
export const RELAY_QUEUE_MAX_UNITS =
  CIRCUIT_WINDOW_UNITS + CIRCUIT_WINDOW_UNITS / CIRCUIT_CREDIT_UNITS
/** Waiting cells handed to a link in one go, so that it can say pause before its hard mark. */
export const RELAY_SLICE_BYTES = 131_072
/** How often cells that wait for a byte quota are looked at: bounds timer work. */
export const RELAY_SHAPING_TICK_MS = 5
/** A neighbour is told at most this often that a quota holds it back. */
export const QUOTA_NOTICE_MS = 1_000
/** All queues of a node together, and the mark from which the oldest circuit data is dropped. */
export const MEMORY_BUDGET_BYTES = 256 * 1024 * 1024
export const MEMORY_EVICT_BYTES = Math.floor(MEMORY_BUDGET_BYTES * 0.9)
/** Share of the evict mark at which eviction stops, so that it is rare however small the queues are. */
export const MEMORY_EVICT_KEEP = 0.8
/** Life of an onion key in a record, and how long its private half is kept after rotation. */
export const ONION_KEY_ROTATE_MS = 86_400_000
export const ONION_KEY_KEEP_MS = 90_000_000

// ---- sessions ----
/** Bytes of one message: 1 MiB of the application's, and the byte that says what they are. */
export const MESSAGE_MAX_BYTES = 1_048_577
/** Message bytes a peer may have in flight before the application took them. */
export const MESSAGE_WINDOW_BYTES = 2 * MESSAGE_MAX_BYTES
/** Messages waiting in one session's outbox, and their bytes. */
export const OUTBOX_MAX_MESSAGES = 65_536
export const OUTBOX_MAX_BYTES = 16 * 1024 * 1024
/** How long an unacknowledged message waits before it fails. */
export const MESSAGE_TIMEOUT_MS = 30_000
/** Rekey after this age, packets or bytes; refuse the old keys after twice that. */
export const REKEY_AFTER_MS = 600_000
export const REKEY_AFTER_PACKETS = 2 ** 20
export const REKEY_AFTER_BYTES = 2 ** 30
/** Old keys serve stragglers for this long. */
export const OLD_EPOCH_MS = 60_000
/** Replay window of a session, in packets. */
export const REPLAY_WINDOW_PACKETS = 1024
/** Sessions of one node. */
export const MAX_SESSIONS = 4_096
/** How many of them only this node itself may open: strangers must not keep it from dialing. */
export const SESSIONS_FOR_OWN_DIALS = 512
/** Initiators whose last handshake timestamp is remembered. */
export const MAX_REMEMBERED_INITIATORS = 65_536
/** Message ids remembered per peer, to show nothing twice after a new session: at least what is in flight. */
export const SEEN_MESSAGES_PER_PEER = 4_096
/** Messages begun and not yet confirmed as delivered: reassembly slots of the receiver. */
export const MESSAGES_IN_FLIGHT = 2_048
/** Credit that a message costs beside its bytes: floods of empty messages. */
export const MESSAGE_OVERHEAD_BYTES = 64
/** Separate pieces of one message: a peer that sends every second byte. */
export const MESSAGE_MAX_PIECES = 2_048
/** Bytes of one session packet: what a link message can carry. */
export const PACKET_MAX_BYTES = 65_536
/** Ranges in one ack, and remembered for it: memory and work per packet. */
export const ACK_MAX_RANGES = 32
/** Under load an ack goes out after this many packets or this long, whichever comes first. */
export const ACK_EVERY_PACKETS = 32
export const ACK_DELAY_MS = 1
/** Least wait for an ack before a path is probed, and probes without answer until it is suspect. */
export const PROBE_MIN_MS = 1_000
export const PROBES_UNTIL_SUSPECT = 2
/** Paths attached to one session at once, attachments waiting for their answer, and circuits that a relay carries from one client's key to one client: more serve nobody. */
export const SESSION_MAX_PATHS = 8
/** Measurements that wait for a packet of one session. */
export const SESSION_MAX_PINGS = 64
/** A responder gives up a session whose initiator never proved that it has the keys (a replay). */
export const SESSION_CONFIRM_MS = 10_000
/** Least time between rekeys, public-key work, and when an unanswered one is begun again. */
export const REKEY_MIN_INTERVAL_MS = 1_000
export const REKEY_RETRY_MS = 10_000
/** Text in a session's close frame, in bytes. */
export const CLOSE_REASON_MAX_BYTES = 200
/** A session without any path is given up after this. */
export const SESSION_PATHLESS_MS = 120_000

// ---- identity backup ----
/** Memory (128 * N * r bytes) that the header of a backup may ask for. */
export const BACKUP_MAX_SCRYPT_BYTES = 256 * 1024 * 1024
/** Work (N * r * p) that the header of a backup may ask for: four times what we write ourselves. */
export const BACKUP_MAX_SCRYPT_WORK = 2 ** 22
/** Characters of a backup text that are looked at, with its frame and line breaks. */
export const BACKUP_MAX_CHARS = 4_096
/** A session without a path asks for one again after this, doubling up to the maximum. */
export const REATTACH_BASE_MS = 250
export const REATTACH_MAX_MS = 5_000
/** Both dialed at once: how long the one that gave way waits for the other's handshake. */
export const OVERTAKEN_RETRY_MS = 2_000
