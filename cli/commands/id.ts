// `keymesh id`: the key of this data folder, made on first use; its backup, and the way back. Opens no
// connection.

import type { Command } from 'commander'
import { Option } from 'commander'
import type { BackupOptions } from '../../client/node.ts'
import { backupIdentity, MeshError, restoreIdentity, storedKey } from '../../client/node.ts'
import { expectNoFile, readBackup, STANDARD_STREAM, writeBackup } from '../backup-file.ts'
import type { CliContext } from '../context.ts'
import { addJsonOption } from '../options.ts'
import { readPassphrase } from '../passphrase.ts'

const FOOTER = `
The passphrase of a backup is asked for on the terminal; else it is KEYMESH_PASSPHRASE, else the
first line of standard input. A new one has at least 8 characters.`

interface IdFlags {
  readonly data?: string
  readonly backup?: string
  readonly restore?: string
  readonly replace?: true
}

export function addId(program: Command, context: CliContext): void {
  const command = program
    .command('id')
    .description('print your key; it is made on first use')
    .option('-d, --data <folder>', 'folder of the identity (default: ~/.keymesh)')
    .option('--backup <file>', 'write the identity to a new file, under a passphrase; - is stdout')
    .addOption(
      new Option('--restore <file>', 'keep the identity of a backup; - is stdin').conflicts(
        'backup',
      ),
    )
    .option('--replace', 'with --restore: another identity that is kept there may be lost')
    .addHelpText('after', FOOTER)
  addJsonOption(command).action((flags: IdFlags) => run(context, flags))
}

async function run(context: CliContext, flags: IdFlags): Promise<void> {
  const { data, backup, restore, replace = false } = flags
  const options: BackupOptions = data === undefined ? {} : { data }
  if (restore !== undefined) return restoreFrom(context, restore, { ...options, replace })
  if (replace) throw new MeshError('USAGE', 'Nothing is replaced without --restore.')
  if (backup !== undefined) return backUpTo(context, backup, options)
  const key = await storedKey(data)
  context.output.result({ event: 'id', key }, key)
}

async function backUpTo(context: CliContext, file: string, options: BackupOptions): Promise<void> {
  const { output } = context
  const isToStdout = file === STANDARD_STREAM
  if (!isToStdout) await expectNoFile(file)
  const key = await storedKey(options.data, { create: false })
  const text = await backupIdentity(await readPassphrase(context, 'new'), options)
  if (isToStdout) {
    output.result({ event: 'backup', key, text }, text.trimEnd())
    return
  }
  await writeBackup(file, text)
  output.result({ event: 'backup', key, file }, key)
}

async function restoreFrom(
  context: CliContext,
  file: string,
  options: Parameters<typeof restoreIdentity>[2],
): Promise<void> {
  const { output, stdin, env } = context
  if (file === STANDARD_STREAM && !stdin.isTTY && env.KEYMESH_PASSPHRASE === undefined) {
    throw new MeshError('USAGE', 'Standard input cannot give both the backup and its passphrase.', {
      hint: 'Set KEYMESH_PASSPHRASE, or name the file of the backup.',
    })
  }
  const text = await readBackup(file, context)
  const key = await restoreIdentity(text, await readPassphrase(context, 'known'), options)
  output.result({ event: 'restored', key }, key)
}
