// `keymesh routes KEY`: the routes to a key as a dial would take them. Opens none of them.

import type { Command } from 'commander'
import { adviceOf } from '../../client/advice.ts'
import type { MeshNode } from '../../client/node.ts'
import { MeshError } from '../../client/node.ts'
import { commandText, nodeWords } from '../command-text.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import { namesIn } from '../node-names.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions } from '../options.ts'
import { presenceNow } from '../presence-now.ts'
import { orderText, routeLines } from '../route-text.ts'
import { attachOrLan, withNode } from '../with-node.ts'

const OFFLINE_NOTE =
  'The key is offline, as its servers say; these are the ways to where it was.\n\n'

export function addRoutes(program: Command, context: CliContext): void {
  const { env, signal } = context
  const command = program
    .command('routes')
    .description('show the routes to a key, ranked')
    .argument('<key>', 'where they lead', keyArgument)
  addPeerOptions(command, 'ephemeral').action((key: string, flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), node =>
      tellRoutes(node, key, flags, context),
    ),
  )
}

async function tellRoutes(
  node: MeshNode,
  key: string,
  flags: NodeFlags,
  context: CliContext,
): Promise<void> {
  const { env, output, signal } = context
  const deadline = deadlineIn(flags.timeout)
  await attachOrLan(node, context, deadline.leftMs(), flags)
  const limits = () => ({ timeoutMs: deadline.leftMs(), signal })
  const routes = await node.routes(key, limits())
  const explanation = await node.explain(key, limits())
  if (routes.length === 0) {
    const { type, homes } = explanation
    const { sentence, hint = '' } = adviceOf(explanation)
    const isNowhere = type === 'client' && homes.length === 0
    const more = commandText(env, ['explain', key, ...nodeWords(flags)])
    throw new MeshError(isNowhere ? 'OFFLINE' : 'NO_PATH', sentence, {
      hint: `${hint} More is told by: ${more}`.trimStart(),
    })
  }
  const state = await presenceNow(node, key, signal)
  const names = await namesIn({ ...explanation, routes }, one => node.lookup(one, limits()))
  const lines = routeLines(routes, { names, hasParts: false }, output.style)
  const note = state === 'offline' ? OFFLINE_NOTE : ''
  output.result(
    { event: 'routes', key, state, routes },
    `${note}Routes, ${orderText(routes)}:\n${lines.join('\n')}`,
  )
}
