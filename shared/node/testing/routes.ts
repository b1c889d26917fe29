// A node's knowledge of routes, for tests: nothing yet.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { RouteFinder } from '../routes/route-finder.ts'
import { identityOf, NET } from './records.ts'

export function routesForTests(self: KeyId = identityOf(1).keyId): RouteFinder {
  return new RouteFinder({ suite: nodeSuite, random: seededRandom(1), net: NET, self })
}
