// `keymesh lookup KEY`: what the registry says of a key.

import type { Command } from 'commander'
import type { RecordView } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import type { NodeFlags } from '../options.ts'
import { addNodeOptions, keyArgument, nodeOptions } from '../options.ts'
import { printableLine } from '../printable.ts'
import { agoText } from '../quantity-text.ts'
import type { Style } from '../style.ts'
import { fieldLines } from '../table.ts'
import { attach, withNode } from '../with-node.ts'

export function addLookup(program: Command, context: CliContext): void {
  const { env, output, signal } = context
  const command = program
    .command('lookup')
    .description('show the signed record of a key')
    .argument('<key>', 'whom to look up', keyArgument)
  addNodeOptions(command, 'ephemeral').action((key: string, flags: NodeFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), async node => {
      const deadline = deadlineIn(flags.timeout)
      await attach(node, context, deadline.leftMs())
      const record = await node.lookup(key, { timeoutMs: deadline.leftMs(), signal })
      output.result({ event: 'record', ...record }, recordText(record, Date.now(), output.style))
    }),
  )
}

export function recordText(record: RecordView, nowMs: number, style: Style): string {
  const metadata = Object.entries(record.metadata).map(([name, value]) => `${name} = ${value}`)
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['key', [record.key]],
    ['type', [record.type]],
    [
      'last seen',
      [`${new Date(record.lastSeen).toISOString()} (${agoText(nowMs - record.lastSeen)})`],
    ],
    ['sequence', [String(record.sequence)]],
    ['servers', record.servers],
    ['endpoints', record.endpoints],
    ['metadata', metadata],
  ]
  const printed = rows.map(([title, values]) => [title, values.map(printableLine)] as const)
  return fieldLines(printed, style).join('\n')
}
