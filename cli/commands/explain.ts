// `keymesh explain KEY`: tries to reach a key, and tells all there is to tell of how that went: for when a friend
// cannot be reached.

import type { Command } from 'commander'
import { adviceOf } from '../../client/advice.ts'
import type { MeshNode } from '../../client/node.ts'
import { MeshError } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import { explanationText } from '../explanation-text.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions } from '../options.ts'
import { shortKey } from '../output.ts'
import { attachOrLan, withNode } from '../with-node.ts'

const FOOTER = `
It dials the key first, so that what fails is seen. Ends with the exit code of that.`

export function addExplain(program: Command, context: CliContext): void {
  const { env, signal } = context
  const command = program
    .command('explain')
    .description('tell how a key is reached, or why it is not')
    .argument('<key>', 'whom to reach', keyArgument)
    .addHelpText('after', FOOTER)
  addPeerOptions(command, 'ephemeral').action((key: string, flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), node =>
      explain(node, key, flags, context),
    ),
  )
}

async function explain(
  node: MeshNode,
  key: string,
  flags: NodeFlags,
  context: CliContext,
): Promise<void> {
  const { output, signal } = context
  output.remark({ event: 'dialing', key }, `Trying to reach ${shortKey(key)}.`)
  const failure = await failureToReach(node, key, flags, context)
  const explanation = await node.explain(key, { timeoutMs: flags.timeout, signal })
  const advice = adviceOf(explanation, failure)
  const text = explanationText(explanation, Date.now(), output.style)
  const isReached = advice.kind === 'reached'
  output.result(
    { event: 'explained', ...explanation, advice },
    isReached ? `${text}\n\n${output.style.green('✓')} ${advice.sentence}` : text,
  )
  if (failure === undefined || isReached) return
  const { sentence, hint } = advice
  throw new MeshError(failure.code, sentence, hint === undefined ? {} : { hint })
}

/** @throws {MeshError} `ABORTED` */
async function failureToReach(
  node: MeshNode,
  key: string,
  flags: NodeFlags,
  context: CliContext,
): Promise<MeshError | undefined> {
  const { signal } = context
  const deadline = deadlineIn(flags.timeout)
  try {
    await attachOrLan(node, context, deadline.leftMs(), flags)
    const peer = await node.dial(key, { timeoutMs: deadline.leftMs(), signal })
    // So that the round trip is told, too.
    await peer.ping({ timeoutMs: deadline.leftMs(), signal })
    return undefined
  } catch (error) {
    if (!(error instanceof MeshError) || signal.aborted) throw error
    return error
  }
}
