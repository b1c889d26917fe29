// As many identities as a test wants, each the same in every run.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Identity } from '../identity.ts'
import { createIdentity } from '../identity.ts'

/** @param number 0 to 2^32 - 1 */
export function identityOf(number: number): Identity {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, number)
  return createIdentity(nodeSuite, seed)
}
