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
/** Who dialed measures a link this long after the login, or up to twice that: the login is slower than what follows. */
export const LINK_MEASURE_AFTER_MS = 2_000
/** Silence after which a link is dead (two missed pings). */
export const LINK_DEAD_MS = 20_000
/** The same for the responder when the initiator is a client: hidden browser tabs run timers once a minute. */
export const LINK_DEAD_CLIENT_MS = 75_000
/** A timer later than this was the host's own stall or sleep: grant a fresh window instead of a verdict. */
export const TIMER_DRIFT_MS = 2_000
/** Fresh windows in a row without a byte received: a hidden tab's timers are always late, yet its dead links must end. */
export const TIMER_MAX_GRACES = 2
/**
 * Silence after which a link is dead that was asked because the network changed or this host slept; or this many round
 * trips, if that is longer.
 */
export const LINK_DOUBT_MS = 1_000
export const LINK_DOUBT_ROUND_TRIPS = 4
/** A server whose link ends so soon after a page came back or the network changed is dialed at once, once. */
export const NUDGE_HOLDS_MS = 10_000
/** The least silence before a ping that a responder may ask for in its WELCOME. */
export const PING_INTERVAL_MIN_MS = 1_000
/** Reconnect: full jitter in [0, min(max, base * 2^n)]; the count resets after this long up. */
export const BACKOFF_BASE_MS = 500
export const BACKOFF_MAX_MS = 30_000
export const BACKOFF_RESET_MS = 60_000
/** Who lost its last server tries the others within this, whatever they were put off for: once for each such loss. */
export const ALONE_RETRY_MS = 2_000
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
/** Requests a peer may make per second on one link, and its burst; a proven server this many times more. */
export const RPC_PER_S = 50
export const RPC_BURST = 200
export const SERVER_RPC_FACTOR = 20
/** The same of all strangers of one network together: keys cost nothing, and a lookup asks dozens of servers. */
export const RPC_PER_NETWORK_PER_S = 200
export const RPC_PER_NETWORK_BURST = 4_000
/** What goes to many servers counts as so many requests. */
export const RPC_SPREAD_COST = 10
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
/** Share by which that is put off or brought forward: nodes that started together spread out. */
export const RECORD_REPUBLISH_JITTER = 0.1

// ---- server to server ----
/** Links that one server keeps open to others: about 100 KB each with TLS. The least recently used one makes way. */
export const MAX_SERVER_LINKS = 128
/** A link to another server that nobody used for this long is closed. */
export const SERVER_LINK_IDLE_MS = 300_000
/** The same of one that was opened for a proof, and never used since: whoever stays alive is dialed again and again. */
export const UNUSED_SERVER_LINK_IDLE_MS = 30_000
/** Dials of other servers at once, and those that wait for their turn: sockets, and what lookups pile up. */
export const MAX_SERVER_DIALS = 64
export const MAX_WAITING_SERVER_DIALS = 1_024
/** Those of them to servers that we have only heard of: a liar names what does not answer. */
export const MAX_UNKNOWN_SERVER_DIALS = 48
/** Those of them to one address: whom a liar names under a thousand keys, all servers would dial. */
export const MAX_UNKNOWN_DIALS_PER_ADDRESS = 4
/** Dials to one network at once, of all that go where others say: who has many names, or ports, holds up few. */
export const MAX_UNTRUSTED_DIALS_PER_NETWORK = 16
/** Requests that wait for such dials: memory that lookups can fill. */
export const MAX_WAITING_SERVER_CALLS = 4_096
/** Addresses of neighbours on our own network that are dialed though they are private, the latest. */
export const MAX_TRUSTED_ADDRESSES = 256
/** Dial and login of another server: a circuit's setup waits no longer. */
export const SERVER_DIAL_TIMEOUT_MS = 5_000
/** A request to another server, its dial included. */
export const SERVER_CALL_TIMEOUT_MS = 3_000
/** How long it counts that we reached a server at its address, as long as there is a link to it. */
export const SERVER_PROOF_MS = 3_600_000
/** How long a server that could not be reached is not dialed for requests again, and how many are remembered. */
export const SERVER_RETRY_MS = 10_000
export const MAX_FAILED_SERVERS = 4_096

