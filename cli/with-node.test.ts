// Waiting for a server: what is worth waiting for, and what is not.

import { describe, expect, it } from 'vitest'
import type { ErrorCode, MeshNode, NodeEvents, NodeStatus } from '../client/node.ts'
import { MeshError } from '../client/node.ts'
import { Output } from './output.ts'
import { attach } from './with-node.ts'

/** A node whose servers fail as a test says; `online` settles only by its signal. */
function fakeNode() {
  let listener: ((event: CustomEvent<NodeEvents['status']>) => void) | undefined
  const node = {
    status: { state: 'connecting', servers: [] } as NodeStatus,
    online: ({ signal }: { signal: AbortSignal }) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(new MeshError('ABORTED', 'Aborted.')))
      }),
    addEventListener: (_: string, added: typeof listener) => {
      listener = added
    },
    removeEventListener: () => {
      listener = undefined
    },
    fail(...codes: (ErrorCode | 'online' | undefined)[]): void {
      const url = 'wss://one.example'
      const servers = codes.map(code => {
        if (code === 'online') return { url, state: code }
        const error = code && { code, message: `It was ${code}.` }
        return { url, state: 'waiting' as const, ...(error && { error }) }
      })
      this.status = { state: 'offline', servers }
      listener?.(new CustomEvent('status', { detail: this.status }))
    },
    get isHeard() {
      return listener !== undefined
    },
  }
  return node
}

function start() {
  const node = fakeNode()
  let remarks = ''
  const stderr = {
    write: (text: string) => {
      remarks += text
    },
  }
  const output = new Output({ stdout: stderr, stderr, env: {}, isJson: false })
  const controller = new AbortController()
  const context = { output, signal: controller.signal }
  const attached = attach(node as unknown as MeshNode, context, 3_000)
  return { node, attached, controller, remarks: () => remarks }
}

describe('attach', () => {
  it('gives up at once when every server refuses for good', async () => {
    const { node, attached } = start()
    node.fail('WRONG_NETWORK', 'UNAUTHENTICATED')
    await expect(attached).rejects.toMatchObject({
      code: 'WRONG_NETWORK',
      message: 'It was WRONG_NETWORK.',
    })
    expect(node.isHeard).toBe(false)
  })

  it('goes on while one server may still be reached, and says so once', async () => {
    const { node, attached, controller, remarks } = start()
    node.fail('WRONG_NETWORK', 'UNREACHABLE')
    node.fail('WRONG_NETWORK', 'QUOTA')
    node.fail('WRONG_NETWORK', undefined)
    expect(remarks()).toBe('keymesh: It was WRONG_NETWORK. Trying again for up to 3 s.\n')
    controller.abort()
    await expect(attached).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('says nothing of servers that fail beside one that does not', async () => {
    const { node, attached, controller, remarks } = start()
    node.fail('online', 'REFUSED')
    controller.abort()
    await expect(attached).rejects.toMatchObject({ code: 'ABORTED' })
    expect(remarks()).toBe('')
  })
})
