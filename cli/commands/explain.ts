// `keymesh explain KEY`: tries to reach a key, and tells all there is to tell of how that went: for when a friend
// cannot be reached.

import type { Command } from 'commander'
import { adviceOf } from '../../client/advice.ts'
import type { MeshNode } from '../../client/node.ts'
import { MeshError } from '../../client/node.ts'
import { withAsker } from '../asker.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import { noDirect } from '../direct-text.ts'
import { DIRECT_WAIT_MS, explanationAfterDirect } from '../direct-wait.ts'
import type { Asker } from '../explanation-text.ts'
import { explanationText } from '../explanation-text.ts'
import { linkLines } from '../links-text.ts'
import { messageEvent } from '../message-text.ts'
import { namesIn } from '../node-names.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, webRtcSwitch } from '../options.ts'
import { shortKey } from '../output.ts'
import { printableLine } from '../printable.ts'
import { askedAs, verdictText } from '../verdict.ts'
import { attachOrLan } from '../with-node.ts'

const FOOTER = `
It dials the key first, so that what fails is seen: as your identity where no other program uses that, else as
a new one. While a direct connection is being made it waits up to five seconds for the outcome. Ends with the exit
code of the attempt.`

/** Names are a nicety that nobody waits long for. */
const NAME_TIMEOUT_MS = 2_000

export function addExplain(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .description('tell how a key is reached, or why it is not')
    .argument('<key>', 'whom to reach', keyArgument)
    .addHelpText('after', FOOTER)
  addPeerOptions(command, 'kept').action((key: string, flags: NodeFlags) => {
    // Nobody else's messages are to come in here, where nobody reads them.
    const acceptPeer = (caller: string): boolean => caller === key
    return withAsker(flags, context, { acceptPeer }, (node, asker) =>
      explain(node, asker, key, flags, context),
    )
  })
}

async function explain(
  node: MeshNode,
  asker: Asker,
  key: string,
  flags: NodeFlags,
  context: CliContext,
): Promise<void> {
  const { env, output, signal, stdout } = context
  const { style } = output
  showMessages(node, context)
  output.remark({ event: 'dialing', key }, `Trying to reach ${shortKey(key)}.`)
  const failure = await failureToReach(node, key, flags, context)
  const explanation = await explanationAfterDirect(
    () => node.explain(key, { timeoutMs: flags.timeout, signal }),
    { waitMs: Math.min(DIRECT_WAIT_MS, flags.timeout), signal },
  )
  const names = await namesIn(explanation, one =>
    node.lookup(one, { timeoutMs: NAME_TIMEOUT_MS, signal }),
  )
  const advice = askedAs(asker, adviceOf(explanation, failure), failure)
  const { links } = await node.stats({ signal })
  const look = { names, nowMs: Date.now() }
  const webRtcOff = webRtcSwitch(flags, env)
  const why = noDirect(explanation, webRtcOff !== undefined)
  const told = explanationText(explanation, { asker, style, webRtcOff, ...look })
  const open = links.length === 0 ? [] : ['', 'Your links:', ...linkLines(links, look, style)]
  const text = [told, ...open].join('\n')
  const isFailed = failure !== undefined && advice.kind !== 'reached'
  // A terminal shows the error right below; a file has to say by itself what it comes to.
  const isSaidBelow = isFailed && stdout.isTTY
  const verdict = verdictText(advice, isFailed ? failure : undefined, style)
  output.result(
    {
      event: 'explained',
      ...explanation,
      ...(why !== undefined && { noDirect: why }),
      links,
      names: Object.fromEntries(names),
      asker,
      advice,
    },
    isSaidBelow ? text : `${text}\n\n${verdict}`,
  )
  if (!isFailed) return
  const { sentence, hint } = advice
  throw new MeshError(failure.code, sentence, hint === undefined ? {} : { hint })
}

/** Those of the key itself, which may dial us meanwhile, and of sessions from before: they count as delivered. */
function showMessages(node: MeshNode, { output }: CliContext): void {
  node.addEventListener('message', ({ detail }) => {
    const { from, data } = detail
    const text = typeof data === 'string' ? printableLine(data) : `${data.length} bytes`
    output.remark(messageEvent(detail), `A message of ${shortKey(from)} came meanwhile: ${text}`)
  })
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