// ---- clients of the registry ----
/** How long our servers may search the whole network for a key: then what was found counts. */
export const FIND_TIMEOUT_MS = 8_000
/** Once one server has searched to the end, how long the others may still take. */
export const FIND_STRAGGLER_MS = 3_000
/** Pause before a server that was too busy for a lookup is asked again: doubles up to the maximum. */
export const BUSY_PAUSE_MS = 250
export const BUSY_PAUSE_MAX_MS = 2_000
/** Records of other servers that a node remembers, so that the next dial finds its way at once: about 1 KiB each. */
export const MAX_KNOWN_SERVERS = 256
/** Keys that one node watches: subscriptions at each of its servers. */
export const MAX_WATCHES = 256
/** How often a watch is asked for again; a server forgets it after three times that. */
export const WATCH_RENEW_MS = 60_000
/** When a server that did not take a watch is asked again. */
export const WATCH_RETRY_MS = 10_000
/** How long a key counts as online after its servers lost it: it may only have moved. */
export const WATCH_GRACE_MS = 5_000
/** Servers that a client wants to be attached to: with fewer it tries those that it has heard of. */
export const TARGET_ATTACHMENTS = 2
/** How often a client asks a server for others, with a quarter more or less, and at the earliest after it was told of some. */
export const SAMPLE_INTERVAL_MS = 600_000
export const SAMPLE_MIN_MS = 10_000
/** Servers that a client has heard of and not tried yet: what a server, or the local network, can make it keep. */
export const MAX_HEARD_SERVERS = 16
/** Attachments to such servers, dead ones included, and after how many failures in a row one is given up. */
export const MAX_LEARNED_ATTACHMENTS = 4
export const LEARNED_MAX_FAILURES = 3

/** Records of other servers that a server remembers beside the registry: about 600 bytes each. */
export const MAX_REMEMBERED_SERVERS = 4_096
/** Keys that a link may watch at one server, the links of one network, all links, and how long a watch holds unless renewed. */
export const MAX_SUBSCRIPTIONS_PER_LINK = 1_024
export const MAX_SUBSCRIPTIONS_PER_NETWORK = 8_192
export const MAX_SUBSCRIPTIONS = 65_536
export const WATCH_LEASE_MS = 180_000
/** How often a server asks again for what its clients watch elsewhere, and at the earliest after it has asked. */
export const FOLLOW_RENEW_MS = 60_000
export const FOLLOW_MIN_MS = 1_000
/** How often it looks a key up whose record it has: in between it hears of changes from those it asks. */
export const FOLLOW_LOOKUP_MS = 600_000
/** Such renewals per second and burst, a lookup counting as so many: one link may watch a thousand keys. */
export const FOLLOWS_PER_S = 50
export const FOLLOWS_BURST = 500
export const FOLLOW_LOOKUP_COST = 5
/** Servers at which a server follows one key, and how many of these may be those that the key is attached to. */
export const FOLLOW_SERVERS = 4
export const FOLLOW_HOMES = 3
/** Values that are new, and whose signatures are checked, of what one server tells unasked: per second, and burst. */
export const TOLD_VALUES_PER_S = 20
export const TOLD_VALUES_BURST = 200
/** A key whose last link ended counts as offline after this: a page that reloads was never away. */
export const PRESENCE_GRACE_MS = 3_000
/** Requests for keys that wait for the registry's answer: of one link, of one network, and of a server. */
export const MAX_WAITING_FINDS_PER_LINK = 64
export const MAX_WAITING_FINDS_PER_NETWORK = 256
export const MAX_WAITING_FINDS = 4_096
/** Lookups of servers that circuits are to go on to, per second and burst: one cell of a stranger asks many servers. */
export const REACH_FINDS_PER_S = 20
export const REACH_FINDS_BURST = 100
/** The same of servers that somebody may need soon: a stranger's record can name any. */
export const PREFETCH_FINDS_PER_S = 10
export const PREFETCH_FINDS_BURST = 50
/** A server that has joined looks around again after this, then after so many times as long, up to the last. */
export const LOOK_AROUND_MS = 2_000
export const LOOK_AROUND_FACTOR = 5
export const LOOK_AROUND_MAX_MS = 600_000
/** Servers that circuits wait for at once: one lookup or dial each. */
export const MAX_REACHING = 1_024
/** Records of servers in the WELCOME of a client, and of a server. */
export const WELCOME_CLIENT_SAMPLE = 8

/** How long a dial or lookup may take when the caller does not say. */
export const DIAL_TIMEOUT_MS = 10_000

// ---- the host of a Node program ----
/** How often it looks whether this machine has lost an address: what was connected from it is dead without a word. */
export const HOST_ADDRESS_POLL_MS = 1_000

// ---- registry values and the bodies that carry them ----
/** Bytes of a signed revocation, its successor's signature included: registry memory per key. */
export const REVOCATION_MAX_BYTES = 512
/** Bytes of a signed service advertisement: registry memory per advertisement. */
export const SERVICE_MAX_BYTES = 640
/** Bytes of a service's name in UTF-8, and seconds an advertisement may live. */
export const SERVICE_MAX_NAME_BYTES = 64
export const SERVICE_MAX_TTL_S = 86_400
/** Characters of a contact's address among servers: twenty of them and a record fit into one answer. */
export const CONTACT_MAX_URL_CHARS = 128
/** Contacts in one answer, and the bytes of an answer that are contacts and a record: amplification. */
export const DHT_ANSWER_MAX_NODES = 20
export const DHT_ANSWER_MAX_BYTES = 4_096
/** Advertisements in one answer and their bytes, which come on top: what a topic's reader must verify. */
export const SERVICES_PER_ANSWER = 64
export const SERVICES_ANSWER_MAX_BYTES = 16_384

