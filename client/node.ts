// The library's entry for Node.js. Importing it does nothing; createNode starts a node.

import { homedir } from 'node:os'
import { join } from 'node:path'
import type { OpenedStore } from '../host/node/file-store.ts'
import { openFileStore } from '../host/node/file-store.ts'
import { lockFolder } from '../host/node/folder-lock.ts'
import { loadOrCreateSeed, loadSeed, makeFolder, storeSeed } from '../host/node/identity-file.ts'
import { LanHost } from '../host/node/lan-host.ts'
import type { SmallStore } from '../host/node/node-host.ts'
import { NO_STORE, NodeHost } from '../host/node/node-host.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import { pooledRandomBytes } from '../host/node/random-pool.ts'
import { wipe } from '../shared/bytes/wipe.ts'
import { SEED_BYTES } from '../shared/identity/identity.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import { directRole } from '../shared/node/direct/direct-role.ts'
import { lanRole } from '../shared/node/lan/lan-role.ts'
import { clientRelayRole } from '../shared/node/relay/client-relay-role.ts'
import { resumingCore } from '../shared/node/resume/resuming-core.ts'
import type { BackupOptions, MeshNode, NodeOptions, RestoreOptions } from './api.ts'
import { loadPart } from './load-part.ts'
import { modeOf, networkId, ownSeed, parseServers, relayBudgetOf, webRtcOf } from './options.ts'
import type { ClientLan, OpenIdentity } from './start-node.ts'
import { startNode } from './start-node.ts'

export { ERROR_HINTS, MeshError } from '../shared/node/mesh-error.ts'
export type * from './api.ts'

/** In the data folder, beside the identity. */
const STATE_FILE = 'state'

interface NodeIdentity extends OpenIdentity {
  readonly store: SmallStore
}

/** Where a client keeps its identity unless told otherwise. */
export function defaultDataFolder(): string {
  return join(homedir(), '.keymesh')
}

/**
 * Starts a node. It attaches to its servers in the background: `online()` waits for that.
 * @throws {MeshError} `USAGE`, `INVALID_KEY`, `STORAGE`, `CORRUPT`, `IN_USE`, `ABORTED`
 */
export async function createNode(options: NodeOptions = {}): Promise<MeshNode> {
  const servers = parseServers(options.servers ?? [], options.insecure === true)
  const net = networkId(options.network, nodeSuite)
  const mode = modeOf(options.mode)
  const bytesPerDay = relayBudgetOf(options.relay)
  const wished = webRtcOf(options.webrtc)
  const identity = await openIdentity(options)
  let node: MeshNode | undefined
  const HostOf = options.lan === true ? LanHost : NodeHost
  const host = new HostOf(identity.store, { onNetworkChange: () => node?.nudge() })
  // Only pages have a number of connections that they can make.
  const maxCreated = Number.POSITIVE_INFINITY
  const direct = host.rtc && wished && { ...wished, role: directRole, maxCreated }
  const discovery = { acceptsPinnedKeys: true }
  const lan = host instanceof LanHost ? lanOf(host) : undefined
  const relay = bytesPerDay === undefined ? undefined : { role: clientRelayRole, bytesPerDay }
  const found = { discovery, lan, mode, relay, direct, resuming: resumingCore }
  const parts = { suite: nodeSuite, host, net, servers, identity, ...found, loadSeed }
  node = await startNode(options, parts)
  return node
}

/**
 * The key of a data folder, made on first use. Starts no node, and works while one uses the folder.
 * @param data default `~/.keymesh`
 * @param options `create: false` to make nothing
 * @throws {MeshError} `STORAGE`, `CORRUPT`, `NOT_FOUND` when there is none and none is to be made
 */
export async function storedKey(
  data: string = defaultDataFolder(),
  { create = true }: { readonly create?: boolean } = {},
): Promise<string> {
  const seed = await (create ? loadOrCreateSeed(data) : loadSeed(data))
  const publicKey = nodeSuite.signPublic(seed)
  wipe(seed)
  return encodeKey(publicKey)
}

/**
 * The kept identity as text under a passphrase, to be stored anywhere; docs/PROTOCOL.md 2.5. Works while a node
 * runs. How strong a passphrase is, is for the caller to judge.
 *
 * Blocks the thread for about 0.6 s on a desktop and for seconds on a phone, by intent: a thief pays that for
 * every guess. Needs 128 MiB meanwhile.
 * @throws {MeshError} `NOT_FOUND` when no identity is kept yet, `USAGE` for an empty passphrase, `STORAGE`,
 *   `CORRUPT`
 */
export async function backupIdentity(
  passphrase: string,
  { data = defaultDataFolder() }: BackupOptions = {},
): Promise<string> {
  const { sealSeed } = await loadBackup()
  return sealSeed(await loadSeed(data), passphrase, nodeSuite)
}

/**
 * Keeps the identity of a backup, for nodes to come; no node may run on it meanwhile. What was kept before stays
 * as it is unless this succeeds. An identity belongs in one place: restored in two, each pushes the other out.
 *
 * Blocks the thread as `backupIdentity` does.
 * @param text what `backupIdentity` gave; anything around it and changed line breaks do no harm
 * @returns the key
 * @throws {MeshError} `UNAUTHENTICATED` for a wrong passphrase, `CORRUPT` for a damaged text (or, without
 *   `replace`, when what is kept is damaged), `INCOMPATIBLE` for a text of a newer version, `USAGE` for an
 *   empty passphrase or when another identity is kept and `replace` is not set, `IN_USE` while a node runs,
 *   `STORAGE`
 */
export async function restoreIdentity(
  text: string,
  passphrase: string,
  { data = defaultDataFolder(), replace = false }: RestoreOptions = {},
): Promise<string> {
  const { openSeed } = await loadBackup()
  const seed = await openSeed(text, passphrase, nodeSuite)
  try {
    await makeFolder(data)
    const release = await lockFolder(data)
    await storeSeed(data, seed, replace).finally(release)
    return encodeKey(nodeSuite.signPublic(seed))
  } finally {
    wipe(seed)
  }
}

function lanOf(host: LanHost): ClientLan {
  return {
    role: lanRole,
    open: async events => {
      const port = await host.openLan({
        heard: datagram => events.beaconHeard(datagram),
        networkChanged: () => events.lanChanged(),
      })
      events.lanOpened(port)
    },
  }
}

async function openIdentity({ identity, data }: NodeOptions): Promise<NodeIdentity> {
  const keepsNothing = { store: NO_STORE, release: async (): Promise<void> => {} }
  if (identity === 'ephemeral') return { seed: pooledRandomBytes(SEED_BYTES), ...keepsNothing }
  if (identity !== undefined) return { seed: ownSeed(identity), ...keepsNothing }
  const folder = data ?? defaultDataFolder()
  // Locked before it is read: what a node runs under cannot be replaced.
  await makeFolder(folder)
  const release = await lockFolder(folder)
  try {
    const seed = await loadOrCreateSeed(folder)
    const state = await openState(folder)
    if (state === undefined) return { seed, store: NO_STORE, release }
    const { store, saved } = state
    return { seed, saved, store, release: () => store.close().then(release) }
  } catch (error) {
    await release()
    throw error
  }
}

/** Without a disk that takes it nothing outlives this life, and all else works. */
function openState(folder: string): Promise<OpenedStore | undefined> {
  return openFileStore(join(folder, STATE_FILE), { onChange: () => {} }).catch(() => undefined)
}

function loadBackup(): Promise<typeof import('./identity-backup.ts')> {
  return loadPart(() => import('./identity-backup.ts'))
}
