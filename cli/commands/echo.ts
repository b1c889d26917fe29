// `keymesh echo`: answers every message with the same data, until it is stopped.

import type { Command } from 'commander'
import type { MeshNode, Message, NodeStatus } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { toCliError } from '../errors.ts'
import { untilAborted } from '../interrupt.ts'
import { messageEvent } from '../message-text.ts'
import type { NodeFlags } from '../options.ts'
import { addNodeOptions, nodeOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { shortKey } from '../output.ts'
import { addRelayOption, tellRelaying } from '../relay-option.ts'
import { attachOrLan, withNode } from '../with-node.ts'

/** Answers on their way; with more, messages wait, and their senders with them. */
const MAX_ANSWERS = 256

export function addEcho(program: Command, context: CliContext): void {
  const { env, output, signal } = context
  const command = program.command('echo').description('answer every message with the same message')
  addRelayOption(addNodeOptions(command, 'kept')).action((flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'kept', signal), async node => {
      await attachOrLan(node, context, flags.timeout, flags)
      output.result(
        { event: 'ready', key: node.key },
        `Answering as ${output.style.bold(node.key)}`,
      )
      tellRelaying(flags, output)
      reportStatus(node, output)
      await Promise.race([answerAll(node, context), untilAborted(signal)])
    }),
  )
}

async function answerAll(node: MeshNode, context: CliContext): Promise<void> {
  const answers = new Set<Promise<void>>()
  for await (const message of node.messages()) {
    const answer = answerOne(message, context).finally(() => answers.delete(answer))
    answers.add(answer)
    if (answers.size >= MAX_ANSWERS) await Promise.race(answers)
  }
}

async function answerOne(message: Message, { output, signal }: CliContext): Promise<void> {
  const { id, from, data } = message
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
  output.result(messageEvent(message), `${shortKey(from)}: ${bytes} bytes`)
  try {
    await message.reply(data)
  } catch (error) {
    if (signal.aborted) return
    const { code, message: sentence } = toCliError(error)
    output.remark(
      { event: 'failed', from, id, code, message: sentence },
      `the answer to ${shortKey(from)} was not delivered: ${sentence} (${code})`,
    )
  }
}

/** Says when the last server is lost, and when one is back. */
function reportStatus(node: MeshNode, output: Output): void {
  let before: NodeStatus['state'] = 'online'
  node.addEventListener('status', ({ detail: { state, servers } }) => {
    if (state === before || (state !== 'online' && before === 'offline')) return
    if (state === 'closed') return
    before = state === 'online' ? 'online' : 'offline'
    const reason = servers.find(({ error }) => error !== undefined)?.error?.message
    output.remark(
      { event: 'status', state: before },
      before === 'online' ? 'online again' : `offline: ${reason ?? 'no server is attached.'}`,
    )
  })
}