// ---- LAN ----
/** Bytes of one beacon: one datagram, never fragmented, on any link. */
export const BEACON_MAX_BYTES = 1_400
/** Pause between two beacons of a node, before jitter of ± a tenth: standing traffic on the LAN. */
export const BEACON_INTERVAL_MS = 30_000
/** Beacons at a start or after a change of networks, a pause between them: datagrams are lost. */
export const BEACON_REPEATS = 3
export const BEACON_REPEAT_MS = 1_000
/** Longest pause before a new neighbour is answered by a beacon out of turn: many answer the same one. */
export const BEACON_ANSWER_MS = 1_000
/** Beacons out of turn per second, and burst: what a stranger can make all nodes of a LAN send. */
export const BEACON_ANSWERS_PER_S = 0.2
export const BEACON_ANSWERS_BURST = 5
/** Silence after which a neighbour is gone: three missed beacons. */
export const NEIGHBOUR_GONE_MS = 100_000
/** Neighbours remembered, about 4 KiB each, and addresses of one: what a LAN can make us hold. */
export const MAX_NEIGHBOURS = 256
/** Direct links between a client and its neighbours: sockets, and keys whose beacons make us dial. */
export const MAX_DIRECT_LINKS = 32
export const NEIGHBOUR_MAX_ADDRESSES = 4
/** Signatures checked per second and burst of one neighbour at its address: CPU, up to 1 ms for a new key. */
export const NEIGHBOUR_BEACONS_PER_S = 1
export const NEIGHBOUR_BEACONS_BURST = 4
/** The same of all others: for the first few of each address, and once more for the rest. */
export const STRANGE_BEACONS_PER_S = 10
export const STRANGE_BEACONS_BURST = 64
/** What of one address counts as its first few, per second and burst: one machine that makes up keys. */
export const NEWCOMERS_PER_ADDRESS_PER_S = 0.1
export const NEWCOMERS_PER_ADDRESS_BURST = 2
/** Refused beacons that are known again without their signature, about 1 KiB each. */
export const REFUSED_BEACONS_MAX = 128
/** Datagrams per second and burst that a node looks at: for the first few of each address, and once more for the rest. */
export const BEACONS_PER_S = 100
export const BEACONS_BURST = 200
/** What of one address counts as its first few there, per second and burst: CPU under a flood. */
export const BEACONS_PER_ADDRESS_PER_S = 0.5
export const BEACONS_PER_ADDRESS_BURST = 20
/** Addresses whose rates are remembered, the latest first: about 200 bytes each. */
export const BEACON_MAX_ADDRESSES = 1_024
/** How often the host looks for new network interfaces, and how many it uses. */
export const LAN_POLL_MS = 10_000
export const LAN_MAX_INTERFACES = 32
/** A beacon that an interface did not take (its address is not ready yet) is tried again after this, so often. */
export const LAN_RESEND_MS = 500
export const LAN_RESENDS = 8
/** Links that neighbours may open to a client, with connections that are none yet: in all, and of one address. */
export const LAN_MAX_LINKS = 64
export const LAN_MAX_LINKS_PER_ADDRESS = 8
/** Those of them without a login, and how long one may take to ask for a link: half-open attackers. */
export const LAN_MAX_UNAUTHENTICATED_LINKS = 16
export const LAN_ARRIVAL_TIMEOUT_MS = 5_000
/** Connects of one address to a client, per second and burst: TLS handshakes. */
export const LAN_CONNECTS_PER_ADDRESS_PER_S = 2
export const LAN_CONNECTS_PER_ADDRESS_BURST = 10
/** Addresses whose connect rate is remembered, the latest first: about 200 bytes each. */
export const LAN_MAX_ADDRESSES = 1_024

// ---- what a server keeps for the network ----
/** Values that one storing peer may account for: a server that pours records of throwaway keys. */
export const MAX_RECORDS_PER_SOURCE = 16_384
/** The same of all peers of one network, with what clients publish from there: keys cost nothing. */
export const MAX_RECORDS_PER_NETWORK = 16_384
/** How long a revocation is kept after it was last offered: far longer than anybody remembers the key. */
export const REVOCATION_KEEP_MS = 366 * 86_400_000
/** Dropped values whose sequence is remembered, the latest: old records must not come back. About 100 bytes each. */
export const MAX_DROPPED_SEQUENCES = 65_536
/** Advertisements in all, of one topic, through one network in one topic, and through one storing peer or network. */
export const MAX_SERVICES = 16_384
export const MAX_SERVICES_PER_TOPIC = 64
export const MAX_SERVICES_PER_NETWORK = 8
export const MAX_SERVICES_PER_SOURCE = 2_048
/** Least time until a kept value is repaired, at most twice that, and how often in a row others may put it off. */
export const REPAIR_INTERVAL_MS = 600_000
export const MAX_REPAIR_POSTPONEMENTS = 3
/** How soon a value is repaired of which too few copies were made, doubled each time: a lookup each, while nobody answers. */
export const THIN_REPAIR_MS = 5_000
/** Repairs a server begins in a second: each is a lookup. */
export const REPAIRS_PER_S = 16
/** Values pushed to new contacts in a second, and how many may wait for it before the search for more pauses. */
export const PUSHES_PER_S = 50
export const MAX_QUEUED_PUSHES = 1_024
/** Kept values looked at in one go for new contacts, and the pause until the next ones: bounds a turn. */
export const PUSH_SCAN_VALUES = 64
export const PUSH_SCAN_TICK_MS = 20
/** New contacts that one pass over the kept values may serve. */
export const PUSH_SCAN_CONTACTS = 256

