// A node for the length of one command: opened, attached to a server, and closed whatever happens.

import type { ErrorCode, MeshNode, NodeOptions, ServerStatus } from '../client/node.ts'
import { createNode, MeshError } from '../client/node.ts'
import type { CliContext } from './context.ts'
import type { NodeFlags } from './options.ts'
import { usesLan } from './options.ts'
import type { Output } from './output.ts'

/** Trying the same server again does not help against these. */
const LASTING: readonly ErrorCode[] = [
  'INCOMPATIBLE',
  'PROTOCOL',
  'REFUSED',
  'REVOKED',
  'UNAUTHENTICATED',
  'WRONG_NETWORK',
]

export async function withNode<T>(
  options: NodeOptions,
  work: (node: MeshNode) => Promise<T>,
): Promise<T> {
  const node = await createNode(options)
  return closing(node, () => work(node))
}

/** Closes the node after the work, whatever comes of it. */
export async function closing<T>(node: MeshNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await node.close()
  }
}

/** How long a server is waited for by those who may reach their peer without one. */
const SERVER_GRACE_MS = 1_500

/**
 * Waits a moment for a server: a peer on the local network can be reached without one, and whatever needs one
 * waits for it itself.
 * @throws {MeshError} when all servers refuse for good
 */
export async function attachOrLan(
  node: MeshNode,
  context: Pick<CliContext, 'env' | 'output' | 'signal'>,
  timeoutMs: number,
  flags: NodeFlags,
): Promise<void> {
  const hasLan = usesLan(flags, context.env)
  try {
    await attach(node, context, hasLan ? Math.min(timeoutMs, SERVER_GRACE_MS) : timeoutMs)
  } catch (error) {
    const isLate = error instanceof MeshError && ['TIMEOUT', 'UNREACHABLE'].includes(error.code)
    if (!hasLan || !isLate) throw error
  }
}

/**
 * Waits until a server is attached. Servers that cannot be reached are tried again until the time is up,
 * so that a server may be started together with its clients.
 * @throws {MeshError} with the reason of the first server; at once when all of them refuse for good
 */
export async function attach(
  node: MeshNode,
  { output, signal }: Pick<CliContext, 'output' | 'signal'>,
  timeoutMs: number,
): Promise<void> {
  const hopeless = new AbortController()
  const onStatus = (): void => {
    const { servers } = node.status
    if (servers.length > 0 && servers.every(hasLastingError)) hopeless.abort()
    else remarkOnce(servers)
  }
  const remarkOnce = retryRemark(output, timeoutMs)
  node.addEventListener('status', onStatus)
  try {
    const isGivenUp = AbortSignal.any([signal, hopeless.signal])
    await node.online({ timeoutMs, signal: isGivenUp })
  } catch (error) {
    const failure = node.status.servers.find(hasLastingError)?.error
    if (!hopeless.signal.aborted || signal.aborted || failure === undefined) throw error
    const { code, message, hint } = failure
    throw new MeshError(code, message, hint === undefined ? {} : { hint })
  } finally {
    node.removeEventListener('status', onStatus)
  }
}

function hasLastingError({ error }: ServerStatus): boolean {
  return error !== undefined && LASTING.includes(error.code)
}

function retryRemark(
  output: Output,
  timeoutMs: number,
): (servers: readonly ServerStatus[]) => void {
  let isSaid = false
  return servers => {
    // One of several is enough, and those that the node found by itself are its own affair.
    if (isSaid || servers.some(({ state }) => state === 'online')) return
    const error = servers.find(server => server.error && server.isLearned !== true)?.error
    if (error === undefined) return
    isSaid = true
    output.remark(
      { event: 'waiting', code: error.code, message: error.message },
      `${error.message} Trying again for up to ${Math.ceil(timeoutMs / 1000)} s.`,
    )
  }
}
