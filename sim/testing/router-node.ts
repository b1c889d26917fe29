// A node of a world that runs a RouterProgram and listens at an address of its own.

import { nodeSuite } from '../../host/node/node-suite.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { RouterConfig } from '../../shared/routing/router-messages.ts'
import type { SimNode } from '../sim-node.ts'
import type { World } from '../world.ts'
import type { RouterApplication } from './router-program.ts'
import { RouterProgram } from './router-program.ts'

export interface RouterNode {
  readonly node: SimNode
  readonly url: ServerUrl
  readonly program: RouterProgram
}

/** @param name also its host name */
export function addRouter(
  world: World,
  name: string,
  application: RouterApplication,
  config: Partial<RouterConfig> = {},
): RouterNode {
  const url: ServerUrl = { scheme: 'ws', host: `${name}.test`, port: 80 }
  const origins = [originOf(url)]
  const node = world.addNode(name, { listen: { origins, addressClass: 'public' } })
  let program: RouterProgram | undefined
  node.boot(host => {
    program = new RouterProgram(host, nodeSuite, application, config)
    return program
  })
  if (program === undefined) throw new Error('The program did not boot.')
  return { node, url, program }
}

/** @throws Error when not each of them has that many links in time */
export function awaitLinks(
  world: World,
  routers: readonly (readonly [RouterNode, number])[],
): void {
  const isLinked = () => routers.every(([{ program }, links]) => program.linkCount >= links)
  if (!world.runUntil(isLinked, 10_000)) throw new Error('The routers did not link up.')
}