// ---- DHT ----
/** Entries of a bucket, contacts of an answer, and the least holders of a value. */
export const DHT_K = 20
/** Calls in flight on one path of a lookup, and the paths that share no node. */
export const DHT_ALPHA = 4
export const DHT_PATHS = 4
/** A call frees its place on the path after this; its answer still counts. */
export const DHT_SLOW_CALL_MS = 300
/** A lookup ends after this with what it has: nodes that answer late. */
export const DHT_LOOKUP_DEADLINE_MS = 6_000
/** Nodes that one path asks, in units of k: liars that name ever nearer nodes. */
export const DHT_PATH_MAX_CALLS_K = 6
/** Nodes that one path keeps in mind, the nearest, and that it may bring up: memory that answers can fill. */
export const DHT_PATH_MAX_CANDIDATES = 256
/** Most holders of a value and most nodes asked in the k-radius, in units of k: sybils around one key. */
export const DHT_REGION_MAX_K = 4
/** The k nearest lie this many times nearer than they should: sybils, the region is swept. */
export const DHT_CROWDED_FACTOR = 3
/** Random lookups whose distances say how large the network is; the median, so that half may be poisoned. */
export const DHT_SIZE_SAMPLES = 9
/** Lookups at once, and those that wait for their turn: memory while others ask. */
export const DHT_MAX_QUERIES = 256
export const DHT_MAX_WAITING_QUERIES = 1_024
/** Lookups at once that nobody waits for: repair and upkeep leave room for people. */
export const DHT_MAX_BACKGROUND_QUERIES = 4
/** Callers that wait for one and the same lookup. */
export const DHT_MAX_WAITERS = 1_024
/** Advertisements that one lookup of a topic collects, and that it hands over: memory that answers can fill. */
export const DHT_MAX_COLLECTED_SERVICES = 1_024
export const DHT_MAX_FOUND_SERVICES = 64
/** Stores in flight for one value. */
export const DHT_STORE_PARALLELISM = 16
/** DHT ids of keys that are remembered: a hash costs 1 µs, an entry about 150 bytes. */
export const DHT_IDS_REMEMBERED = 4_096
/** Table entries from one /24 or /48, in a bucket and in all: one network must not fill it. */
export const DHT_TABLE_MAX_PER_NETWORK_IN_BUCKET = 2
export const DHT_TABLE_MAX_PER_NETWORK = 10
/** Failures in a row after which an entry makes way; those within the spacing are one. */
export const DHT_CONTACT_MAX_FAILURES = 2
export const DHT_FAILURE_SPACING_MS = 1_000
/** When an entry that failed once is checked again. */
export const DHT_RECHECK_MS = 2_000
/** Every entry is checked by our own dial about this often. */
export const DHT_LIVENESS_INTERVAL_MS = 300_000
/** Checks at once, and how long one may take: sockets. */
export const DHT_MAX_CHECKS = 16
export const DHT_CHECK_TIMEOUT_MS = 15_000
/** Contacts heard of that wait for their check: what strangers can tell. */
export const DHT_MAX_HINTS = 256
/** Contacts that went, to find them again after a partition. */
export const DHT_MAX_FORMER_CONTACTS = 256
/** Pause before such a one is checked again: a fourth of its absence, within these bounds. */
export const DHT_FORMER_CHECK_MIN_MS = 5_000
export const DHT_FORMER_CHECK_MAX_MS = 600_000
export const DHT_ABSENCE_SHARE = 4
/** Checks of all former contacts together, per second and burst: dials into the void while servers come and go. */
export const DHT_FORMER_CHECKS_PER_S = 0.25
export const DHT_FORMER_CHECKS_BURST = 16
/** How long one is remembered that never comes back, while we know k others. */
export const DHT_FORMER_MAX_ABSENCE_MS = 86_400_000
/** Contacts that went within this time of each other may come back together: dials when one of them is back. */
export const DHT_PARTITION_SPREAD_MS = 60_000
/** The same pause for what was only heard of, while we know few. */
export const DHT_HINT_CHECK_MIN_MS = 2_000
/** Every bucket gets a lookup of our own this often. */
export const DHT_REFRESH_INTERVAL_MS = 3_600_000
/** Pause between two lookups of our own place, however much changes around it. */
export const DHT_SELF_LOOKUP_PAUSE_MS = 5_000

