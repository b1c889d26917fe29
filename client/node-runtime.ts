// What an entry gives the client: a running driver, the identities that are kept, and how to end it all.

import type { RandomBytes } from '../shared/machine/machine.ts'
import type { Command } from '../shared/node/inputs.ts'

export interface NodeRuntime {
  readonly publicKey: Uint8Array
  readonly randomBytes: RandomBytes
  unixMs(): number
  command(command: Command): void
  /** The seed of another identity that is kept; for the caller to wipe. @throws {MeshError} `NOT_FOUND`, `CORRUPT`, `STORAGE` */
  loadSeed(data: string): Promise<Uint8Array>
  /** Releases storage and locks, after the core has stopped. */
  dispose(): Promise<void>
}
