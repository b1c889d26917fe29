// The library's entry for browsers. Importing it does nothing; createNode starts a node.

import { BrowserHost } from '../host/browser/browser-host.ts'
import { loadOrCreateSeed } from '../host/browser/identity-store.ts'
import { onReturn } from '../host/browser/lifecycle.ts'
import { wipe } from '../shared/bytes/wipe.ts'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { SEED_BYTES } from '../shared/identity/identity.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import type { MeshNode, NodeOptions } from './api.ts'
import { NodeClient } from './node-client.ts'
import { firewall, networkId, ownSeed, parseServers } from './options.ts'
import { abortError } from './requests.ts'

export { ERROR_HINTS, MeshError } from '../shared/node/mesh-error.ts'
export type * from './api.ts'

const DEFAULT_DATABASE = 'keymesh'

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
  const seed = await seedFor(options)
  if (options.signal?.aborted) throw abortError(options.signal)
  const host = new BrowserHost({ save: () => {} })
  const core = new MeshNodeCore(
    {
      suite: nobleSuite,
      random: host.randomBytes,
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
  const stopListening = onReturn(() => client.nudge())
  const client = new NodeClient({
    publicKey: core.publicKey,
    randomBytes: host.randomBytes,
    unixMs: () => host.unixMs(),
    command: command => driver.command(command),
    dispose: async () => {
      stopListening()
      host.dispose()
    },
  })
  host.connect(driver)
  driver.command({ kind: 'start' })
  return client
}

function seedFor({ identity, data }: NodeOptions): Promise<Uint8Array> | Uint8Array {
  if (identity === 'ephemeral') return crypto.getRandomValues(new Uint8Array(SEED_BYTES))
  if (identity !== undefined) return ownSeed(identity)
  return loadOrCreateSeed(data ?? DEFAULT_DATABASE)
}
