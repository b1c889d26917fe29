// The library's entry for browsers. Importing it does nothing; createNode starts a node.

import type { SmallStore } from '../host/browser/browser-host.ts'
import { BrowserHost } from '../host/browser/browser-host.ts'
import { hasWebRtc } from '../host/browser/has-webrtc.ts'
import { holdIdentity, withIdentityAlone } from '../host/browser/identity-lock.ts'
import { loadOrCreateSeed, loadSeed, storeSeed } from '../host/browser/identity-store.ts'
import { onLeave, onReturn } from '../host/browser/lifecycle.ts'
import { isMetered } from '../host/browser/metered.ts'
import { openStateStore } from '../host/browser/state-store.ts'
import { wipe } from '../shared/bytes/wipe.ts'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { SEED_BYTES } from '../shared/identity/identity.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import type { ClientRelaying, DirectConnecting } from '../shared/node/config.ts'
import type { resumingCore } from '../shared/node/resume/resuming-core.ts'
import type { BackupOptions, MeshNode, NodeOptions, RestoreOptions } from './api.ts'
import { loadPart } from './load-part.ts'
import type { DirectOptions } from './options.ts'
import { modeOf, networkId, ownSeed, parseServers, relayBudgetOf, webRtcOf } from './options.ts'
import type { ClientParts, OpenIdentity } from './start-node.ts'
import { startNode } from './start-node.ts'

export { ERROR_HINTS, MeshError } from '../shared/node/mesh-error.ts'
export type * from './api.ts'

const DEFAULT_DATABASE = 'keymesh'
const NO_STORE: SmallStore = { save: () => {} }

interface BrowserIdentity extends OpenIdentity {
  readonly store: SmallStore
}

/** What a node in this page is made of. */
export interface BrowserParts extends ClientParts {
  readonly host: BrowserHost
}

/**
 * Starts a node. It attaches to its servers in the background: `online()` waits for that.
 * @throws {MeshError} `USAGE`, `INVALID_KEY`, `STORAGE`, `CORRUPT`, `ABORTED`
 */
export async function createNode(options: NodeOptions = {}): Promise<MeshNode> {
  const servers =
    options.servers === undefined
      ? parseServers([location.origin], true)
      : parseServers(options.servers, options.insecure === true)
  const net = networkId(options.network, nobleSuite)
  const mode = modeOf(options.mode)
  const wished = webRtcOf(options.webrtc)
  // Together, as each may be a request: a tab that takes over from another one has all that it needs by then.
  const [relay, direct, resuming, tabs] = await Promise.all([
    relayingOf(options),
    connectingOf(wished),
    loadResuming(options),
    loadTabs(options),
  ])
  const openParts = async (isRobbed = false): Promise<BrowserParts> => {
    const identity = await openIdentity(options, isRobbed)
    const host = new BrowserHost(identity.store)
    return {
      suite: nobleSuite,
      host,
      net,
      servers,
      identity,
      // A browser takes no certificate but those of the public authorities.
      discovery: { acceptsPinnedKeys: false },
      mode,
      relay,
      direct,
      resuming,
      loadSeed,
      onLeave,
    }
  }
  const database = options.data ?? DEFAULT_DATABASE
  const node =
    tabs === undefined
      ? await startNode(options, await openParts())
      : await tabs.shareNode(options, { database, net, openParts })
  const stopListening = onReturn(() => node.nudge())
  node.addEventListener('status', ({ detail }) => {
    if (detail.state === 'closed') stopListening()
  })
  return node
}

/**
 * The kept identity as text under a passphrase, to be stored anywhere; docs/PROTOCOL.md 2.5. Works while a node
 * runs. How strong a passphrase is, is for the caller to judge.
 *
 * Blocks the thread for about 0.6 s on a desktop and for seconds on a phone, by intent: a thief pays that for
 * every guess. Needs 128 MiB meanwhile.
 * @throws {MeshError} `NOT_FOUND` when no identity is kept yet, `USAGE` for an empty passphrase, `STORAGE`,
 *   `CORRUPT`, `UNREACHABLE` when the code for it cannot be loaded
 */
export async function backupIdentity(
  passphrase: string,
  { data = DEFAULT_DATABASE }: BackupOptions = {},
): Promise<string> {
  const { sealSeed } = await loadBackup()
  return sealSeed(await loadSeed(data), passphrase, nobleSuite)
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
 *   `STORAGE`, `UNREACHABLE` when the code for it cannot be loaded
 */
export async function restoreIdentity(
  text: string,
  passphrase: string,
  { data = DEFAULT_DATABASE, replace = false }: RestoreOptions = {},
): Promise<string> {
  const { openSeed } = await loadBackup()
  const seed = await openSeed(text, passphrase, nobleSuite)
  try {
    await withIdentityAlone(data, () => storeSeed(data, seed, replace))
    return encodeKey(nobleSuite.signPublic(seed))
  } finally {
    wipe(seed)
  }
}

/** @param isRobbed whoever has the store does not answer, and loses it */
async function openIdentity(
  { identity, data }: NodeOptions,
  isRobbed: boolean,
): Promise<BrowserIdentity> {
  const keepsNothing = { store: NO_STORE, release: async (): Promise<void> => {} }
  if (identity === 'ephemeral') {
    return { seed: crypto.getRandomValues(new Uint8Array(SEED_BYTES)), ...keepsNothing }
  }
  if (identity !== undefined) return { seed: ownSeed(identity), ...keepsNothing }
  const database = data ?? DEFAULT_DATABASE
  const release = await holdIdentity(database)
  try {
    const seed = await loadOrCreateSeed(database)
    const state = await openStateStore(database, isRobbed)
    if (state === undefined) return { seed, store: NO_STORE, release }
    const closeAll = (): Promise<void> => state.close().then(release)
    return { seed, saved: state.saved, store: state, release: closeAll }
  } catch (error) {
    await release()
    throw error
  }
}

/** @throws {MeshError} `UNREACHABLE` when the code for it cannot be loaded */
async function relayingOf({ relay }: NodeOptions): Promise<ClientRelaying | undefined> {
  const bytesPerDay = relayBudgetOf(relay)
  if (bytesPerDay === undefined) return undefined
  if (relay?.onMetered !== true && isMetered(navigator)) return undefined
  const { clientRelayRole } = await loadPart(
    () => import('../shared/node/relay/client-relay-role.ts'),
  )
  return { role: clientRelayRole, bytesPerDay }
}

/** A page that cannot load the code for it does without: everything works over servers. */
async function connectingOf(
  wished: DirectOptions | undefined,
): Promise<DirectConnecting | undefined> {
  if (wished === undefined || !hasWebRtc()) return undefined
  try {
    const { directRole } = await import('../shared/node/direct/direct-role.ts')
    return { ...wished, role: directRole }
  } catch {
    return undefined
  }
}

/** Where it cannot be loaded sessions end with the page, and all else works. */
async function loadResuming({ identity }: NodeOptions): Promise<typeof resumingCore | undefined> {
  if (identity !== undefined) return undefined
  try {
    return (await import('../shared/node/resume/resuming-core.ts')).resumingCore
  } catch {
    return undefined
  }
}

/** @returns `undefined` where there is nothing to share, or no means to */
async function loadTabs({
  tabs,
  identity,
}: NodeOptions): Promise<typeof import('./tabs/browser-tabs.ts') | undefined> {
  if (tabs === false || identity !== undefined) return undefined
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return undefined
  return import('./tabs/browser-tabs.ts').catch(() => undefined)
}

function loadBackup(): Promise<typeof import('./identity-backup.ts')> {
  return loadPart(() => import('./identity-backup.ts'))
}
