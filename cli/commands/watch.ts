// `keymesh watch KEY…`: what becomes of keys, one line for each change, until it is stopped.

import type { Command } from 'commander'
import type { MeshNode, Presence } from '../../client/node.ts'
import { MAX_WATCHES } from '../../shared/wire/limits.ts'
import type { CliContext } from '../context.ts'
import { untilAborted } from '../interrupt.ts'
import type { NodeFlags } from '../options.ts'
import { addNodeOptions, keyArgument, nodeOptions } from '../options.ts'
import { shortKey } from '../output.ts'
import type { Style } from '../style.ts'
import { attach, withNode } from '../with-node.ts'

const FOOTER = `
That a key comes is told at once; that it goes, some eight seconds later: it may only be moving.`

export function addWatch(program: Command, context: CliContext): void {
  const { env, signal } = context
  const command = program
    .command('watch')
    .description('tell when keys come online, go offline, move or are revoked')
    .argument('<key...>', `whom to watch, ${MAX_WATCHES} keys at most`, keyArguments)
    .addHelpText('after', FOOTER)
  addNodeOptions(command, 'ephemeral').action((keys: string[], flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), async node => {
      await attach(node, context, flags.timeout)
      const wanted = new Set(keys)
      for (const key of wanted) watch(node, key, context)
      const number = wanted.size === 1 ? 'one key' : `${wanted.size} keys`
      context.output.remark(
        { event: 'watching', keys: [...wanted] },
        `Watching ${number}; Ctrl-C ends.`,
      )
      await untilAborted(signal)
    }),
  )
}

function watch(node: MeshNode, key: string, { output }: CliContext): void {
  let before: Presence | undefined
  node.watch(key, presence => {
    const text = presenceText(presence, before, Date.now(), output.style)
    before = presence
    output.result({ event: 'presence', ...presence }, text)
  })
}

/** @param before what was told of the same key last */
export function presenceText(
  presence: Presence,
  before: Presence | undefined,
  nowMs: number,
  style: Style,
): string {
  const time = style.dim(new Date(nowMs).toISOString())
  return `${time} ${shortKey(presence.key)} ${newsOf(presence, before, style)}`
}

function newsOf(presence: Presence, before: Presence | undefined, style: Style): string {
  const { state, record, successor } = presence
  if (state === 'revoked') {
    const heir = successor === undefined ? '' : `; its successor is ${successor}`
    return style.red(`revoked${heir}`)
  }
  if (state === 'unknown') return record === undefined ? 'unknown' : 'unknown: no server can say'
  if (state === 'offline') return style.red('offline')
  const at = serversText(record?.servers ?? [])
  if (before?.state !== 'online') return `${style.green('online')}${at}`
  const hasMoved = serversText(before.record?.servers ?? []) !== at
  return hasMoved ? `moved${at}` : 'has a new record'
}

function serversText(servers: readonly string[]): string {
  return servers.length === 0 ? '' : ` at ${servers.map(shortKey).join(', ')}`
}

function keyArguments(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), keyArgument(text)]
}
