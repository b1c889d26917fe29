// A server node: the core as `server` on a Node host, its records on disk, and the door in front. The
// command line and `npm run server` both start it through startServer.

import { join } from 'node:path'
import { openFileStore } from '../host/node/file-store.ts'
import { lockFolder } from '../host/node/folder-lock.ts'
import { loadOrCreateSeed, makeFolder } from '../host/node/identity-file.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import { wipe } from '../shared/bytes/wipe.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import { lanRole } from '../shared/node/lan/lan-role.ts'
import { serverRole } from '../shared/node/server/server-role.ts'
import { Admission } from './admission.ts'
import type { ServerConfig, ServerOptions } from './config.ts'
import { completeOptions } from './config.ts'
import type { Log } from './log.ts'
import { createLog } from './log.ts'
import type { RunningServer } from './running-server.ts'
import { ServerRun } from './running-server.ts'
import { ServerHost } from './server-host.ts'
import type { ServerTls } from './tls.ts'
import { loadTlsFiles, ownTls } from './tls.ts'

export type { NetworkView } from '../shared/node/server/joining.ts'
export type { ServerOptions } from './config.ts'
export type { DialedFrom } from './dialed-from.ts'
export { networkText } from './network-text.ts'
export type { RunningServer, ServerStats } from './running-server.ts'

const STORE_FILE = 'records'

/**
 * Starts a server node; it runs until `close`.
 * @throws {MeshError} `USAGE`, `INVALID_KEY`, `IN_USE` (port or folder), `STORAGE`, `CORRUPT`
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const config = completeOptions(options)
  const log = createLog(config.logLevel, config.log)
  const given = config.tlsFiles && (await loadTlsFiles(config.tlsFiles))
  // Locked before it is read: what a node runs under cannot be replaced.
  await makeFolder(config.data)
  const unlock = await lockFolder(config.data)
  try {
    const seed = await loadOrCreateSeed(config.data)
    return await startLocked(config, log, given, seed, unlock).finally(() => wipe(seed))
  } catch (error) {
    await unlock()
    throw error
  }
}

async function startLocked(
  config: ServerConfig,
  log: Log,
  givenTls: ServerTls | undefined,
  seed: Uint8Array,
  unlock: () => Promise<void>,
): Promise<RunningServer> {
  const tls = givenTls ?? (await ownTls(config.data, Date.now(), log))
  let run: ServerRun | undefined
  const { store, saved, quarantine } = await openFileStore(join(config.data, STORE_FILE), {
    onChange: isWorking => run?.storageChanged(isWorking),
  })
  if (quarantine !== undefined) {
    log.warn('the stored records were damaged: moved aside, starting without them')
  }
  const admission = new Admission(config.limits, config.perAddressLimits, Math.random)
  const host: ServerHost = new ServerHost(
    store,
    address => admission.loginFailed(host.now(), address),
    log,
    { allowPrivateAddresses: config.lab },
  )
  try {
    const core = createCore(config, seed, saved, host)
    run = new ServerRun({ config, tls, core, host, admission, store, unlock, log })
    await run.start()
    return run
  } catch (error) {
    host.dispose()
    await store.close()
    throw error
  }
}

function createCore(
  config: ServerConfig,
  seed: Uint8Array,
  saved: ReadonlyMap<string, Uint8Array>,
  host: ServerHost,
): MeshNodeCore {
  const { net, relay, join } = config
  return new MeshNodeCore(
    {
      suite: nodeSuite,
      random: length => host.randomBytes(length),
      seed,
      type: 'server',
      serverRole,
      net,
      servers: [],
      join,
      allowsPlainDials: config.lab || config.insecure,
      ...(config.lan && config.isExposed && { lan: lanRole }),
      relay,
      stunPort: () => host.stun?.port,
      saved,
    },
    { now: host.now(), unixMs: host.unixMs() },
  )
}
