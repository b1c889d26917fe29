// A node that the tabs of one origin share, in a browser: gives the shared node its surroundings, and each tab the public
// interface on top. Loaded where tabs may share a node, and by nothing else.

import type { BrowserHost } from '../../host/browser/browser-host.ts'
import { holdIdentity } from '../../host/browser/identity-lock.ts'
import { loadOrCreateSeed, loadSeed } from '../../host/browser/identity-store.ts'
import { onFreeze, onThaw } from '../../host/browser/lifecycle.ts'
import { toHex } from '../../shared/bytes/hex.ts'
import { wipe } from '../../shared/bytes/wipe.ts'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { MeshNode, NodeOptions } from '../api.ts'
import { NodeClient } from '../node-client.ts'
import { onAbort } from '../on-abort.ts'
import { abortError } from '../requests.ts'
import type { ClientParts } from '../start-node.ts'
import { openCore } from '../start-node.ts'
import { showLife } from './election.ts'
import { SharedNode } from './shared-node.ts'
import type { TabChannel } from './tab-messages.ts'
import { groupName, lifeName, newTabId } from './tab-messages.ts'
import type { TabCore, TabSurroundings } from './tab-surroundings.ts'

export interface Sharing {
  readonly database: string
  /** Network id: nodes of different networks are never one. */
  readonly net: Uint8Array
  /** What the node is made of, in the tab that runs it. @param isRobbed as for SharedNodeDeps */
  readonly openParts: (isRobbed: boolean) => Promise<ClientParts & { readonly host: BrowserHost }>
}

/** @throws {MeshError} as `createNode` */
export async function shareNode(options: NodeOptions, sharing: Sharing): Promise<MeshNode> {
  const { database, net, openParts } = sharing
  const { signal } = options
  if (signal?.aborted) throw abortError(signal)
  const releaseIdentity = await holdIdentity(database)
  try {
    const publicKey = await ownKey(database)
    const group = groupName(`${database}/${toHex(net)}`)
    const surroundings = surroundingsOfPage()
    const tab = newTabId(randomBytes)
    const endLife = await showLife(surroundings.locks, lifeName(group, tab))
    const shared = new SharedNode(tab, {
      surroundings,
      group,
      mode: options.mode,
      onEvent: event => client.onEvent(event),
      openCore: async (onEvent, isRobbed) => coreOf(options, await openParts(isRobbed), onEvent),
    })
    const dispose = async (): Promise<void> => {
      await shared.dispose()
      endLife()
      await releaseIdentity()
    }
    const client: NodeClient = new NodeClient({
      publicKey,
      randomBytes,
      unixMs: surroundings.unixMs,
      command: command => shared.command(command),
      loadSeed,
      dispose,
    })
    await started(shared, signal).catch(async error => {
      await dispose()
      throw error
    })
    return client
  } catch (error) {
    await releaseIdentity()
    throw error
  }
}

function surroundingsOfPage(): TabSurroundings {
  return {
    locks: navigator.locks,
    openChannel,
    now: () => performance.now(),
    unixMs: () => Date.now(),
    random: () => Math.random(),
    every: (ms, callback) => {
      const timer = setInterval(callback, ms)
      return () => clearInterval(timer)
    },
    isHidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
    onFreeze,
    onThaw,
  }
}

function openChannel(name: string, onMessage: (message: unknown) => void): TabChannel {
  const channel = new BroadcastChannel(name)
  channel.onmessage = event => onMessage(event.data)
  return { post: message => channel.postMessage(message), close: () => channel.close() }
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

async function ownKey(database: string): Promise<Uint8Array> {
  const seed = await loadOrCreateSeed(database)
  const publicKey = nobleSuite.signPublic(seed)
  wipe(seed)
  return publicKey
}

/** @throws {MeshError} `ABORTED`, and what the start of a node throws */
function started(shared: SharedNode, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return shared.start()
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(abortError(signal)))
    shared.start().then(resolve, reject).finally(stopListening)
  })
}

async function coreOf(
  options: NodeOptions,
  parts: ClientParts & { readonly host: BrowserHost },
  onEvent: (event: NodeEvent) => void,
): Promise<TabCore> {
  const { signal: _, ...lasting } = options
  const core = await openCore(lasting, parts, onEvent)
  return {
    command: core.command,
    start: () => void core.start(),
    catchUp: () => parts.host.catchUp(),
    dispose: core.dispose,
  }
}
