// The smallest program for tests of the world itself: writes down what its host tells it, with the virtual
// time, and answers each message if asked to. It knows nothing of keymesh.

import type { LinkId } from '../../shared/link/link-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { AcceptedChannel, DialedChannel, Host, HostEvents } from '../../shared/node/host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import type { Program, SimNode } from '../sim-node.ts'

export interface ProbeEntry {
  readonly atMs: number
  readonly what: string
  readonly bytes?: Uint8Array
}

/** A server's name in tests and the address of it. */
export const SERVER_URL: ServerUrl = { scheme: 'ws', host: 'server.test', port: 80 }
export const SERVER_CHANNEL: AcceptedChannel = {
  origins: ['ws://server.test'],
  addressClass: 'public',
}

export class Probe implements HostEvents {
  readonly host: Host
  readonly log: ProbeEntry[] = []
  readonly links: LinkId[] = []
  readonly #node: SimNode
  readonly #answers: boolean
  #nextLink = 1

  constructor(node: SimNode, host: Host, options: { readonly answers?: boolean } = {}) {
    this.#node = node
    this.host = host
    this.#answers = options.answers ?? false
  }

  /** What was told, as `what@time` with whole milliseconds. */
  get story(): string[] {
    return this.log.map(({ what, atMs }) => `${what}@${Math.round(atMs)}`)
  }

  get messages(): Uint8Array[] {
    return this.log.flatMap(({ bytes }) => bytes ?? [])
  }

  dial(url: ServerUrl = SERVER_URL): LinkId {
    const link = this.#newLink()
    this.host.dial(link, url, { isUntrusted: false })
    return link
  }

  wake(): void {
    this.#tell('wake')
  }

  linkOpened(link: LinkId, _channel: DialedChannel): void {
    this.#tell(`opened ${link}`)
  }

  linkAccepted(_channel: AcceptedChannel): LinkId {
    const link = this.#newLink()
    this.#tell(`accepted ${link}`)
    return link
  }

  linkMessage(link: LinkId, bytes: Uint8Array): void {
    this.log.push({ atMs: this.#node.world.nowMs, what: `message ${link}`, bytes })
    if (this.#answers) this.host.send(link, bytes)
  }

  linkWritable(link: LinkId): void {
    this.#tell(`writable ${link}`)
  }

  linkLost(link: LinkId, reason: CloseReason): void {
    this.#tell(`lost ${link} ${reason}`)
  }

  storageChanged(isWorking: boolean): void {
    this.#tell(isWorking ? 'storage works' : 'storage fails')
  }

  #newLink(): LinkId {
    const link = this.#nextLink as LinkId
    this.#nextLink += 1
    this.links.push(link)
    return link
  }

  #tell(what: string): void {
    this.log.push({ atMs: this.#node.world.nowMs, what })
  }
}

/** Boots a probe; the returned function gives the one that runs now. */
export function bootProbe(
  node: SimNode,
  options: { readonly answers?: boolean } = {},
): () => Probe {
  let current: Probe | undefined
  node.boot(
    probeProgram(node, options, probe => {
      current = probe
    }),
  )
  return () => {
    if (current === undefined) throw new Error('No probe runs.')
    return current
  }
}

export function probeProgram(
  node: SimNode,
  options: { readonly answers?: boolean },
  onBoot: (probe: Probe) => void,
): Program {
  return host => {
    const probe = new Probe(node, host, options)
    onBoot(probe)
    return probe
  }
}