// ---- circuits ----
/** Hops of a circuit, its end included: work that one setup makes for others. */
export const MAX_HOPS = 5
/** Validity a sender gives a setup, and the most a hop accepts. */
export const SETUP_TTL_S = 300
export const SETUP_MAX_TTL_S = 600
/** Setup to ack, first attempt and later ones. */
export const SETUP_TIMEOUT_FIRST_MS = 4_000
export const SETUP_TIMEOUT_MS = 10_000
/** The first attempt over two servers: the first of them may wait SETUP_WAIT_MS for the second, and then says so. */
export const SETUP_TIMEOUT_TWO_SERVERS_MS = 6_000
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
/** The same from one proven server to one client, for all keys behind it: half of what that client takes. */
export const SERVER_SETUPS_TOWARD_PER_S = 5
export const SERVER_SETUPS_TOWARD_BURST = 40
/** Circuits at once from one proven server to one client: a quarter of what the link to that client carries. */
export const SERVER_CIRCUITS_TOWARD = 1_024
/** Setups that wait in a relay for the link to their next hop, for so long and about 2 KiB each. */
export const MAX_WAITING_SETUPS = 1_024
export const SETUP_WAIT_MS = 5_000
/** Of these toward one next hop: a server that does not answer must not take every place. */
export const MAX_WAITING_SETUPS_PER_PEER = 256
/** Of these from one neighbour's key, and from one proven server's: dials and lookups that it can cause at once. */
export const MAX_WAITING_SETUPS_PER_KEY = 8
export const MAX_WAITING_SETUPS_PER_SERVER = 64
/** Flow control: a small cell weighs 1 unit, a large one 8, so that a window, and a relay's queue for one reader, is 1 MiB at most. */
export const LARGE_CELL_UNITS = 8
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

// ---- ways to a peer ----
/** Circuits of one attempt to reach a peer, one after the other: what one dial makes servers do. */
export const PATH_MAX_CIRCUITS = 6
/** Lookups of the peer in one attempt, with those that went unanswered. */
export const PATH_MAX_LOOKUPS = 3
/** Home servers of the peer that one attempt looks up beside it. */
export const PATH_MAX_SERVER_LOOKUPS = 4

// ---- relays and paths of a node ----
/** Relays whose records are remembered from lookups and answers: about 1 KiB each. */
export const RELAYS_REMEMBERED = 128
/** Servers whose word on other relays is remembered, and relays of each: nobody's many push out what others told. */
export const RELAY_SOURCES = 8
export const RELAYS_PER_SOURCE = 16
/** How long others' word about a link counts, and that of a record or of what servers are assumed to reach. */
export const TOLD_LINK_MS = 120_000
export const RECORD_LINK_MS = 600_000
/** After so long a session in use gets a spare path: short ones cost relays no second circuit. */
export const SPARE_AFTER_MS = 1_000
/** How often routes are ranked anew while a session is in use. */
export const RERANK_INTERVAL_MS = 15_000
/** How long a setup has for itself before the next route is tried beside it: to attach a path; to shake hands, where the peer takes the later handshake; and in round trips. */
export const HEDGE_ATTACH_MS = 1_000
export const HEDGE_HANDSHAKE_MS = 2_000
export const HEDGE_ROUND_TRIPS = 3
/** Setups of one attempt at once. */
export const HEDGE_MAX_CIRCUITS = 3
/** How long an attempt that knows no way waits for what others were asked of routes. */
export const HEARSAY_WAIT_MS = 1_500
/** Circuits of one attempt at a spare path. */
export const SPARE_MAX_CIRCUITS = 2
/** What was tried to reach peers, of all peers together: about 300 bytes each. */
export const TRIED_STEPS_REMEMBERED = 256
/** Of one peer, in one explanation. */
export const TRIED_STEPS_TOLD = 32

