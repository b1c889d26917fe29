// `keymesh revoke`: ends the key of a data folder for good. Asks before it does, as nothing undoes it.

import type { Command } from 'commander'
import { storedKey } from '../../client/node.ts'
import { confirmed } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import type { NodeFlags } from '../options.ts'
import { addNodeOptions, nodeOptions } from '../options.ts'
import { attach, withNode } from '../with-node.ts'

const FOOTER = `
Whoever asks for a revoked key is told that it is revoked, and no server takes it any more. With
--successor they are also told which key takes its place: keymesh id --data FOLDER makes one. If the key was
stolen, revoke it without: the thief could name a successor as well, and nothing beats a revocation without one.`

interface RevokeFlags extends NodeFlags {
  readonly successor?: string
  readonly yes?: true
}

export function addRevoke(program: Command, context: CliContext): void {
  const command = program
    .command('revoke')
    .description('end your key for good, for example after a theft')
    .option('--successor <folder>', 'folder of the identity that takes its place')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', FOOTER)
  addNodeOptions(command, 'kept').action((flags: RevokeFlags) => run(context, flags))
}

async function run(context: CliContext, flags: RevokeFlags): Promise<void> {
  const { env, output, signal } = context
  const { data, successor: folder, yes = false, timeout } = flags
  const key = await storedKey(data, { create: false })
  const heir = folder === undefined ? undefined : await storedKey(folder, { create: false })
  const question = `Revoke ${key}${heir === undefined ? '' : ` in favour of ${heir}`}?`
  if (!yes && !(await confirmed(context, `${question} Nothing undoes this.`))) return
  await withNode(nodeOptions(flags, env, 'kept', signal), async node => {
    const deadline = deadlineIn(timeout)
    await attach(node, context, deadline.leftMs())
    const result = await node.revoke({
      timeoutMs: deadline.leftMs(),
      signal,
      ...(folder !== undefined && { successor: { data: folder } }),
    })
    const { servers, successor } = result
    const where = servers === 1 ? 'a server keeps' : `${servers} servers keep`
    output.result(
      { event: 'revoked', ...result },
      `Revoked ${output.style.bold(result.key)}; ${where} it and will tell everybody who asks.` +
        (successor === undefined ? '' : `\nIts successor is ${output.style.bold(successor)}.`),
    )
  })
}
