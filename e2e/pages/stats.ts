// A page with one node, steered through `window.mesh`: for what the library tells of itself in a browser.

import type { MeshNode, NodeStats, Path } from '../../client/browser.ts'
import { createNode } from '../../client/browser.ts'

export interface MeshControl {
  /** @returns its key, once it is online */
  start(server: string): Promise<string>
  /** Settles when delivered. */
  say(key: string, text: string): Promise<void>
  path(key: string): Promise<Path | undefined>
  stats(): Promise<NodeStats>
}

let node: MeshNode | undefined

const running = (): MeshNode => {
  if (node === undefined) throw new Error('not started')
  return node
}

const mesh: MeshControl = {
  async start(server) {
    node = await createNode({ servers: [server], identity: 'ephemeral' })
    node.addEventListener('message', () => {})
    await node.online()
    return node.key
  },
  async say(key, text) {
    await running().send(key, text)
  },
  async path(key) {
    return (await running().dial(key)).path
  },
  stats: () => running().stats(),
}

Object.assign(window, { mesh })
document.title = 'ready'