// ---- routes ----
/** Pairs of nodes whose link is remembered: memory, and time of every search, that the words of others can take. */
export const ROUTES_MAX_LINKS = 2_048
/** Of these at one node: one key that claims links to everybody. */
export const ROUTES_MAX_LINKS_PER_NODE = 256
/** Routes that one search may return: each costs up to MAX_HOPS passes over the links. */
export const ROUTES_MAX_FOUND = 16
/** Routes around links between servers that failed: tries that a dial to nowhere adds. */
export const ROUTES_MAX_DETOURS = 4
/** Links, relays and routes whose behaviour is remembered, those used last: about 200 bytes each. */
export const LINK_HISTORY_MAX = 4_096
/** What a path has to be better by than the one in use, in share and milliseconds, and for how long: flapping. */
export const PATH_SWITCH_MIN_SHARE = 0.2
export const PATH_SWITCH_MIN_MS = 10
export const PATH_SWITCH_AFTER_MS = 2_000
/** First relays that private paths begin with, and how long each is kept: every new one is a chance for an attacker. */
export const GUARDS = 3
export const GUARD_LIFE_MS = 120 * 86_400_000
/** Guards in all, once none of the first was reachable, and how often one more may take the last place: cuts that make us sample until an attacker's server is drawn. */
export const GUARDS_MAX = 12
export const GUARD_REPLACE_PAUSE_MS = 86_400_000
/** Candidates for each place of a private path that are looked at, drawn at random: bounds the search. */
export const PRIVATE_MAX_CANDIDATES = 64
/** Circuits of one attempt at a private path: what one dial makes relays do. Each middle of eight gets its turn, and guards after the first. */
export const PRIVATE_MAX_CIRCUITS = 12
/** Routes drawn for one guard: one more than an attempt can have tried. */
export const PRIVATE_ROUTES_PER_GUARD = PRIVATE_MAX_CIRCUITS + 1
/** Strikes against a guard, one for a circuit that reached nobody behind it and more for one that nothing came back from, before an attempt goes on with the next: fewer would spread us over all guards. */
export const PRIVATE_GUARD_STRIKES = 9
export const PRIVATE_SILENCE_STRIKES = 3
/** Routes of mode `private` that are told, and relays that an explanation tells of for each place: one of each that there could be would fill the screen. */
export const PRIVATE_ROUTES_TOLD = 6
export const PRIVATE_RELAYS_TOLD = 8

// ---- routes that others tell ----
/** How often a question for routes may be passed on: with the asker, the answerer and the peer these are MAX_HOPS hops. */
export const ROUTES_MAX_TTL = 3
/** Bytes of a question's random name. */
export const ROUTES_QUESTION_BYTES = 8
/** Routes of one answer, relays of one route, signed records beside them, and bytes of all: amplification. */
export const ROUTES_PER_ANSWER = 8
export const ROUTES_MAX_RELAYS = 3
export const ROUTES_MAX_RECORDS = 4
export const ROUTES_ANSWER_MAX_BYTES = 4_096
/** Round trip that an answer may claim for a route, in milliseconds. */
export const ROUTES_MAX_LATENCY_MS = 60_000
/** How long an answer is waited for; of one that is passed on, for each time that it may be passed on again and once more. */
export const ROUTES_TIMEOUT_MS = 3_000
export const ROUTES_HOP_TIMEOUT_MS = 600
/** Servers and neighbours that one question of ours goes to: messages that one dial makes. */
export const ROUTES_SERVERS_ASKED = 3
export const ROUTES_NEIGHBOURS_ASKED = 4
/** Nobody is asked for one key again sooner, and of how many such questions that is remembered. */
export const ROUTES_ASK_AGAIN_MS = 10_000
export const ROUTES_KEYS_REMEMBERED = 1_024
/** Records of relays that are known to be true without their signature being checked again: about 1 KiB each. */
export const ROUTES_RECORDS_REMEMBERED = 64
/** Questions that are known again when they come around another way: about 100 bytes each. */
export const ROUTES_QUESTIONS_SEEN = 1_024
/** Questions that a neighbour may ask a client per second, and burst; and those of all that are passed on. */
export const ROUTES_QUESTIONS_PER_S = 2
export const ROUTES_QUESTIONS_BURST = 20
export const ROUTES_PASSED_ON_PER_S = 4
export const ROUTES_PASSED_ON_BURST = 32
/** Questions that wait for those they were passed on to: of one neighbour, and in all. */
export const ROUTES_WAITING_PER_LINK = 8
export const ROUTES_WAITING = 64
/** Keys whose servers a server remembers from lookups, to tell routes: about 400 bytes each. */
export const ROUTES_HOMES_REMEMBERED = 4_096

// ---- clients that relay ----
/** The window of a client's byte budget for others. */
export const RELAY_BUDGET_WINDOW_MS = 86_400_000
/** The least budget: a few large cells, or a circuit would end as soon as it is open. */
export const RELAY_BUDGET_MIN_BYTES = 1_048_576
/** The budget is written to disk in so many steps, each before it is spent: a restart gives none of it back. */
export const RELAY_BUDGET_STEPS = 64
/** Neighbours whose use of it is remembered: about 100 bytes each. */
export const RELAY_BUDGET_NEIGHBOURS = 1_024
/** Bytes per second and burst that a client relays for one neighbour: nobody uses up a day's budget in a minute. */
export const CLIENT_RELAY_BYTES_PER_S = 1_048_576
export const CLIENT_RELAY_BURST_BYTES = 4 * 1_048_576
/** The same factor for a server of its own, whose link carries many keys. */
export const CLIENT_RELAY_SERVER_FACTOR = 4
/** Circuits on its link to a server at which a client carries no more for others there: half of what it may have. */
export const LEAF_CIRCUITS_TOWARD_SERVER = MAX_CIRCUITS_PER_LINK / 2
/** Links that a client keeps to neighbours that relay, so that others reach it over these, and when a failed one is tried again. */
export const LAN_RELAY_LINKS = 2
export const LAN_RELAY_RETRY_MS = 30_000

