// `keymesh id`: the key of this data folder, made on first use. Opens no connection.

import type { Command } from 'commander'
import { storedKey } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { addJsonOption } from '../options.ts'

export function addId(program: Command, { output }: CliContext): void {
  const command = program
    .command('id')
    .description('print your key; it is made on first use')
    .option('-d, --data <folder>', 'folder of the identity (default: ~/.keymesh)')
  addJsonOption(command).action(async ({ data }: { data?: string }) => {
    const key = await storedKey(data)
    output.result({ event: 'id', key }, key)
  })
}
