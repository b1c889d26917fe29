// One of two ends that connect directly, with a session and with a bare data channel: the same in a process of Node and
// in a page of a browser, but for what it is made of.

import type { MeshNode, NodeOptions, Path, Peer } from '../client/api.ts'
import type { RtcSignal } from '../shared/node/rtc-host.ts'
import type { Way, WayEvents } from './bare-way.ts'
import { sendAll } from './sending.ts'

export interface DirectParts {
  createNode(options: NodeOptions): Promise<MeshNode>
  openBare(isOfferer: boolean, events: WayEvents): Way
  /** Of a browser, or one like it. */
  socket(url: string): WebSocket
}

/** Milliseconds from `dial` on. */
export interface Opening {
  readonly dialedMs: number
  readonly relayedMs: number
  readonly directMs: number
}

export interface BarePair {
  /** Of a bare relay, which both ends signal over. */
  readonly port: number
  readonly pair: string
}

export interface Count {
  readonly count: number
}

export interface Load extends Count {
  readonly bytes: number
}

/** Under load, too. */
const DIRECT_WITHIN_MS = 15_000
/** What is slow takes 1 s (decisions/027); what takes longer fails. */
const BARE_WITHIN_MS = 4_000
const METHODS = [
  'attach',
  'meet',
  'open',
  'listen',
  'received',
  'send',
  'bareAnswer',
  'bareOpen',
  'bareSend',
] as const satisfies readonly (keyof DirectEnd)[]

export type DirectMethod = (typeof METHODS)[number]

/** An end as whoever is elsewhere calls it. */
export function directMethods(parts: DirectParts): Record<DirectMethod, (args: never) => unknown> {
  const end = new DirectEnd(parts)
  const of = (name: DirectMethod) => (args: never) => end[name](args)
  return Object.fromEntries(METHODS.map(name => [name, of(name)])) as ReturnType<
    typeof directMethods
  >
}

class DirectEnd {
  readonly #parts: DirectParts
  #node: MeshNode | undefined
  #way: Way | undefined
  #isEchoing = true
  #onMessage = (): void => {}
  #onWritable = (): void => {}
  #received: Promise<number> | undefined

  constructor(parts: DirectParts) {
    this.#parts = parts
  }

  /** A node of a new key, in place of the one before. @returns the key */
  async attach({ url }: { readonly url: string }): Promise<string> {
    await this.#node?.close()
    const webrtc = { localAddresses: true }
    const node = await this.#parts.createNode({ servers: [url], identity: 'ephemeral', webrtc })
    this.#node = node
    node.addEventListener('message', ({ detail }) => {
      this.#onMessage()
      // A caller that leaves at once takes its echo's receipt along.
      if (this.#isEchoing) detail.reply(detail.data).catch(() => {})
    })
    await node.online()
    return node.key
  }

  /** Until an echo is back: over the server at first, then the first of those that go out directly. */
  async open({ key }: { readonly key: string }): Promise<Opening> {
    this.#isEchoing = false
    const start = performance.now()
    const peer = await this.#running.dial(key)
    const dialedMs = performance.now() - start
    await this.#echoOf(peer)
    const relayedMs = performance.now() - start
    await goesDirectly(peer)
    await this.#echoOf(peer)
    return { dialedMs, relayedMs, directMs: performance.now() - start }
  }

  /** From now on messages are counted; `received` gives the milliseconds from the first to the last. */
  listen({ count }: Count): void {
    let [seen, start] = [0, 0]
    this.#isEchoing = false
    this.#received = new Promise(resolve => {
      this.#onMessage = () => {
        if (seen++ === 0) start = performance.now()
        if (seen === count) resolve(performance.now() - start)
      }
    })
  }

  received(): Promise<number> | undefined {
    return this.#received
  }

  /** Settles when what is sent to the other end goes directly: a session that is not used stays where it is. */
  async meet({ key }: { readonly key: string }): Promise<void> {
    const peer = await this.#running.dial(key)
    await peer.send('hello')
    await goesDirectly(peer)
  }

  async send({ key, count, bytes }: Load & { readonly key: string }): Promise<void> {
    const peer = await this.#running.dial(key)
    await sendAll(peer, new Uint8Array(bytes).fill(1), count)
  }

  // ---- the same with a bare channel ----

  /** Answers an offer, and echoes. */
  async bareAnswer(pair: BarePair): Promise<void> {
    this.#isEchoing = true
    await this.#bare(pair, false, () => {})
  }

  /** @returns milliseconds from the offer until an echo is back */
  async bareOpen(pair: BarePair): Promise<number> {
    this.#isEchoing = false
    let start = 0
    const opened = new Promise<void>((resolve, reject) => {
      this.#bare(pair, true, resolve).then(at => {
        start = at
      }, reject)
    })
    await within(BARE_WITHIN_MS, opened)
    const echoed = new Promise<void>(resolve => {
      this.#onMessage = resolve
    })
    this.#way?.send(Uint8Array.of(1))
    await echoed
    return performance.now() - start
  }

  async bareSend({ count, bytes }: Load): Promise<void> {
    const data = new Uint8Array(bytes).fill(1)
    for (let n = 0; n < count; n++) {
      if (this.#way?.send(data) !== 'full') continue
      await new Promise<void>(resolve => {
        this.#onWritable = resolve
      })
    }
  }

  /** @returns when it began */
  async #bare({ port, pair }: BarePair, isOfferer: boolean, opened: () => void): Promise<number> {
    this.#way?.close()
    const socket = this.#parts.socket(`ws://127.0.0.1:${port}/${pair}`)
    await new Promise(resolve => socket.addEventListener('open', resolve))
    const start = performance.now()
    const way = this.#parts.openBare(isOfferer, {
      signal: signal => socket.send(JSON.stringify(signal)),
      opened,
      message: () => {
        this.#onMessage()
        if (this.#isEchoing) way.send(Uint8Array.of(1))
      },
      writable: () => this.#onWritable(),
    })
    socket.addEventListener('message', ({ data }) => way.signal(JSON.parse(data) as RtcSignal))
    this.#way = way
    return start
  }

  get #running(): MeshNode {
    if (this.#node === undefined) throw new Error('not attached')
    return this.#node
  }

  async #echoOf(peer: Peer): Promise<void> {
    const echoed = peer.messages()[Symbol.asyncIterator]().next()
    await peer.send('hello')
    await echoed
  }
}

/** Settles when data goes to the peer directly. */
function goesDirectly(peer: Peer): Promise<void> {
  const isDirect = (path: Path | undefined): boolean => path?.kind === 'direct'
  return within(
    DIRECT_WITHIN_MS,
    new Promise(resolve => {
      const look = (): void => {
        if (!isDirect(peer.path)) return
        peer.removeEventListener('path', look)
        resolve()
      }
      peer.addEventListener('path', look)
      look()
    }),
  )
}

async function within(timeoutMs: number, opened: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no direct connection')), timeoutMs)
  })
  try {
    await Promise.race([opened, late])
  } finally {
    clearTimeout(timer)
  }
}