// ---- WebRTC between clients ----
/** Connections at once and in the life of a page: browsers refuse more (Chromium after about 500). */
export const RTC_MAX_CONNECTIONS = 10
export const RTC_MAX_CREATED = 400
/** Of both those that only peers get whom the application dialed: strangers who come must not use up all. */
export const RTC_PLACES_FOR_OWN_DIALS = 2
export const RTC_CREATED_FOR_OWN_DIALS = 100
/** From the first description to a channel that is open: how long a peer's silence holds one of these places. */
export const RTC_OPEN_TIMEOUT_MS = 20_000
/** How long the higher key waits for an offer before it asks for one, and for an answer to that. */
export const RTC_ASK_AFTER_MS = 3_000
export const RTC_ASK_TIMEOUT_MS = 10_000
/** How soon after a failed attempt the next one may begin, doubled each time up to the greatest. */
export const RTC_RETRY_MIN_MS = 5_000
export const RTC_RETRY_MAX_MS = 300_000
/** One that ends so soon after the network changed has ended of it, and the next one begins at once. */
export const RTC_DOUBT_MS = 10_000
/** A connection over which neither data nor a circuit of others went for so long makes place. */
export const RTC_IDLE_MS = 120_000
/** Signals that one peer may send, and attempts with it, whoever begins: each costs a connection. */
export const RTC_SIGNALS_PER_S = 20
export const RTC_SIGNALS_BURST = 100
export const RTC_ATTEMPTS_PER_S = 0.2
export const RTC_ATTEMPTS_BURST = 5
/** Peers whose rate of attempts is remembered when their session is over, so that a new one is no new burst. */
export const RTC_PEERS_REMEMBERED = 256
/** Candidates of one attempt, either way: each one makes the other side send checks there. */
export const RTC_MAX_CANDIDATES = 32
export const RTC_SDP_MAX_BYTES = 3_072
export const RTC_CANDIDATE_MAX_BYTES = 512
/** Bytes of the name of the media section that a candidate is for: it has one or two letters. */
export const RTC_MID_MAX_BYTES = 32
/** Bytes of one signal in a session, of signals not yet acknowledged, and pieces that arrive out of order. */
export const SIGNAL_MAX_BYTES = 4_096
export const SIGNAL_WINDOW_BYTES = 65_536
export const SIGNAL_MAX_GAPS = 16

// ---- mesh links: between clients that relay ----
/** How many a relaying client has, how many of these it chose itself (so that strangers cannot be all it has), and the most. */
export const MESH_LINKS = 4
export const MESH_OWN_LINKS = 2
export const MESH_MAX_LINKS = 8
/** Of MESH_LINKS those that stay for being the nearest; the others are as chance had it. */
export const MESH_NEAR_LINKS = 2
/** WebRTC connections that are left to the application, at once; in the life of a page mesh links take half of them. */
export const MESH_SPARED_CONNECTIONS = 2
/** From the first way to others to the first link of this kind, and after a loss, spread at random. */
export const MESH_SOON_MS = 2_000
/** How often one that has too few looks again, and one that has enough tries a stranger. */
export const MESH_LOOK_MS = 30_000
export const MESH_EXPLORE_MS = 600_000
/** From the first word to an open link: how long a silent candidate keeps others waiting. */
export const MESH_MEET_MS = 25_000
/** How long the session stays when the link is open at this end. */
export const MESH_PART_MS = 2_000
/** After its try a new link has so long to be measured before one of them makes place. */
export const MESH_JUDGE_MS = 10_000
/** A candidate is tried once in this time. */
export const MESH_TRY_AGAIN_MS = 600_000
/** Clients that relay that were heard of, and whose last try is remembered. */
export const MESH_CANDIDATES = 64
export const MESH_TRIES_REMEMBERED = 256
/** Sessions for signals alone at once: strangers must not fill this node with sessions. */
export const MESH_MAX_SESSIONS = 8
/** Servers and neighbours that are asked for clients that relay at a time, and records that one tells. */
export const MESH_ASKED = 4
export const MESH_RELAYS_PER_ANSWER = 8
/** A server asks so many others at a time, no sooner than this after the last time, and keeps what it hears so long. */
export const MESH_SERVERS_ASKED = 2
export const MESH_SERVERS_ASK_MS = 30_000
export const MESH_HEARSAY_MS = 600_000
export const MESH_HEARSAY_KEPT = 64

