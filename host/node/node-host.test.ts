// The Node host with sockets on loopback: what the driver is told, and that nothing follows an end.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { AcceptedChannel, HostEvents } from '../../shared/node/host.ts'
import { NodeHost } from './node-host.ts'
import type { WsListener } from './testing/ws-listener.ts'
import { listenForSockets } from './testing/ws-listener.ts'

const CHANNEL: AcceptedChannel = { origins: [], addressClass: 'loopback' }
const TRUSTED = { isUntrusted: false }
const link = (n: number): LinkId => n as LinkId

type Told = readonly [name: string, ...details: unknown[]]

/** Plays the driver: keeps what it is told until a test asks. */
class Recorder implements HostEvents {
  readonly all: Told[] = []
  #wake = (): void => {}
  #nextIncoming = 100

  wake = (): void => this.#tell('wake')
  linkOpened = (id: LinkId): void => this.#tell('opened', id)
  linkMessage = (id: LinkId, bytes: Uint8Array): void => this.#tell('message', id, [...bytes])
  linkWritable = (id: LinkId): void => this.#tell('writable', id)
  linkLost = (id: LinkId, reason: string): void => this.#tell('lost', id, reason)
  storageChanged = (): void => {}
  linkAccepted = (): LinkId => {
    this.#nextIncoming += 1
    this.#tell('accepted', this.#nextIncoming)
    return link(this.#nextIncoming)
  }

  async until(name: string): Promise<Told> {
    for (;;) {
      const found = this.all.find(told => told[0] === name)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  #tell(...told: Told): void {
    this.all.push(told)
    this.#wake()
  }
}

let listener: WsListener
let url: ServerUrl
let host: NodeHost
let told: Recorder
let saved: [string, Uint8Array | undefined][] = []

beforeEach(async () => {
  listener = await listenForSockets()
  url = { scheme: 'ws', host: '127.0.0.1', port: listener.port }
  saved = []
  host = new NodeHost({ save: (key, value) => void saved.push([key, value]) })
  told = new Recorder()
  host.connect(told)
})

afterEach(async () => {
  host.dispose()
  await listener.close()
})

describe('NodeHost', () => {
  it('dials, sends and hears', async () => {
    const accepted = listener.accepted()
    host.dial(link(1), url, TRUSTED)
    await told.until('opened')
    const socket = await accepted
    socket.on('message', data => socket.send(data))
    expect(host.send(link(1), Uint8Array.of(1, 2))).toBe('ok')
    expect(await told.until('message')).toEqual(['message', 1, [1, 2]])
  })

  it('tells that a dial failed, and why', async () => {
    const answering = await listenForSockets()
    await answering.close()
    host.dial(link(1), { ...url, port: answering.port }, TRUSTED)
    expect(await told.until('lost')).toEqual(['lost', 1, 'unreachable'])
  })

  it('tells the reason with which the other side closed, and forgets the link', async () => {
    const accepted = listener.accepted()
    host.dial(link(1), url, TRUSTED)
    await told.until('opened')
    ;(await accepted).close(4_010)
    expect(await told.until('lost')).toEqual(['lost', 1, 'busy'])
    expect(host.send(link(1), Uint8Array.of(1))).toBe('ok')
    host.close(link(1), 'normal')
  })

  it('gives up a dial without a word', async () => {
    host.dial(link(1), url, TRUSTED)
    host.close(link(1), 'normal')
    const accepted = listener.accepted()
    host.dial(link(2), url, TRUSTED)
    await told.until('opened')
    await accepted
    expect(told.all).toEqual([['opened', 2]])
  })

  it('closes with the reason, and tells nothing itself', async () => {
    const accepted = listener.accepted()
    host.dial(link(1), url, TRUSTED)
    await told.until('opened')
    const socket = await accepted
    const code = new Promise(resolve => socket.once('close', resolve))
    host.close(link(1), 'wrongNetwork')
    expect(await code).toBe(4_004)
    expect(told.all).toEqual([['opened', 1]])
  })

  it('takes over a socket that was opened to us', async () => {
    const accepted = listener.accepted()
    const dialer = new NodeHost({ save: () => {} })
    const dialed = new Recorder()
    dialer.connect(dialed)
    dialer.dial(link(1), url, TRUSTED)
    host.adopt(await accepted, CHANNEL)
    expect(told.all).toEqual([['accepted', 101]])
    await dialed.until('opened')
    dialer.send(link(1), Uint8Array.of(7))
    expect(await told.until('message')).toEqual(['message', 101, [7]])
    dialer.dispose()
    expect(await told.until('lost')).toEqual(['lost', 101, 'normal'])
  })

  it('wakes its driver, and not after it was told not to', async () => {
    host.wakeAt(host.now())
    host.wakeAt(undefined)
    host.wakeAt(host.now() + 1)
    await told.until('wake')
    expect(told.all).toEqual([['wake']])
  })

  it('keeps small values', () => {
    host.save('a', Uint8Array.of(1))
    host.save('a', undefined)
    expect(saved).toEqual([
      ['a', Uint8Array.of(1)],
      ['a', undefined],
    ])
  })

  it('gives random bytes that share memory with nothing', () => {
    const [one, two] = [host.randomBytes(32), host.randomBytes(32)]
    expect(one).not.toEqual(two)
    for (const bytes of [one, two]) expect(bytes.constructor).toBe(Uint8Array)
  })

  it('disposed, it drops every socket and tells nothing more', async () => {
    const accepted = listener.accepted()
    host.dial(link(1), url, TRUSTED)
    await told.until('opened')
    const socket = await accepted
    const closed = new Promise(resolve => socket.once('close', resolve))
    host.dial(link(2), url, TRUSTED)
    host.wakeAt(host.now())
    host.dispose()
    await closed
    const late = listener.accepted()
    const other = new NodeHost({ save: () => {} })
    other.connect(new Recorder())
    other.dial(link(1), url, TRUSTED)
    host.adopt(await late, CHANNEL)
    other.dispose()
    expect(told.all).toEqual([['opened', 1]])
  })

  it('turns a socket away when nobody drives it', async () => {
    const idle = new NodeHost({ save: () => {} })
    const accepted = listener.accepted()
    host.dial(link(1), url, TRUSTED)
    idle.adopt(await accepted, CHANNEL)
    await told.until('lost')
  })
})
