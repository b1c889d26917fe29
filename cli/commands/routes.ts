// `keymesh routes KEY`: the routes to a key as a dial would take them, best first. Opens none of them.

import type { Command } from 'commander'
import { MeshError } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions } from '../options.ts'
import { routeLines } from '../route-text.ts'
import { attachOrLan, withNode } from '../with-node.ts'

export function addRoutes(program: Command, context: CliContext): void {
  const { env, output, signal } = context
  const command = program
    .command('routes')
    .description('show the routes to a key, ranked')
    .argument('<key>', 'where they lead', keyArgument)
  addPeerOptions(command, 'ephemeral').action((key: string, flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), async node => {
      const deadline = deadlineIn(flags.timeout)
      await attachOrLan(node, context, deadline.leftMs(), flags)
      const routes = await node.routes(key, { timeoutMs: deadline.leftMs(), signal })
      if (routes.length === 0) {
        throw new MeshError('NO_PATH', 'No route to this key is known.', {
          hint: `What is missing is told by: keymesh explain ${key}`,
        })
      }
      const lines = routeLines(routes, { hasParts: false }, output.style)
      output.result({ event: 'routes', key, routes }, lines.join('\n'))
    }),
  )
}
