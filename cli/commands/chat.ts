// `keymesh chat KEY`: a conversation by lines, on a terminal or through a pipe.

import type { Command } from 'commander'
import type { ErrorCode, MeshNode } from '../../client/node.ts'
import { Chat } from '../chat.ts'
import { openChatScreen } from '../chat-screen.ts'
import { commandText, networkWords } from '../command-text.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import type { CliErrorCode } from '../errors.ts'
import { toCliError } from '../errors.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions } from '../options.ts'
import { shortKey } from '../output.ts'
import { addRelayOption, tellRelaying } from '../relay-option.ts'
import { attachOrLan, withNode } from '../with-node.ts'

/** A peer that is not there yet may dial us; the chat waits for it. */
const NOT_YET: readonly ErrorCode[] = ['NOT_FOUND', 'OFFLINE']

export function addChat(program: Command, context: CliContext): void {
  const { env, signal } = context
  const command = program
    .command('chat')
    .description('talk to a key, line by line; Ctrl-D ends')
    .argument('<key>', 'with whom', keyArgument)
  addRelayOption(addPeerOptions(command, 'kept')).action((key: string, flags: NodeFlags) => {
    const options = nodeOptions(flags, env, 'kept', signal)
    const acceptPeer = (caller: string): boolean => caller === key
    return withNode({ ...options, acceptPeer }, node => talk(node, key, flags, context))
  })
}

async function talk(
  node: MeshNode,
  key: string,
  flags: NodeFlags,
  context: CliContext,
): Promise<void> {
  const { env, output, signal } = context
  const { timeout: timeoutMs } = flags
  const deadline = deadlineIn(timeoutMs)
  await attachOrLan(node, context, deadline.leftMs(), flags)
  output.remark({ event: 'ready', key: node.key, peer: key }, `You are ${node.key}.`)
  tellRelaying(flags, output)
  const chat = new Chat(node, key, output, { timeoutMs, signal })
  try {
    await chat.dial(deadline.leftMs())
  } catch (error) {
    const { code, message } = toCliError(error)
    if (!isNotYet(code)) throw error
    const words = ['chat', node.key, ...networkWords(flags, env)]
    output.remark(
      { event: 'waiting', code, message },
      `${message} It can join with: ${commandText(env, words)}`,
    )
  }
  await converse(chat, key, context)
}

async function converse(chat: Chat, key: string, context: CliContext): Promise<void> {
  const screen = openChatScreen(context)
  try {
    if (screen.isInteractive) {
      context.output.remark(
        { event: 'prompt' },
        `Type a line to send it to ${shortKey(key)}; Ctrl-D ends.`,
      )
    }
    await chat.sendAll(screen.lines)
  } finally {
    screen.close()
  }
  // At a prompt the user has read of it; a script asks for the exit code.
  if (!screen.isInteractive && chat.failure !== undefined) throw chat.failure
}

function isNotYet(code: CliErrorCode): boolean {
  return NOT_YET.some(one => one === code)
}
