// A page of an application with one node, steered through `window.life`: notes, each with its time, what it was shown
// and how its node and its path to a peer are.

import type { MeshNode, NodeOptions, Path, Peer } from '../../client/browser.ts'
import { createNode } from '../../client/browser.ts'

/** The time in Unix ms. */
export type Noted = readonly [what: string, atMs: number]

export interface LifeReport {
  /** Texts in the order in which they were shown. */
  readonly shown: readonly Noted[]
  /** States of the node and kinds of the path, as they came. */
  readonly news: readonly Noted[]
  /** The longest time between two calls of a timer that is due every second. */
  readonly longestTickMs: number
}

export interface LifeControl {
  /** @returns its key */
  start(server: string, options: Pick<NodeOptions, 'webrtc'>): Promise<string>
  /** Writes to that peer until the path is such a one: only a session in use looks for a better one. */
  talkUntil(key: string, kind: Path['kind']): Promise<void>
  report(): LifeReport
}

const TICK_MS = 1_000
const PAUSE_MS = 20

let node: MeshNode | undefined
const shown: Noted[] = []
const news: Noted[] = []
let tickedAt = performance.now()
let longestTickMs = 0

setInterval(() => {
  longestTickMs = Math.max(longestTickMs, performance.now() - tickedAt)
  tickedAt = performance.now()
}, TICK_MS)

const note = (what: string): void => void news.push([what, Date.now()])

const running = (): MeshNode => {
  if (node === undefined) throw new Error('not started')
  return node
}

const follow = (peer: Peer): void => {
  const tell = (): void => note(peer.path?.kind ?? 'no path')
  tell()
  peer.addEventListener('path', tell)
}

const life: LifeControl = {
  async start(server, options) {
    node = await createNode({ servers: [server], ...options })
    node.addEventListener('status', ({ detail }) => note(detail.state))
    node.addEventListener('message', ({ detail }) => {
      shown.push([String(detail.data), Date.now()])
    })
    node.addEventListener('peer', ({ detail }) => follow(detail))
    await node.online()
    return node.key
  },
  async talkUntil(key, kind) {
    const peer = await running().dial(key)
    if (news.every(([what]) => what !== 'relay')) follow(peer)
    while (peer.path?.kind !== kind) {
      await peer.send('still there?')
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  },
  report: () => ({ shown, news, longestTickMs }),
}

Object.assign(window, { life })
document.title = 'ready'