// ---- STUN (server) ----
/** Bytes of a STUN message that is read: what every path carries whole (RFC 8489 6.1), and the work that one may make. */
export const STUN_MAX_BYTES = 548
/** Binding requests answered per second to one network (IPv4 /24, IPv6 /48), and burst: an office whose browsers all come back. */
export const STUN_PER_NETWORK_PER_S = 50
export const STUN_PER_NETWORK_BURST = 500
/** Of all together: requests with made-up senders make a server send to whom they name, and cost it its processor. */
export const STUN_PER_S = 2_000
export const STUN_BURST = 4_000
/** Networks whose rate is remembered, the latest: about 200 bytes each. */
export const STUN_MAX_NETWORKS = 16_384
/** Bytes of answers that the system has not taken yet: over it requests are not answered. */
export const STUN_MAX_QUEUED_BYTES = 65_536
/** Addresses of this machine on which it is answered, each on a socket of its own. */
export const STUN_MAX_ADDRESSES = 64
/** STUN servers that a client names to WebRTC: each that is dead delays candidates. */
export const ICE_SERVERS = 2

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
/** Peers that are remembered as to be reached otherwise than by default: memory of what the application asked. */
export const PEER_MODES_KEPT = 4_096
/** Peers of which these ids are kept beyond the session: memory that strangers can fill. */
export const SEEN_PEERS_KEPT = 64
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
/** While a session with several paths is in use, each is heard from this often: a spare that died is no spare. */
export const PATH_PROBE_INTERVAL_MS = 5_000
/** How long after its last message a session counts as in use: then it lets its spare path go. */
export const SESSION_IN_USE_MS = 60_000
/** Paths attached to one session at once, attachments waiting for their answer, and circuits that a relay carries from one client's key to one client: more serve nobody. */
export const SESSION_MAX_PATHS = 8
/** Measurements that wait for a packet of one session. */
export const SESSION_MAX_PINGS = 64
/** Sessions that one peer began and has not confirmed: more than it has handshakes under way at once serve nobody. */
export const SESSIONS_UNCONFIRMED = 4
/** A responder gives up a session whose initiator never proved that it has the keys (a replay). */
export const SESSION_CONFIRM_MS = 10_000
/** Least time between rekeys, public-key work, and when an unanswered one is begun again. */
export const REKEY_MIN_INTERVAL_MS = 1_000
export const REKEY_RETRY_MS = 10_000
/** Text in a session's close frame, in bytes. */
export const CLOSE_REASON_MAX_BYTES = 200
/** A session without a path asks for one again after this, doubling up to the maximum. */
export const REATTACH_BASE_MS = 250
export const REATTACH_MAX_MS = 5_000
/** Both dialed at once: how long the one that gave way waits for the other's handshake. */
export const OVERTAKEN_RETRY_MS = 2_000
/** A session without any path is given up after this. */
export const SESSION_PATHLESS_MS = 120_000

// ---- sessions over a restart ----
/** A message that was not delivered within this is kept on the device: most never are. */
export const SESSION_SAVE_MS = 100
/** How often it is kept that sessions are alive: who resumes one must not come when the peer has given up. */
export const SESSION_ALIVE_MS = 30_000
/** Bytes of a message that is kept, and of all of one node, and their number: writes and room on the device. */
export const SAVED_MESSAGE_MAX_BYTES = 65_536
export const SAVED_MESSAGES_MAX_BYTES = 4 * 1024 * 1024
export const SAVED_MESSAGES_MAX = 4_096
/** Ids of shown messages in one kept value: each message of a peer writes one such value anew. */
export const SAVED_IDS_PER_BLOCK = 64
/** Sessions that a restarted node takes up: what a store can make it dial. */
export const MAX_RESUMED_SESSIONS = 1_024
/** Dials at once for them, and the pause before one that failed is tried again: a network's load when all restart. */
export const RESUME_DIALS = 8
export const RESUME_RETRY_MS = 1_000

// ---- tabs of one origin that share a node ----
/** How often a tab asks the one that runs the node for a sign of life, and how long it waits until it takes its place. */
export const TAB_PING_MS = 300
export const TAB_LEADER_SILENT_MS = 1_000
/** Added at random, so that of several tabs one takes its place; and by hidden tabs, so that one that is seen does. */
export const TAB_STEAL_SPREAD_MS = 300
export const TAB_HIDDEN_DELAY_MS = 1_000
/** A tab that was not heard of for this long is told nothing more until it comes back: timers of hidden tabs run once a minute. */
export const TAB_SILENT_MS = 90_000
/** A tab that takes nothing for this long does not hold up the senders of messages that the other tabs took. */
export const TAB_PATIENCE_MS = 5_000
/** Message bytes that wait in one tab; what comes beyond it does not get to see. */
export const TAB_HELD_MAX_BYTES = 8 * 1024 * 1024
/** Tabs that share a node, and what one of them asks for at once: memory of the tab that runs it. */
export const MAX_TABS = 64
export const TAB_MAX_REQUESTS = 65_536
/** Message bytes that one tab has under way at once: the channel between tabs does not say when it is full. */
export const TAB_SENDS_MAX_BYTES = 16 * 1024 * 1024

// ---- identity backup ----
/** Memory (128 * N * r bytes) that the header of a backup may ask for. */
export const BACKUP_MAX_SCRYPT_BYTES = 256 * 1024 * 1024
/** Work (N * r * p) that the header of a backup may ask for: four times what we write ourselves. */
export const BACKUP_MAX_SCRYPT_WORK = 2 ** 22
/** Characters of a backup text that are looked at, with its frame and line breaks. */
export const BACKUP_MAX_CHARS = 4_096
