// A page of an application that is open in several tabs: one node for all of them, steered through `window.tab`. Notes
// what it sent, what became of it and when, what it was shown, and whether it is the tab that has the sockets.

import type { MeshNode } from '../../client/browser.ts'
import { createNode } from '../../client/browser.ts'

export interface TabReport {
  readonly isLeading: boolean
  readonly state: string
  /** Texts that were delivered, with the time at which this tab knew, Unix ms. */
  readonly delivered: readonly (readonly [text: string, atMs: number])[]
  readonly failed: readonly string[]
  /** Texts in the order in which they were shown. */
  readonly shown: readonly string[]
}

export interface TabControl {
  start(server: string): Promise<string>
  dial(key: string): Promise<void>
  /** One every few milliseconds, until there are so many; does not wait for receipts. */
  send(key: string, prefix: string, count: number, everyMs: number): Promise<void>
  ask(what: 'lookup' | 'routes' | 'explain', key: string): Promise<string>
  watch(key: string): Promise<string>
  /** @returns once nothing is under way */
  settled(): Promise<TabReport>
  report(): TabReport
  close(): Promise<void>
}

const sockets = new Set<WebSocket>()
class CountedSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    sockets.add(this)
    this.addEventListener('close', () => sockets.delete(this))
  }
}
window.WebSocket = CountedSocket

let node: MeshNode | undefined
const delivered: [string, number][] = []
const failed: string[] = []
const shown: string[] = []
const underWay = new Set<Promise<void>>()

const running = (): MeshNode => {
  if (node === undefined) throw new Error('not started')
  return node
}

const report = (): TabReport => ({
  isLeading: [...sockets].some(({ readyState }) => readyState <= WebSocket.OPEN),
  state: running().status.state,
  delivered,
  failed,
  shown,
})

const tab: TabControl = {
  async start(server) {
    node = await createNode({ servers: [server], webrtc: false })
    node.addEventListener('message', ({ detail }) => void shown.push(String(detail.data)))
    await node.online()
    return node.key
  },
  async dial(key) {
    await running().dial(key)
  },
  async send(key, prefix, count, everyMs) {
    for (let at = 0; at < count; at += 1) {
      const text = `${prefix} ${at}`
      const outcome = running()
        .send(key, text)
        .then(
          () => void delivered.push([text, Date.now()]),
          error => void failed.push(`${text}: ${error}`),
        )
        .finally(() => underWay.delete(outcome))
      underWay.add(outcome)
      await new Promise(resolve => setTimeout(resolve, everyMs))
    }
  },
  async ask(what, key) {
    return JSON.stringify(await running()[what](key))
  },
  watch: key =>
    new Promise(resolve => {
      const stop = running().watch(key, ({ state }) => {
        resolve(state)
        queueMicrotask(() => stop())
      })
    }),
  async settled() {
    while (underWay.size > 0) await Promise.all(underWay)
    return report()
  },
  report,
  async close() {
    await running().close()
  },
}

Object.assign(window, { tab })
document.title = 'ready'
