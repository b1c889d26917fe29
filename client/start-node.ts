// What starting a client is in every surrounding: the core from a seed, its driver over a host, and the
// public interface on top. The entries bring the host and say what is released at the end.

import { wipe } from '../shared/bytes/wipe.ts'
import type { CryptoSuite } from '../shared/crypto/suite.ts'
import type { Time } from '../shared/machine/machine.ts'
import type { ServerUrl } from '../shared/node/address/server-url.ts'
import type { ClientRelaying, DirectConnecting, NodeConfig } from '../shared/node/config.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import type { NodeMachine } from '../shared/node/driver.ts'
import { Driver } from '../shared/node/driver.ts'
import type { NodeEffect, NodeEvent } from '../shared/node/effects.ts'
import type { Discovery } from '../shared/node/homes/server-discovery.ts'
import type { Host, HostEvents, LanEvents } from '../shared/node/host.ts'
import type { Command } from '../shared/node/inputs.ts'
import type { LanRole } from '../shared/node/lan/lan-role.ts'
import type { ResumingCore, resumingCore } from '../shared/node/resume/resuming-core.ts'
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
  /** What earlier lives kept, where there is a store: then sessions outlive this one, too. */
  readonly saved?: ReadonlyMap<string, Uint8Array>
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
  readonly mode: Pick<NodeOptions, 'mode'>
  /** Where it connects to others by WebRTC. */
  readonly direct?: DirectConnecting | undefined
  /** Where it relays for others. */
  readonly relay?: ClientRelaying | undefined
  /** Where sessions outlive the node, if its identity has a store. */
  readonly resuming?: typeof resumingCore | undefined
  readonly loadSeed: NodeRuntime['loadSeed']
  /** Calls back when the process or page may be about to end. @returns stops that */
  readonly onLeave?: (callback: () => void) => () => void
}

/** A node without the public interface on top. */
export interface RunningCore {
  readonly publicKey: Uint8Array
  command(command: Command): void
  /** Events may come from here on. */
  start(): Promise<void>
  /** Drops everything that it has of its surroundings, without a word to anybody: `shutdown` says goodbye. */
  dispose(): Promise<void>
}

/** @throws {MeshError} `ABORTED`, having released everything */
export async function startNode(options: NodeOptions, parts: ClientParts): Promise<MeshNode> {
  const core = await openCore(options, parts, event => client.onEvent(event))
  const client: NodeClient = new NodeClient({
    publicKey: core.publicKey,
    randomBytes: length => parts.host.randomBytes(length),
    unixMs: () => parts.host.unixMs(),
    command: command => core.command(command),
    loadSeed: parts.loadSeed,
    dispose: () => core.dispose(),
  })
  await core.start()
  return client
}

/** @throws {MeshError} `ABORTED`, having released everything */
export async function openCore(
  options: NodeOptions,
  parts: ClientParts,
  onEvent: (event: NodeEvent) => void,
): Promise<RunningCore> {
  const { suite, host, net, servers, identity, discovery, lan, mode, relay, direct } = parts
  const { seed, saved, release } = identity
  if (options.signal?.aborted) {
    wipe(seed)
    await release()
    throw abortError(options.signal)
  }
  const makeCore = (saved && parts.resuming) ?? plainCore
  const { core, machine } = makeCore(
    {
      suite,
      random: length => host.randomBytes(length),
      seed,
      type: 'client',
      net,
      servers,
      ...((options.discoverServers ?? true) && { discovery }),
      ...(lan !== undefined && { lan: lan.role }),
      ...mode,
      ...(relay !== undefined && { clientRelay: relay }),
      ...(direct !== undefined && { direct }),
      ...firewall(options.acceptPeer),
      ...(saved !== undefined && { saved }),
    },
    { now: host.now(), unixMs: host.unixMs() },
  )
  wipe(seed)
  const driver = new Driver(machine, host, onEvent)
  host.connect(driver)
  const stopListening = parts.onLeave?.(() => driver.command({ kind: 'suspend' }))
  return {
    publicKey: core.publicKey,
    command: command => driver.command(command),
    async start() {
      driver.command({ kind: 'start' })
      await lan?.open(driver)
    },
    async dispose() {
      stopListening?.()
      host.dispose()
      await release()
    },
  }
}

/** Nothing seals here, so nothing is kept. */
function plainCore(config: NodeConfig, time: Time): ResumingCore {
  const core = new MeshNodeCore(config, time)
  const poll = (): NodeEffect | undefined => {
    let effect = core.poll()
    while (effect?.kind === 'save') effect = core.poll()
    return effect
  }
  const machine: NodeMachine = {
    newIncomingLink: () => core.newIncomingLink(),
    handle: (at, input) => core.handle(at, input),
    nextTimeout: () => core.nextTimeout(),
    poll,
  }
  return { core, machine }
}
