// The library's entry for Node.js. Importing it does nothing; createNode starts a node.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { lockFolder } from '../host/node/folder-lock.ts'
import { loadOrCreateSeed } from '../host/node/identity-file.ts'
import { NO_STORE, NodeHost } from '../host/node/node-host.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import { wipe } from '../shared/bytes/wipe.ts'
import { SEED_BYTES } from '../shared/identity/identity.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import type { MeshNode, NodeOptions } from './api.ts'
import { NodeClient } from './node-client.ts'
import { firewall, networkId, ownSeed, parseServers } from './options.ts'
import { abortError } from './requests.ts'

export { ERROR_HINTS, MeshError } from '../shared/node/mesh-error.ts'
export type * from './api.ts'

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
  const host = new NodeHost(NO_STORE)
  const { seed, release } = await openIdentity(options, host)
  if (options.signal?.aborted) {
    wipe(seed)
    await release()
    throw abortError(options.signal)
  }
  const core = new MeshNodeCore(
    {
      suite: nodeSuite,
      random: length => host.randomBytes(length),
      seed,
      type: 'client',
      net,
      servers,
      ...firewall(options.acceptPeer),
    },
    { now: host.now(), unixMs: host.unixMs() },
  )
  wipe(seed)
  const driver: Driver = new Driver(core, host, event => client.onEvent(event))
  const client = new NodeClient({
    publicKey: core.publicKey,
    randomBytes: length => host.randomBytes(length),
    unixMs: () => host.unixMs(),
    command: command => driver.command(command),
    dispose: async () => {
      host.dispose()
      await release()
    },
  })
  host.connect(driver)
  driver.command({ kind: 'start' })
  return client
}

/**
 * The key of a data folder, made on first use. Starts no node, and works while one uses the folder.
 * @param data default `~/.keymesh`
 * @throws {MeshError} `STORAGE`, `CORRUPT`
 */
export async function storedKey(data: string = defaultDataFolder()): Promise<string> {
  const seed = await loadOrCreateSeed(data)
  const publicKey = nodeSuite.signPublic(seed)
  wipe(seed)
  return encodeKey(publicKey)
}

interface OpenIdentity {
  readonly seed: Uint8Array
  readonly release: () => Promise<void>
}

async function openIdentity(options: NodeOptions, host: NodeHost): Promise<OpenIdentity> {
  const { identity, data } = options
  const keepsNothing = async (): Promise<void> => {}
  if (identity === 'ephemeral') return { seed: host.randomBytes(SEED_BYTES), release: keepsNothing }
  if (identity !== undefined) return { seed: ownSeed(identity), release: keepsNothing }
  const folder = data ?? defaultDataFolder()
  const seed = await loadOrCreateSeed(folder)
  try {
    return { seed, release: await lockFolder(folder) }
  } catch (error) {
    wipe(seed)
    throw error
  }
}
