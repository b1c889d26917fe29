// What starting a client is in every surrounding: the core from a seed, its driver over a host, and the
// public interface on top. The entries bring the host and say what is released at the end.

import { wipe } from '../shared/bytes/wipe.ts'
import type { CryptoSuite } from '../shared/crypto/suite.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import type { Host, HostEvents, LanEvents } from '../shared/node/host.ts'
import type { LanRole } from '../shared/node/lan/lan-role.ts'
import type { Discovery } from '../shared/node/server-discovery.ts'
import type { ServerUrl } from '../shared/node/server-url.ts'
import type { MeshNode, NodeOptions } from './api.ts'
import { NodeClient } from './node-client.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { firewall } from './options.ts'
import { abortError } from './requests.ts'

/** A host that is told once where its events go, and dropped at the end. */
export interface ClientHost extends Host {
  connect(events: HostEvents): void
  dispose(): void
}

export interface OpenIdentity {
  /** Wiped here once the core has its own. */
  readonly seed: Uint8Array
  /** Gives back what keeps others from using the identity. */
  readonly release: () => Promise<void>
}

/** Finding neighbours on the local network, where a node does that. */
export interface ClientLan {
  readonly role: LanRole
  /** Begins to hear and to be heard. */
  open(events: LanEvents): Promise<void>
}

export interface ClientParts {
  readonly suite: CryptoSuite
  readonly host: ClientHost
  readonly net: Uint8Array
  readonly servers: readonly ServerUrl[]
  readonly identity: OpenIdentity
  readonly discovery: Discovery
  readonly lan?: ClientLan | undefined
  readonly loadSeed: NodeRuntime['loadSeed']
}

/** @throws {MeshError} `ABORTED`, having released everything */
export async function startNode(options: NodeOptions, parts: ClientParts): Promise<MeshNode> {
  const { suite, host, net, servers, identity, discovery, lan, loadSeed } = parts
  const { seed, release } = identity
  if (options.signal?.aborted) {
    wipe(seed)
    await release()
    throw abortError(options.signal)
  }
  const random = (length: number): Uint8Array => host.randomBytes(length)
  const core = new MeshNodeCore(
    {
      suite,
      random,
      seed,
      type: 'client',
      net,
      servers,
      ...((options.discoverServers ?? true) && { discovery }),
      ...(lan !== undefined && { lan: lan.role }),
      ...firewall(options.acceptPeer),
    },
    { now: host.now(), unixMs: host.unixMs() },
  )
  wipe(seed)
  const driver: Driver = new Driver(core, host, event => client.onEvent(event))
  const client = new NodeClient({
    publicKey: core.publicKey,
    randomBytes: random,
    unixMs: () => host.unixMs(),
    command: command => driver.command(command),
    loadSeed,
    dispose: async () => {
      host.dispose()
      await release()
    },
  })
  host.connect(driver)
  driver.command({ kind: 'start' })
  await lan?.open(driver)
  return client
}
