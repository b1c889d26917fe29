// A record that comes to a server while that reaches nobody: once it does again, everybody finds the record.

import { expect, it } from 'vitest'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

const CUT_MS = 40_000
/** Into the cut: what its table holds is still thought to be there. */
const PUBLISH_AFTER_MS = 2_000
const HEAL_MS = 30_000

it.each([0, 1, 2])('is found thirty seconds after that (seed %i)', seed => {
  const net = new RegistryNet(seed)
  net.addServers(60)
  warmStart(net.world)
  const home = net.rng.fork('home').pick(net.world.living)
  net.world.setGroups(new Map(net.world.living.map(server => [server, server === home ? 0 : 1])))
  net.world.runFor(PUBLISH_AFTER_MS)
  net.publish(home)
  net.world.runFor(CUT_MS - PUBLISH_AFTER_MS)
  net.world.setGroups(new Map())
  net.world.runFor(HEAL_MS)
  expect(net.copyCounts()[0]).toBeGreaterThanOrEqual(10)
  expect(lookUpAll(net, eachRecordFromAnywhere(net, 'after')).report().found).toBe(1)
})
