// `keymesh send KEY TEXT`: one message; ends when the peer's node has delivered it.

import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions } from '../options.ts'
import { shortKey } from '../output.ts'
import { readMessage } from '../read-message.ts'
import { attachOrLan, withNode } from '../with-node.ts'

export function addSend(program: Command, context: CliContext): void {
  const { env, output, signal } = context
  const command = program
    .command('send')
    .description('send one message and wait for its receipt')
    .argument('<key>', 'to whom', keyArgument)
    .argument('<text>', "what; '-' reads it from stdin")
  addPeerOptions(command, 'kept').action(async (key: string, text: string, flags: NodeFlags) => {
    const data = text === '-' ? await readMessage(context.stdin, signal) : text
    await withNode(nodeOptions(flags, env, 'kept', signal), async node => {
      const deadline = deadlineIn(flags.timeout)
      await attachOrLan(node, context, deadline.leftMs(), flags)
      const startMs = performance.now()
      const { id } = await node.send(key, data, { timeoutMs: deadline.leftMs(), signal })
      const ms = Math.round(performance.now() - startMs)
      output.result(
        { event: 'delivered', to: key, id, ms },
        `${output.style.green('✓')} delivered to ${shortKey(key)} in ${ms} ms`,
      )
    })
  })
}
