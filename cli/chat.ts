// A conversation with one key: lines go out, messages come in, and what became of each is told. The
// session may end and begin again meanwhile; the conversation goes on.

import type { MeshNode, Message, MessageData, Path, Peer } from '../client/node.ts'
import { deadlineIn } from './deadline.ts'
import { directLinkOf } from './direct-link.ts'
import { toCliError } from './errors.ts'
import { messageEvent } from './message-text.ts'
import type { Output } from './output.ts'
import { shortKey } from './output.ts'
import { isSamePath, pathText } from './path-text.ts'
import { printable, printableLine } from './printable.ts'

/** Lines on their way; a longer pipe waits. */
const MAX_SENDING = 32
const SHOWN_CHARS = 40

export interface ChatOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export class Chat {
  readonly #node: MeshNode
  readonly #key: string
  readonly #output: Output
  readonly #options: ChatOptions
  readonly #sending = new Set<Promise<void>>()
  #peer: Peer | undefined
  #path: Path | undefined
  #failure: unknown
  #isOver = false

  constructor(node: MeshNode, key: string, output: Output, options: ChatOptions) {
    this.#node = node
    this.#key = key
    this.#output = output
    this.#options = options
    node.addEventListener('peer', ({ detail }) => this.#watch(detail))
    node.addEventListener('message', ({ detail }) => this.#show(detail))
  }

  /** The last line that was not delivered failed with this; `undefined` when all were. */
  get failure(): unknown {
    return this.#failure
  }

  /** @throws {MeshError} as `MeshNode.dial` */
  async dial(timeoutMs = this.#options.timeoutMs): Promise<Peer> {
    const peer = await this.#node.dial(this.#key, { timeoutMs, signal: this.#options.signal })
    this.#watch(peer)
    return peer
  }

  /** Sends each line; settles when the lines have ended and the fate of each is known. */
  async sendAll(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      if (line === '') continue
      const sending = this.#send(line).finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
      if (this.#sending.size >= MAX_SENDING) await Promise.race(this.#sending)
    }
    await Promise.all(this.#sending)
    this.#isOver = true
  }

  async #send(text: string): Promise<void> {
    const deadline = deadlineIn(this.#options.timeoutMs)
    const shown = printableLine(clip(text))
    const { style } = this.#output
    const startMs = performance.now()
    try {
      const peer = await this.dial(deadline.leftMs())
      const { id } = await peer.send(text, {
        timeoutMs: deadline.leftMs(),
        signal: this.#options.signal,
      })
      const ms = Math.round(performance.now() - startMs)
      this.#output.result(
        { event: 'delivered', id, text, ms },
        style.dim(`  ✓ ${shown} (${ms} ms)`),
      )
    } catch (error) {
      this.#failure = error
      const { code, message } = toCliError(error)
      this.#output.result(
        { event: 'failed', text, code, message },
        style.red(`  ✗ ${shown} – not delivered: ${printableLine(message)} (${code})`),
      )
    }
  }

  #show(message: Message): void {
    const name = this.#output.style.bold(`${shortKey(message.from)}:`)
    this.#output.result(messageEvent(message), `${name} ${contentText(message.data)}`)
  }

  #watch(peer: Peer): void {
    if (this.#peer === peer) return
    this.#peer = peer
    peer.addEventListener('path', ({ detail }) => this.#pathChanged(detail))
    peer.addEventListener('close', ({ detail: { error } }) => {
      this.#path = undefined
      if (this.#isOver) return
      const reason = error === undefined ? '' : ` ${error.message} (${error.code})`
      this.#output.remark(
        { event: 'closed', ...(error && { code: error.code, message: error.message }) },
        `The session with ${shortKey(this.#key)} has ended.${reason}`,
      )
    })
    this.#pathChanged(peer.path)
  }

  #pathChanged(path: Path | undefined): void {
    if (isSamePath(path, this.#path)) return
    this.#path = path
    void this.#tellPath(path)
  }

  async #tellPath(path: Path | undefined): Promise<void> {
    const link = await directLinkOf(this.#node, this.#key, path)
    if (path !== this.#path) return
    this.#output.remark(
      { event: 'path', path: path ?? null, ...(link && { link }) },
      path === undefined
        ? `The way to ${shortKey(this.#key)} is lost; looking for another.`
        : `Connected to ${shortKey(this.#key)}: ${pathText(path, link)}.`,
    )
  }
}

/** Further lines are set in, so that none can pass for the start of another message. */
function contentText(data: MessageData): string {
  if (typeof data === 'string') return printable(data).replaceAll('\n', '\n  ')
  return `(${data.length} bytes that are not text)`
}

function clip(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`
}
