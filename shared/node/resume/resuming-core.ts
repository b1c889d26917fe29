// Puts a node together whose sessions outlive its process: the core, the vault and what goes around both. For
// clients: a server's peers come back by themselves, and it holds nothing for them that is worth a store.

import type { Time } from '../../machine/machine.ts'
import type { NodeConfig } from '../config.ts'
import { MeshNodeCore } from '../core.ts'
import type { NodeMachine } from '../driver.ts'
import { ResumingNode } from './resuming-node.ts'
import { SessionVault } from './session-vault.ts'

export interface ResumingCore {
  readonly core: MeshNodeCore
  /** For the driver, in the place of the core. */
  readonly machine: NodeMachine
}

/** @throws RangeError as the core does */
export function resumingCore(
  config: Omit<NodeConfig, 'seenIds' | 'modes'>,
  time: Time,
): ResumingCore {
  const { suite, random, seed, saved = [] } = config
  const vault = new SessionVault({ suite, random, seed, saved }, time)
  const { others, modes } = vault
  const seenIds: NodeConfig['seenIds'] = peer => vault.seenIds(peer)
  const core = new MeshNodeCore({ ...config, saved: others, modes, seenIds }, time)
  return { core, machine: new ResumingNode(core, vault, time) }
}
