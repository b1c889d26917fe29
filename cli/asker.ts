// A node for questions about a key: under one's own key where that is free, as a peer may let in only those that it
// knows, else under a new one.

import type { MeshNode, NodeOptions } from '../client/node.ts'
import { createNode, MeshError, storedKey } from '../client/node.ts'
import type { CliContext } from './context.ts'
import type { Asker } from './explanation-text.ts'
import type { NodeFlags } from './options.ts'
import { nodeOptions } from './options.ts'
import { closing } from './with-node.ts'

/** @param others options of the node beside those of the command line */
export async function withAsker<T>(
  flags: NodeFlags,
  { env, output, signal }: CliContext,
  others: Pick<NodeOptions, 'acceptPeer'>,
  work: (node: MeshNode, asker: Asker) => Promise<T>,
): Promise<T> {
  const kept = await keptKey(flags.data)
  const use = kept === undefined ? 'ephemeral' : 'kept'
  const options = { ...nodeOptions(flags, env, use, signal), ...others }
  const node = await createNode(options).catch((error: unknown) => {
    if (!(error instanceof MeshError) || error.code !== 'IN_USE') throw error
    output.remark(
      { event: 'identityInUse', key: kept },
      'Your identity is used by another keymesh process: asking under a new one.',
    )
    const { data, ...rest } = options
    return createNode({ ...rest, identity: 'ephemeral' })
  })
  const asker = { key: node.key, isNew: node.key !== kept }
  return closing(node, () => work(node, asker))
}

/** @returns `undefined` where none was made yet; asking is no occasion to make one */
async function keptKey(folder: string | undefined): Promise<string | undefined> {
  return storedKey(folder, { create: false }).catch((error: unknown) => {
    if (error instanceof MeshError && error.code === 'NOT_FOUND') return undefined
    throw error
  })
}
