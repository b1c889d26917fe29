// A client whose core a test plays: what the client commands is kept for the test to look at, and the test tells it events.
// A core that is told to shut down has stopped.

import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import type { Identity } from '../../shared/identity/identity.ts'
import { createIdentity } from '../../shared/identity/identity.ts'
import type { Command } from '../../shared/node/inputs.ts'
import { NodeClient } from '../node-client.ts'
import type { NodeRuntime } from '../node-runtime.ts'

/** The client's own. */
export const me = identityOf(1)
export const ann = identityOf(2)
export const bob = identityOf(3)

export interface PlayedCore {
  readonly client: NodeClient
  /** Oldest first. */
  readonly commands: readonly Command[]
}

/** The clock stands still at `unixMs`. */
export function playCore(unixMs: number, changes: Partial<NodeRuntime> = {}): PlayedCore {
  const commands: Command[] = []
  const client: NodeClient = new NodeClient({
    publicKey: me.publicKey,
    randomBytes: length => new Uint8Array(length),
    unixMs: () => unixMs,
    command: command => {
      commands.push(command)
      if (command.kind === 'shutdown') client.onEvent({ kind: 'stopped' })
    },
    loadSeed: async () => new Uint8Array(32),
    dispose: async () => {},
    ...changes,
  })
  return { client, commands }
}

function identityOf(seed: number): Identity {
  return createIdentity(nobleSuite, new Uint8Array(32).fill(seed))
}
