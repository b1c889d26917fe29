// Waiting for the first server, as a promise. Reads the status and its events; asks nothing of the core.

import { MeshError, toMeshError } from '../shared/node/mesh-error.ts'
import { NODE_CLOSED } from '../shared/node/peer-failure.ts'
import type { MeshNode, NodeStatus } from './api.ts'
import { onAbort } from './on-abort.ts'
import { abortError } from './requests.ts'

type StatusSource = Pick<MeshNode, 'status' | 'addEventListener' | 'removeEventListener'>

/** @throws {MeshError} the reason of a server if one is known, else `TIMEOUT`; `ABORTED`, `CLOSED` */
export function waitOnline(
  node: StatusSource,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (node.status.state === 'online') return Promise.resolve()
  if (node.status.state === 'closed') return Promise.reject(toMeshError(NODE_CLOSED))
  if (signal?.aborted) return Promise.reject(abortError(signal))
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      stopListening()
      node.removeEventListener('status', onStatus)
      settle()
    }
    const onStatus = (): void => {
      if (node.status.state === 'online') finish(resolve)
      if (node.status.state === 'closed') finish(() => reject(toMeshError(NODE_CLOSED)))
    }
    const giveUp = (): void => finish(() => reject(offlineError(node.status, timeoutMs)))
    const timer = setTimeout(giveUp, timeoutMs)
    const stopListening =
      signal === undefined
        ? () => {}
        : onAbort(signal, () => finish(() => reject(abortError(signal))))
    node.addEventListener('status', onStatus)
  })
}

function offlineError(status: NodeStatus, timeoutMs: number): MeshError {
  const failure = status.servers.find(({ error }) => error !== undefined)?.error
  if (failure !== undefined) return toMeshError(failure)
  return new MeshError('TIMEOUT', `No server answered within ${timeoutMs} ms.`)
}
